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

TEST_CASE("an input of another column's rule is mapped, and asks nothing", "[report]") {
  PairReport pair = test::plain_pair(1, 2);
  mapping::Transformation join =
      test::step(mapping::TransformationKind::join, {{"separator", " "}});
  join.inputs = {"column_1", "column_2"};
  pair.proposal.fields[0] = test::field("column_1", {test::candidate("column_1", 0.9, join)});
  pair.proposal.fields[1] = test::field("column_2", {}, false);
  const auto rows = mapping_rows({}, pair);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].input_of.empty());
  CHECK(rows[1].target.empty());
  CHECK(rows[1].input_of.text == "column_1");
  const auto unmapped = unmapped_targets({}, pair, rows);
  const Figures figures = figures_of(pair, rows, unmapped);
  CHECK(figures.mapped == 2);
  CHECK(figures.unmapped == 0);
  CHECK(figures.mappings == 1);
  for (const Issue& issue : issues_of(pair, rows, unmapped)) {
    CHECK(issue.message != "no target column was found");
  }
  FieldRecord rejected;
  rejected.source = catalog::ColumnName{"column_1"};
  rejected.target = catalog::ColumnName{"column_1"};
  rejected.status = ReviewStatus::rejected;
  pair.records.push_back(rejected);
  CHECK(mapping_rows({}, pair)[1].input_of.empty());
}

TEST_CASE("targets that one column feeds by its parts are no rivals", "[report]") {
  PairReport pair = test::plain_pair(1, 2);
  const auto part = [](const char* which) {
    return test::step(mapping::TransformationKind::split, {{"part", which}, {"separator", " "}});
  };
  pair.proposal.fields.resize(1);
  pair.proposal.fields[0] =
      test::field("column_1", {test::candidate("column_1", 0.9, part("first")),
                               test::candidate("column_2", 0.9, part("last"))});
  pair.proposal.fields[0].decision = {0, 1};
  const auto rows = mapping_rows({}, pair);
  CHECK(rows.size() == 2);
  CHECK(issues_of(pair, rows, {}).empty());
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

TEST_CASE("a constant is a row without source column that counts for its target", "[report]") {
  PairReport pair = test::plain_pair(1, 2);
  pair.proposal.fields.resize(1);
  pair.proposal.fields.push_back(test::field(
      "",
      {test::candidate("column_2", 0.8,
                       test::step(mapping::TransformationKind::constant, {{"value", "EUR"}}))}));
  RunReport run;
  run.tenant = TenantName{"default"};
  Lines lines{run, pair};
  REQUIRE(lines.rows.size() == 2);
  CHECK(lines.unmapped.empty());
  const Figures figures = figures_of(pair, lines.rows, lines.unmapped);
  CHECK(figures.source_fields == 1);
  CHECK(figures.mapped == 1);
  CHECK(figures.mappings == 2);
  CHECK(figures.coverage() == 1.0);
  FieldRecord rejected;
  rejected.target = catalog::ColumnName{"column_2"};
  rejected.status = ReviewStatus::rejected;
  pair.records.push_back(rejected);
  const Lines after{run, pair};
  CHECK(after.rows.size() == 1);
  REQUIRE(after.unmapped.size() == 1);
  CHECK(after.unmapped[0].id == lines.rows[1].id);
}
