// SPDX-License-Identifier: Apache-2.0
#include "core/report/model.hpp"

#include "core/report/summary.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/report/sample_run.hpp"

using namespace mapctl;
using namespace mapctl::report;

TEST_CASE("a review status is read with a space or an underscore", "[report]") {
  CHECK(review_status_from("needs info") == ReviewStatus::needs_info);
  CHECK(review_status_from("needs_info") == ReviewStatus::needs_info);
  CHECK(review_status_from(" Approved ") == ReviewStatus::approved);
  CHECK_FALSE(review_status_from("done"));
}

TEST_CASE("review words become the registry's and not_used none", "[report]") {
  CHECK(mapping_status_of(ReviewStatus::flagged) == mapping::MappingStatus::pending_review);
  CHECK(mapping_status_of(ReviewStatus::approved) == mapping::MappingStatus::active);
  CHECK_FALSE(mapping_status_of(ReviewStatus::not_used));
  CHECK(review_status_of(mapping::MappingStatus::active) == ReviewStatus::approved);
}

TEST_CASE("the export id follows from run, tenant, registry version and time", "[report]") {
  RunReport run = test::sample_run().run;
  const std::string id = export_id_of(run);
  CHECK(id == export_id_of(run));
  run.registry_version = "4";
  CHECK(id != export_id_of(run));
  run.export_id = "given";
  CHECK(export_id_of(run) == "given");
}

TEST_CASE("a source filter keeps the pairs of an endpoint or a table", "[report]") {
  const test::SampleRun sample = test::sample_run();
  PairList list{sample.pairs};
  const auto count = [&](const std::string& source, const std::string& entity) {
    Filter filter;
    filter.source = source;
    filter.entity = entity;
    FilteredPairs filtered{list, filter};
    filtered.rewind();
    std::size_t pairs = 0;
    while (filtered.next() != nullptr) {
      ++pairs;
    }
    return pairs;
  };
  CHECK(count("hubspot", "") == 2);
  CHECK(count("cont*", "") == 1);
  CHECK(count("", "account") == 1);
  CHECK(count("hubspot", "wide*") == 0);
}

TEST_CASE("a confidence filter hides mappings but not what is truly unmapped", "[report]") {
  const test::SampleRun sample = test::sample_run();
  PairList list{sample.pairs};
  Filter filter;
  filter.source = "companies";
  filter.min_confidence = 0.9;
  FilteredPairs filtered{list, filter};
  const PairReport* pair = filtered.next();
  REQUIRE(pair != nullptr);
  const std::vector<MappingRow> rows = mapping_rows(sample.run, *pair);
  REQUIRE(rows.size() == 3);
  for (const MappingRow& row : rows) {
    CHECK(row.confidence >= 0.9);
  }
  // country (0.76) is filtered out; it is fed all the same.
  std::vector<std::string> unmapped;
  for (const UnmappedRow& row : unmapped_targets(sample.run, *pair, rows)) {
    unmapped.push_back(row.name);
  }
  CHECK(unmapped == std::vector<std::string>{"owner_id", "website"});
}

TEST_CASE("a status filter keeps one of several targets of a column", "[report]") {
  test::SampleRun sample = test::sample_run();
  FieldRecord record;
  record.source = catalog::ColumnName{"full_name"};
  record.target = catalog::ColumnName{"last_name"};
  record.status = ReviewStatus::approved;
  FieldRecord other = record;
  other.target = catalog::ColumnName{"first_name"};
  other.status = ReviewStatus::proposed;
  sample.pairs[1].records = {record, other};
  PairList list{sample.pairs};
  Filter filter;
  filter.source = "contacts";
  filter.statuses = {ReviewStatus::approved};
  FilteredPairs filtered{list, filter};
  const PairReport* pair = filtered.next();
  REQUIRE(pair != nullptr);
  const std::vector<MappingRow> rows = mapping_rows(sample.run, *pair);
  REQUIRE(rows.size() == 1);
  CHECK(rows.front().target.text == "last_name");
}
