// SPDX-License-Identifier: Apache-2.0
// Databases of others, where they are at hand.
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "tests/integration/postgres/source_fixture.hpp"

#include <filesystem>

using namespace mapctl;
using namespace mapctl::test;

namespace {

std::filesystem::path sample(const std::string& file) {
  const char* data = std::getenv("MAPCTL_TEST_DATA");
  const std::filesystem::path folder{data == nullptr ? "" : data};
  for (const auto& path : {folder / "samples" / file, folder / "data/samples" / file}) {
    if (data != nullptr && std::filesystem::exists(path)) {
      return path;
    }
  }
  skip("samples", "MAPCTL_TEST_DATA has no " + file);
}

// Loads a dump with psql, which knows COPY FROM stdin.
void load(const Database& database, const std::filesystem::path& file) {
  const std::string command =
      "psql -qX '" + database.url("postgres") + "' -f '" + file.string() + "' >/dev/null 2>&1";
  REQUIRE(std::system(command.c_str()) == 0);
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
  load(database, sample("pagila/pagila-schema.sql"));
  load(database, sample("pagila/pagila-data.sql"));
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
  // The script makes a database of its own and fills that: here under a name that no other test
  // has.
  std::string script = read_file(sample("chinook/Chinook_PostgreSql.sql"));
  const Database database;
  const std::string name = database.name() + "_chinook";
  for (const char* words : {"DROP DATABASE IF EXISTS ", "CREATE DATABASE ", "\\c "}) {
    script = replace_all(script, words + std::string{"chinook;"}, words + name + ";");
  }
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "chinook.sql", script);
  load(database, folder.path() / "chinook.sql");
  auto options = options_of(database.url("postgres"));
  options.options["database"] = name;
  const auto connector = connectors::postgres::factory().open(options, {});
  const auto found = connector->discover(with_statistics(), {});
  CHECK(found.warnings.empty());
  CHECK(found.tables().size() == 11);
  CHECK(foreign_keys(found) == 11);
  CHECK(table_in(found, "public", "track").row_count == 3503);
  CHECK(read_all(*connector->open_reader(ref("public", "artist"), {})).size() == 275);
  database.run("DROP DATABASE " + name + " WITH (FORCE)", "postgres");
}

TEST_CASE("the sample AdventureWorks is found over several schemas", "[postgres]") {
  const Database database;
  load(database, sample("adventureworks/install.sql"));
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
