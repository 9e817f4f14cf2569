// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/sqlite/fixture.hpp"

using namespace mapctl;
using namespace mapctl::connectors::sqlite::test;

namespace {

catalog::Catalog profile(const SampleFile& file, std::int64_t rows) {
  ports::DiscoveryScope scope;
  scope.statistics = true;
  scope.statistics_rows = rows;
  return file.discover(scope);
}

const catalog::ColumnStatistics& statistics(const catalog::Catalog& catalog,
                                            const std::string& table_name,
                                            const std::string& column) {
  const auto* found = catalog.find(table(table_name));
  REQUIRE(found != nullptr);
  const auto* column_found = found->find(catalog::ColumnName{column});
  REQUIRE(column_found != nullptr);
  REQUIRE(column_found->statistics);
  return *column_found->statistics;
}

const std::string ten_thousand =
    "CREATE TABLE big (id INTEGER PRIMARY KEY, n INTEGER, label TEXT);"
    "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 10000) "
    "INSERT INTO big SELECT x * 7, x, CASE WHEN x % 4 = 0 THEN NULL ELSE 'l' || (x % 10) END "
    "FROM c;";

}  // namespace

TEST_CASE("a table within the limit is profiled whole", "[sqlite]") {
  const SampleFile file{ten_thousand};
  const auto catalog = profile(file, 100'000);
  const auto& label = statistics(catalog, "big", "label");
  CHECK(label.rows == 10'000);
  CHECK_FALSE(label.sampled);
  CHECK(label.null_share == 0.25);
  CHECK(label.distinct == 10);
  const auto& number = statistics(catalog, "big", "n");
  REQUIRE(number.mean);
  CHECK(*number.mean == mapctl::test::Approx(5000.5));
}

TEST_CASE("a larger table is sampled evenly, boundedly and always alike", "[sqlite]") {
  const SampleFile file{ten_thousand};
  for (const std::int64_t limit : {100, 2'500}) {
    const auto catalog = profile(file, limit);
    const auto& number = statistics(catalog, "big", "n");
    CHECK(number.sampled);
    CHECK(number.rows <= limit);
    CHECK(number.rows >= limit / 2);
    REQUIRE(number.mean);
    CHECK(*number.mean == mapctl::test::Approx(5000).epsilon(0.05));
    CHECK(statistics(profile(file, limit), "big", "n") == number);
    CHECK(catalog.find(table("big"))->row_count == 10'000);
  }
}

TEST_CASE("rows numbered with large gaps, at the ends of 64 bits, are sampled", "[sqlite]") {
  const SampleFile file{
      "CREATE TABLE gaps (v TEXT);"
      "INSERT INTO gaps (rowid, v) VALUES (-9223372036854775807, 'a'), (1, 'b'), (2, 'c'), "
      "(3, 'd'), (9223372036854775807, 'e');"};
  const auto catalog = profile(file, 3);
  const auto& value = statistics(catalog, "gaps", "v");
  CHECK(value.rows >= 2);
  CHECK(value.rows <= 3);
  CHECK(value.sampled);
}

TEST_CASE("tables without row numbers, or whose columns hide them, are sampled too", "[sqlite]") {
  const SampleFile file{
      "CREATE TABLE keyed (k TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID;"
      "CREATE TABLE hiding (rowid TEXT, oid TEXT, _rowid_ INTEGER);"
      "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 1000) "
      "INSERT INTO keyed SELECT printf('%05d', x), x FROM c;"
      "INSERT INTO hiding SELECT 'r' || n, 'o', n FROM keyed;"};
  const auto catalog = profile(file, 100);
  for (const auto& [name, column] : {std::pair{"keyed", "n"}, std::pair{"hiding", "_rowid_"}}) {
    const auto& number = statistics(catalog, name, column);
    CHECK(number.rows == 100);
    REQUIRE(number.mean);
    CHECK(*number.mean == mapctl::test::Approx(500).epsilon(0.05));
  }
}

TEST_CASE("a view is profiled by its first rows", "[sqlite]") {
  const SampleFile file{ten_thousand + "CREATE VIEW v AS SELECT n FROM big WHERE n <= 50;"};
  auto catalog = profile(file, 1000);
  CHECK(statistics(catalog, "v", "n").rows == 50);
  CHECK_FALSE(statistics(catalog, "v", "n").sampled);
  CHECK(catalog.find(table("v"))->row_count == 50);
  catalog = profile(file, 20);
  CHECK(statistics(catalog, "v", "n").rows == 20);
  CHECK(statistics(catalog, "v", "n").sampled);
  CHECK_FALSE(catalog.find(table("v"))->row_count);
}

TEST_CASE("an empty table has statistics over no rows", "[sqlite]") {
  const SampleFile file{"CREATE TABLE t (a TEXT)"};
  CHECK(statistics(profile(file, 10), "t", "a").rows == 0);
}

TEST_CASE("samples of personal columns are masked unless they are wanted", "[sqlite]") {
  std::string sql = "CREATE TABLE person (email TEXT);";
  for (int i = 0; i < 50; ++i) {
    sql += "INSERT INTO person VALUES ('jane.doe" + std::to_string(i) + "@example.com');";
  }
  const SampleFile file{sql};
  ports::DiscoveryScope scope;
  scope.statistics = true;
  const auto has_clear_text = [&] {
    const auto catalog = file.discover(scope);
    const auto& samples = statistics(catalog, "person", "email").samples;
    REQUIRE_FALSE(samples.empty());
    return samples.front().find("jane.doe") != std::string::npos;
  };
  CHECK_FALSE(has_clear_text());
  scope.protect_personal_data = false;
  CHECK(has_clear_text());
}
