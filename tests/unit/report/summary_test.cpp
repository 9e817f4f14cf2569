// SPDX-License-Identifier: Apache-2.0
#include "core/report/summary.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/report/sample_run.hpp"

#include <algorithm>

using namespace mapctl;
using namespace mapctl::report;
using test::Approx;

namespace {

struct Lines {
  Lines(const RunReport& run, const PairReport& pair)
      : rows{mapping_rows(run, pair)}, unmapped{unmapped_targets(run, pair, rows)} {}
  std::vector<MappingRow> rows;
  std::vector<UnmappedRow> unmapped;
  const MappingRow& row(const std::string& source) const {
    return *std::find_if(rows.begin(), rows.end(), [&](const MappingRow& each) {
      return each.field->source_column.text == source;
    });
  }
};

}  // namespace

TEST_CASE("a row has the status that the registry holds", "[report]") {
  const test::SampleRun sample = test::sample_run();
  const Lines lines{sample.run, sample.pairs[0]};
  CHECK(lines.row("name").status == ReviewStatus::approved);
  CHECK(lines.row("country").status == ReviewStatus::flagged);
  CHECK(lines.row("legacy_flag").status == ReviewStatus::not_used);
  CHECK(lines.row("industry").status == ReviewStatus::proposed);
}

TEST_CASE("a target that a person chose replaces the one proposed", "[report]") {
  test::SampleRun sample = test::sample_run();
  FieldRecord chosen;
  chosen.source = catalog::ColumnName{"industry"};
  chosen.target = catalog::ColumnName{"website"};
  chosen.status = ReviewStatus::approved;
  sample.pairs[0].records = {chosen};
  const Lines lines{sample.run, sample.pairs[0]};
  CHECK(lines.row("industry").target.text == "website");
  CHECK(lines.row("industry").decision == nullptr);
  CHECK(std::count_if(lines.rows.begin(), lines.rows.end(), [](const MappingRow& row) {
          return row.field->source_column.text == "industry";
        }) == 1);
}

TEST_CASE("a column decided for two targets gives two rows and counts once", "[report]") {
  const test::SampleRun sample = test::sample_run();
  const Lines lines{sample.run, sample.pairs[1]};
  CHECK(lines.rows.size() == 7);
  const Figures figures = figures_of(sample.pairs[1], lines.rows, lines.unmapped);
  CHECK(figures.source_fields == 6);
  CHECK(figures.mapped == 5);
  CHECK(figures.mappings == 6);
}

TEST_CASE("coverage counts what is mapped or decided not to be used", "[report]") {
  const test::SampleRun sample = test::sample_run();
  const Lines lines{sample.run, sample.pairs[0]};
  const Figures figures = figures_of(sample.pairs[0], lines.rows, lines.unmapped);
  CHECK(figures.source_fields == 8);
  CHECK(figures.mapped == 6);   // the rejected one and the unused one are not
  CHECK(figures.decided == 7);  // the unused one is decided
  CHECK(figures.unmapped == 1);
  CHECK(figures.coverage() == Approx(7.0 / 8));
  CHECK(figures.required_unmapped == 1);
  CHECK(figures.lossy == 1);
  CHECK(figures.approved == 1);
  CHECK(figures.rejected == 1);
  CHECK(figures.effort_minutes > 0);
}

TEST_CASE("a target whose only mapping was rejected is unmapped", "[report]") {
  const test::SampleRun sample = test::sample_run();
  const Lines lines{sample.run, sample.pairs[0]};
  REQUIRE(lines.unmapped.size() == 2);
  CHECK(lines.unmapped[0].name == "owner_id");
  CHECK(lines.unmapped[0].required);
  CHECK(lines.unmapped[1].name == "website");
}

TEST_CASE("every line has an id of its own, also an unmapped one", "[report]") {
  const test::SampleRun sample = test::sample_run();
  const Lines lines{sample.run, sample.pairs[0]};
  std::vector<std::string> ids;
  for (const MappingRow& row : lines.rows) {
    ids.push_back(row.id);
  }
  for (const UnmappedRow& row : lines.unmapped) {
    ids.push_back(row.id);
  }
  std::sort(ids.begin(), ids.end());
  CHECK_FALSE(ids.front().empty());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

TEST_CASE("equivalence follows from types, warnings and confidence", "[report]") {
  const test::SampleRun sample = test::sample_run();
  const Lines lines{sample.run, sample.pairs[0]};
  CHECK(lines.row("name").equivalence == Equivalence::equal);
  CHECK(lines.row("industry").equivalence == Equivalence::equivalent);
  CHECK(lines.row("annualrevenue").equivalence == Equivalence::narrower);
  CHECK(lines.row("=SUM(A1:A9)").equivalence == Equivalence::inexact);
  CHECK(lines.row("legacy_flag").equivalence == Equivalence::unmatched);
}

TEST_CASE("issues name failures, open required targets, losses and near ties", "[report]") {
  const test::SampleRun sample = test::sample_run();
  const Lines lines{sample.run, sample.pairs[0]};
  const std::vector<Issue> issues = issues_of(sample.pairs[0], lines.rows, lines.unmapped);
  const auto has = [&](Severity severity, const std::string& subject, const std::string& part) {
    return std::any_of(issues.begin(), issues.end(), [&](const Issue& issue) {
      return issue.severity == severity && issue.subject == subject &&
             issue.message.find(part) != std::string::npos;
    });
  };
  CHECK(has(Severity::error, "account.owner_id", "is required"));
  CHECK(has(Severity::warning, "companies.annualrevenue", "rounded"));
  CHECK(has(Severity::question, "companies.country", "nearly as likely"));
  CHECK_FALSE(has(Severity::question, "companies.legacy_flag", "no target"));
  CHECK(issues.front().severity == Severity::error);
  CHECK(issues.front().line == lines.rows.size());

  const Lines failed{sample.run, sample.pairs[2]};
  const std::vector<Issue> of_failed = issues_of(sample.pairs[2], failed.rows, failed.unmapped);
  REQUIRE(of_failed.size() == 1);
  CHECK(of_failed[0].message == "cannot read 'Orders/2024: all [draft]'");
}

TEST_CASE("a mapping of full confidence is counted in the last band", "[report]") {
  const test::SampleRun sample = test::sample_run();
  PairReport pair = test::plain_pair(1, 2);
  pair.proposal.fields[0].candidates[0].confidence = 1.0;
  pair.proposal.fields[1].candidates[0].confidence = 0.7;
  const Lines lines{sample.run, pair};
  const Figures figures = figures_of(pair, lines.rows, lines.unmapped);
  CHECK(figures.bands[9] == 1);
  CHECK(figures.bands[7] == 1);
  CHECK(confidence_band(0.9) == "high");
  CHECK(confidence_band(0.7) == "medium");
  CHECK(confidence_band(0.699) == "low");
}
