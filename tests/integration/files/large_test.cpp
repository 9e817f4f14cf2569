// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/csv_source.hpp"
#include "connectors/duckdb/statistics.hpp"
#include "tests/integration/files/file_folder.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <stop_token>
#include <thread>

// Files beyond the start that is read for types: their figures come from DuckDB.
namespace mapctl::test {
namespace {

constexpr int row_count = 60'000;

std::string lines(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) {
    text += fmt::format("{},{:06},{}.{:02},{:02}/{:02}/2024,{},\"text, {}\"\n", i, i % 1000,
                        i % 500, i % 100, i % 28 + 1, i % 12 + 1, i % 10 == 0 ? "" : "Paris", i);
  }
  return text;
}

const std::string header = "row_id,code,price,day,city,note\n";

TEST_CASE("a large file has exact figures over all rows", "[files]") {
  FileFolder folder;
  folder.add("a.csv", header + lines(0, row_count));
  const auto quick = folder.read("a.csv");
  CHECK(only_table(quick).row_count_is_estimate);
  CHECK(static_cast<double>(*only_table(quick).row_count) == Approx(row_count).epsilon(0.1));

  const auto found = folder.read("a.csv", true);
  const auto& table = only_table(found);
  CHECK(columns_of(table) ==
        "row_id:integer code:string price:decimal day:date city:string note:string");
  CHECK(table.row_count == row_count);
  CHECK_FALSE(table.row_count_is_estimate);
  CHECK(found.warnings.empty());
  const auto& id = *table.columns[0].statistics;
  CHECK(id.rows == row_count);
  CHECK(id.sampled);
  CHECK(id.minimum == "0");
  CHECK(id.maximum == "59999");
  CHECK(*id.mean == Approx(29999.5));
  CHECK(id.distinct == row_count);
  CHECK(id.quantiles[3] == Approx(30000).epsilon(0.1));
  CHECK(id.tells_rows_apart());
  CHECK_FALSE(table.columns[1].statistics->tells_rows_apart());
  CHECK(table.columns[1].statistics->share(catalog::ValuePattern::leading_zeros) == Approx(1));
  CHECK(table.columns[2].statistics->maximum == "499.99");
  CHECK(table.columns[2].statistics->fraction_digits == 2);
  CHECK(table.columns[3].type.native == "DATE %d/%m/%Y");
  CHECK(table.columns[3].statistics->minimum == "01/01/2024");
  CHECK(table.columns[3].statistics->maximum == "28/12/2024");
  CHECK(table.columns[4].statistics->null_share == Approx(0.1));
  CHECK(table.columns[4].statistics->frequent.at(0).text == "Paris");
  CHECK(table.columns[4].statistics->frequent.at(0).count == row_count / 10 * 9);
  CHECK(table.columns[5].statistics->longest == 11);
}

TEST_CASE("values behind the start that do not fit the type make the column text", "[files]") {
  FileFolder folder;
  auto text = header + lines(0, row_count);
  text += "none,x,free,someday,Rome,n\n";
  folder.add("a.csv", text);
  CHECK(columns_of(only_table(folder.read("a.csv"))) ==
        "row_id:integer code:string price:decimal day:date city:string note:string");
  const auto found = folder.read("a.csv", true);
  CHECK(columns_of(only_table(found)) ==
        "row_id:string code:string price:string day:string city:string note:string");
  CHECK(only_table(found).row_count == row_count + 1);
  CHECK(only_table(found).columns[0].statistics->maximum == "none");
}

TEST_CASE("bad rows far behind the start are told with their line", "[files]") {
  FileFolder folder;
  folder.add("long.csv", header + lines(0, row_count) + "1,2,3,01/01/2024,5,6,7\n" + lines(0, 10));
  const auto found = folder.read("long.csv", true);
  CHECK(only_table(found).row_count == row_count + 10);
  CHECK(warns(found, fmt::format("1 row was left out, the first in line {}: it has more than 6 "
                                 "fields",
                                 row_count + 2)));
  folder.add("short.csv", header + lines(0, row_count) + "1,2,3\n" + lines(0, 10));
  const auto padded = folder.read("short.csv", true);
  CHECK(only_table(padded).row_count == row_count + 11);
  CHECK(warns(padded, "fewer than 6 fields"));
  folder.add("latin.csv", header + lines(0, row_count) + "1,2,3,01/01/2024,M\xFC,6\n");
  const auto error = folder.failure("latin.csv", true);
  CHECK(error.code() == ErrorCode::invalid_data);
  CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring(
                               fmt::format("line {}: not UTF-8 text", row_count + 2)));
}

