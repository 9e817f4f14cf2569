// SPDX-License-Identifier: Apache-2.0
// Databases of others, where they are at hand.
#include "tests/integration/postgres/source_fixture.hpp"

#include <filesystem>

using namespace mapctl;
using namespace mapctl::test;

namespace {

// Loads a dump with psql, which knows COPY FROM stdin.
void load(const Database& database, const std::vector<std::string>& files) {
  const char* data = std::getenv("MAPCTL_TEST_DATA");
  for (const auto& file : files) {
    const std::filesystem::path path =
        std::filesystem::path{data == nullptr ? "" : data} / "samples" / file;
    const auto other = std::filesystem::path{data == nullptr ? "" : data} / "data/samples" / file;
    const auto& found = std::filesystem::exists(path) ? path : other;
    if (data == nullptr || !std::filesystem::exists(found)) {
      skip("samples", "MAPCTL_TEST_DATA has no " + file);
    }
    const std::string command =
        "psql -qX '" + database.url("postgres") + "' -f '" + found.string() + "' >/dev/null 2>&1";
    REQUIRE(std::system(command.c_str()) == 0);
  }
}

std::size_t foreign_keys(const catalog::Catalog& found) {
  std::size_t count = 0;
  for (const auto& entry : found.tables()) {
    count += entry.table->foreign_keys.size();
  }
  return count;
}

}  // namespace

TEST_CASE("the sample Pagila is found with its partitions, enums, domains and views",
          "[postgres]") {
  const Database database;
  load(database, {"pagila/pagila-schema.sql", "pagila/pagila-data.sql"});
  const auto found = open(database.url("postgres"))->discover(with_statistics(), {});
  // One of its materialized views was never filled.
  REQUIRE(found.warnings.size() == 1);
  CHECK_THAT(found.warnings[0].hint, Catch::Matchers::ContainsSubstring("REFRESH"));
  const auto& film = table_in(found, "public", "film");
  CHECK(film.row_count == 1000);
  CHECK(column_in(film, "rating").allowed_values ==
        std::vector<std::string>{"G", "PG", "PG-13", "R", "NC-17"});
  CHECK(column_in(film, "special_features").type.element == catalog::LogicalType::string);
  const auto& payment = table_in(found, "public", "payment");
  CHECK(payment.property("partition_key") != nullptr);
  CHECK(payment.row_count.value_or(0) > 10'000);
  CHECK(table_in(found, "public", "film_list").kind == catalog::TableKind::view);
  CHECK(column_in(table_in(found, "public", "customer"), "email").statistics->distinct == 599);
}

TEST_CASE("the sample Chinook is found with its keys and rows", "[postgres]") {
  const Database database;
  load(database, {"chinook/Chinook_PostgreSql.sql"});
  // The script makes a database of its own and fills that.
  auto options = options_of(database.url("postgres"));
  options.options["database"] = "chinook";
  const auto connector = connectors::postgres::factory().open(options, {});
  const auto found = connector->discover(with_statistics(), {});
  CHECK(found.warnings.empty());
  CHECK(found.tables().size() == 11);
  CHECK(foreign_keys(found) == 11);
  CHECK(table_in(found, "public", "track").row_count == 3503);
  CHECK(read_all(*connector->open_reader(ref("public", "artist"), {})).size() == 275);
  database.run("DROP DATABASE chinook WITH (FORCE)", "postgres");
}

TEST_CASE("the sample AdventureWorks is found over several schemas", "[postgres]") {
  const Database database;
  load(database, {"adventureworks/install.sql"});
  const auto found = open(database.url("postgres"))->discover({}, {});
  CHECK(found.schemas.size() >= 5);
  CHECK(foreign_keys(found) >= 80);
  const auto& header = table_in(found, "sales", "salesorderheader");
  CHECK_FALSE(header.comment.empty());
  bool crosses = false;
  for (const auto& key : header.foreign_keys) {
    crosses = crosses || key.references.schema.text != "sales";
  }
  CHECK(crosses);
}
