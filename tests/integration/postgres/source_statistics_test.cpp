// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/postgres/source_fixture.hpp"

using namespace mapctl;
using namespace mapctl::test;

namespace {

catalog::Table profiled(const Database& database, const std::string& table, std::int64_t rows) {
  auto scope = with_statistics(table);
  scope.statistics_rows = rows;
  const auto found = open(database.url())->discover(scope, {});
  CHECK(found.warnings.empty());
  return table_in(found, "public", table);
}

const catalog::ColumnStatistics& of(const catalog::Table& table, const std::string& column) {
  const auto& statistics = column_in(table, column).statistics;
  REQUIRE(statistics.has_value());
  return *statistics;
}

constexpr auto big = R"(
CREATE TABLE big AS
  SELECT g AS id, g % 10 AS digit, CASE WHEN g % 4 = 0 THEN NULL ELSE 'user' || g || '@example.org' END
    AS mail, date '2020-01-01' + g % 1000 AS day, (g * 0.01)::numeric(10,2) AS price,
    g % 2 = 0 AS even, jsonb_build_object('g', g) AS data
  FROM generate_series(1, 30000) g;
)";

}  // namespace

TEST_CASE("a table within the limit is counted and profiled whole", "[postgres]") {
  const Database database;
  database.run(big);
  const auto table = profiled(database, "big", 100'000);
  CHECK(table.row_count == 30'000);
  CHECK_FALSE(table.row_count_is_estimate);
  CHECK_FALSE(of(table, "id").sampled);
  CHECK(of(table, "id").rows == 30'000);
  CHECK(of(table, "id").minimum == "1");
  CHECK(of(table, "id").maximum == "30000");
  CHECK(of(table, "digit").distinct == 10);
  CHECK(of(table, "mail").null_share == Approx(0.25));
  CHECK(of(table, "mail").share(catalog::ValuePattern::email) == Approx(1));
  CHECK(of(table, "price").fraction_digits == 2);
  CHECK(of(table, "even").distinct == 2);
}

TEST_CASE("of a larger table a sample is drawn, and the server tells the rest", "[postgres]") {
  const Database database;
  database.run(big);  // the catalog knows nothing of its size yet
  const auto table = profiled(database, "big", 2'000);
  CHECK(table.row_count == 30'000);
  CHECK_FALSE(table.row_count_is_estimate);
  const auto& id = of(table, "id");
  CHECK(id.sampled);
  CHECK(id.rows <= 2'000);
  CHECK(id.rows > 1'500);
  // Over the whole table, not only the sample.
  CHECK(id.minimum == "1");
  CHECK(id.maximum == "30000");
  CHECK(id.quantiles.front() == 1);
  CHECK(id.quantiles.back() == 30'000);
  CHECK(of(table, "mail").null_share == Approx(0.25));
  CHECK(of(table, "mail").minimum == "user10001@example.org");
  CHECK(of(table, "mail").maximum == "user9@example.org");
  CHECK(of(table, "day").minimum == "2020-01-01");
  CHECK(of(table, "day").maximum == "2022-09-26");
  CHECK(of(table, "price").maximum == "300.00");
  // The sample is spread over the table and not its beginning.
  CHECK(id.quantiles[3] == Approx(15'000).epsilon(0.1));
  CHECK(of(table, "digit").distinct == 10);
  // Drawn the same way again.
  CHECK((profiled(database, "big", 2'000) == table));
}

TEST_CASE("of a view the first rows are taken", "[postgres]") {
  const Database database;
  database.run(
      "CREATE VIEW v AS SELECT g FROM generate_series(1, 100000) g;"
      "CREATE VIEW few AS SELECT g FROM generate_series(1, 7) g");
  const auto table = profiled(database, "v", 500);
  CHECK(of(table, "g").sampled);
  CHECK(of(table, "g").rows == 500);
  CHECK_FALSE(table.row_count.has_value());
  CHECK(profiled(database, "few", 500).row_count == 7);
}

TEST_CASE("an empty table and one of nothing but nulls have statistics", "[postgres]") {
  const Database database;
  database.run(
      "CREATE TABLE none (a int, b text); CREATE TABLE nulls (a int, b text);"
      "INSERT INTO nulls SELECT NULL, NULL FROM generate_series(1, 50)");
  const auto none = profiled(database, "none", 10);
  CHECK(none.row_count == 0);
  CHECK(of(none, "a").rows == 0);
  const auto nulls = profiled(database, "nulls", 10);
  CHECK(nulls.row_count == 50);
  CHECK(of(nulls, "b").null_share == 1);
  CHECK_FALSE(of(nulls, "b").minimum.has_value());
}

TEST_CASE("values that look personal are masked in samples and in what the server told",
          "[postgres]") {
  const Database database;
  database.run(big);
  auto scope = with_statistics("big");
  scope.statistics_rows = 1'000;
  scope.protect_personal_data = true;
  const auto found = open(database.url())->discover(scope, {});
  const auto& mail = column_in(table_in(found, "public", "big"), "mail");
  REQUIRE(mail.personal.has_value());
  CHECK(mail.statistics->minimum->find("user10001") == std::string::npos);
  for (const auto& sample : mail.statistics->samples) {
    CHECK(sample.find("user") == std::string::npos);
  }
}

TEST_CASE("a statement timeout ends what takes too long and the rest goes on", "[postgres]") {
  const Database database;
  database.run("CREATE VIEW slow AS SELECT pg_sleep(60)::text AS x; CREATE TABLE fine (a int)");
  auto options = options_of(database.url());
  options.options["statement_timeout"] = "300ms";
  const auto connector = connectors::postgres::factory().open(options, {});
  const auto found = connector->discover(with_statistics(), {});
  REQUIRE(found.warnings.size() == 1);
  CHECK(found.warnings[0].object == "table 'public.slow'");
  CHECK_THAT(found.warnings[0].hint, Catch::Matchers::ContainsSubstring("statement_timeout"));
  CHECK(table_in(found, "public", "fine").row_count == 0);
}