TEST_CASE("a row that is left out does not decide the types of its columns", "[files]") {
  FileFolder folder;
  // A comma that lacks its quotes moves what follows.
  folder.add("a.csv", header + lines(0, row_count) + "none,007,Smith, John,01/01/2024,Rome,n\n" +
                          lines(0, 5));
  const auto found = folder.read("a.csv", true);
  CHECK(columns_of(only_table(found)) ==
        "row_id:integer code:string price:decimal day:date city:string note:string");
  CHECK(only_table(found).row_count == row_count + 5);
  REQUIRE(found.warnings.size() == 1);
  CHECK(warns(found, fmt::format("1 row was left out, the first in line {}", row_count + 2)));
}

TEST_CASE("compressed files are read as they are", "[files]") {
  FileFolder folder;
  connectors::duckdb::Session session;
  session.execute("COPY (SELECT i AS id, 'n' || i AS name FROM range(50000) t(i)) TO '" +
                  folder.path("a.csv.gz") + "' (FORMAT csv, COMPRESSION gzip)");
  const auto found = folder.read("a.csv.gz", true);
  CHECK(only_table(found).name.text == "a");
  CHECK(columns_of(only_table(found)) == "id:integer name:string");
  CHECK(only_table(found).row_count == 50000);
  CHECK(only_table(found).columns[0].statistics->maximum == "49999");
}

TEST_CASE("figures do not depend on the number of threads", "[files]") {
  namespace file = connectors::duckdb;
  FileFolder folder;
  // Several of the blocks that DuckDB gives to threads.
  std::string text = header;
  for (int part = 0; part < 12; ++part) {
    text += lines(0, row_count);
  }
  folder.add("a.csv", text);
  file::DataFile data;
  data.path = folder.path("a.csv");
  std::vector<std::vector<catalog::ColumnStatistics>> results;
  for (const int threads : {1, 2, 4}) {
    file::Session session;
    session.execute(fmt::format("SET threads = {}", threads));
    const auto table = file::inspect_csv(session, data, {}, {});
    const auto source = file::csv_source(session, table, file::BadRows::skip);
    results.push_back(file::profile(session, source, 20'000, {}).columns);
  }
  CHECK((results[0] == results[1]));
  CHECK((results[0] == results[2]));
  CHECK(results[0].at(0).rows == 12 * row_count);
}

TEST_CASE("reading a large file stops when it is asked to", "[files]") {
  FileFolder folder;
  folder.add("a.csv", header + lines(0, row_count));
  std::stop_source stop;
  auto reader = folder.open("a.csv")->open_reader({{}, catalog::TableName{"a"}}, stop.get_token());
  std::vector<std::optional<std::string_view>> row;
  REQUIRE(reader->next(row));
  CHECK(std::string{row[0].value_or("")} == "0");
  stop.request_stop();
  int more = 0;
  try {
    while (reader->next(row)) {
      ++more;
    }
    FAIL("reading went on to the end");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::cancelled);
    CHECK(more < row_count / 2);
  }
}

// With the last one its DuckDB ends, whose threads may still be at the query then.
TEST_CASE("a reader that an exception leaves behind keeps no thread at work", "[files]") {
  FileFolder folder;
  folder.add("a.csv", header + lines(0, row_count));
  std::vector<std::optional<std::string_view>> row;
  for (int round = 0; round < 20; ++round) {
    const auto read_and_fail = [&] {
      auto reader = folder.open("a.csv")->open_reader({{}, catalog::TableName{"a"}}, {});
      REQUIRE(reader->next(row));
      throw Error{ErrorCode::invalid_data, "the rows do not suit the caller"};
    };
    CHECK_THROWS_WITH(read_and_fail(), "the rows do not suit the caller");
  }
}

TEST_CASE("statistics that are cancelled at any moment end with that error", "[files]") {
  FileFolder folder;
  folder.add("a.csv", header + lines(0, row_count));
  ports::DiscoveryScope scope;
  scope.statistics = true;
  for (int round = 0; round < 20; ++round) {
    std::stop_source stop;
    const std::jthread canceller{[&] {
      std::this_thread::sleep_for(std::chrono::milliseconds{3 * round});
      stop.request_stop();
    }};
    try {
      folder.open("a.csv")->discover(scope, stop.get_token());
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::cancelled);
    }
  }
}

TEST_CASE("the real exports are read without loss", "[files]") {
  const char* data = std::getenv("MAPCTL_TEST_DATA");
  const auto exports = std::filesystem::path{data != nullptr ? data : ""} / "data/aam/sources";
  if (!std::filesystem::is_directory(exports)) {
    skip("data", "MAPCTL_TEST_DATA names no folder with data/aam/sources");
  }
  ports::ConnectorOptions options;
  options.options["path"] = exports.string();
  ports::DiscoveryScope scope;
  scope.statistics = true;
  const auto found = connectors::duckdb::factory().open(options, {})->discover(scope, {});
  CHECK_FALSE(found.tables().empty());
  for (const auto& entry : found.tables()) {
    INFO(entry.table->name.text);
    CHECK(entry.table->columns.size() > 1);
    CHECK(*entry.table->row_count > 0);
  }
}

}  // namespace
}  // namespace mapctl::test
