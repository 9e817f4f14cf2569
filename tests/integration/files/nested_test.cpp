// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/session.hpp"
#include "tests/integration/files/file_folder.hpp"

#include <fmt/format.h>

namespace mapctl::test {
namespace {

using Strings = std::vector<std::string>;

TEST_CASE("objects in JSON become dotted columns and lists stay lists", "[files]") {
  FileFolder folder;
  folder.add("a.json",
             R"([{"id":"001","org_id":{"value":5,"owner":{"name":"x"}},"tags":["a","b"]},)"
             R"({"id":"002","org_id":null,"late":1.5}])");
  const auto found = folder.read("a.json", true);
  const auto& table = only_table(found);
  CHECK(columns_of(table) ==
        "id:string org_id.value:integer org_id.owner.name:string tags:array late:floating");
  CHECK(table.columns[3].type.element == catalog::LogicalType::string);
  CHECK(table.columns[1].statistics->presence == 0.5);
  CHECK_FALSE(table.columns[0].statistics->presence.has_value());
  CHECK(table.row_count == 2);
  CHECK(rows_of(folder, "a.json") == Strings{"001|5|x|[\"a\",\"b\"]|-", "002|-|-|-|1.5"});
}

TEST_CASE("one object, JSON Lines and an empty list are tables too", "[files]") {
  FileFolder folder;
  folder.add("one.json", R"({"a":1,"b":{"c":"x"}})")
      .add("lines.ndjson", "{\"a\":1}\n{\"a\":2,\"b\":\"x\"}\n")
      .add("none.json", "[]");
  CHECK(columns_of(only_table(folder.read("one.json"))) == "a:integer b.c:string");
  CHECK(only_table(folder.read("one.json")).row_count == 1);
  CHECK(rows_of(folder, "lines.ndjson") == Strings{"1|-", "2|x"});
  CHECK(only_table(folder.read("none.json", true)).row_count == 0);
  CHECK(only_table(folder.read("none.json")).columns.empty());
}

TEST_CASE("broken JSON is told with file and line", "[files]") {
  FileFolder folder;
  folder.add("a.json", "[{\"a\":1},\n{\"a\":2 \"b\"}]").add("b.jsonl", "{\"a\":1}\n{\"a\":x}\n");
  const auto array = folder.failure("a.json");
  CHECK(array.code() == ErrorCode::invalid_data);
  CHECK_THAT(array.what(), Catch::Matchers::ContainsSubstring(folder.path("a.json")));
  CHECK_THAT(array.what(), Catch::Matchers::ContainsSubstring("line 2"));
  const auto lines = folder.failure("b.jsonl");
  CHECK(std::string{lines.what()} ==
        "file '" + folder.path("b.jsonl") + "', line 2: not a JSON object");
}

TEST_CASE("JSON that is nested more deeply than the stack can follow is refused with its line",
          "[files]") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  FileFolder folder;
  folder.add("a.json", nested(200'000))
      .add("b.jsonl", "{\"a\":1}\n{\"a\":" + nested(200'000) + "}\n")
      .add("c.json", nested(256))
      .add("d.jsonl", "{\"a\":1}\n");
  const auto error = folder.failure("a.json");
  CHECK(error.code() == ErrorCode::invalid_data);
  CHECK(std::string{error.what()} ==
        "file '" + folder.path("a.json") + "', line 1: nested more than 256 levels deep");
  CHECK_THAT(folder.failure("b.jsonl", true).what(),
             Catch::Matchers::ContainsSubstring("b.jsonl', line 2: nested more than 256 levels"));
  CHECK_THROWS_WITH(folder.open("a.json")->open_reader({{}, catalog::TableName{"a"}}, {}),
                    Catch::Matchers::ContainsSubstring("nested more than 256"));
  // Packed: what is small on the disk need not be in the memory.
  connectors::duckdb::Session session;
  session.execute("COPY (SELECT '" + nested(200'000) + "') TO '" + folder.path("e.json.gz") +
                  "' (FORMAT csv, HEADER false, QUOTE '', COMPRESSION gzip)");
  CHECK_THAT(folder.failure("e.json.gz").what(),
             Catch::Matchers::ContainsSubstring("nested more than 256 levels"));
  const auto found = folder.read();
  CHECK(found.tables().size() == 2);
  CHECK(found.warnings.size() == 3);
}

TEST_CASE("values that come late in a JSON file decide its types too", "[files]") {
  FileFolder folder;
  std::string early;
  for (int row = 0; row < 30'000; ++row) {
    early += fmt::format("{{\"n\":{},\"o\":{{\"x\":{}}}}}\n", row, row);
  }
  folder.add("a.jsonl", early + "{\"n\":\"none\",\"o\":{\"x\":1,\"late\":\"y\"}}\n");
  const auto found = folder.read("a.jsonl", true);
  const auto& table = only_table(found);
  CHECK(table.row_count == 30'001);
  REQUIRE(table.columns.size() == 3);
  CHECK(table.columns[0].type.logical != catalog::LogicalType::integer);
  CHECK(columns_of(table).ends_with(" o.x:integer o.late:string"));
  CHECK(rows_of(folder, "a.jsonl").back().ends_with("none\"|1|y"));
}

TEST_CASE("a big JSON file that is unlike its start is looked through", "[files][slow]") {
  FileFolder folder;
  {
    std::ofstream file{folder.path("a.jsonl"), std::ios::binary};
    const std::string filler(1000, 'f');
    for (int row = 0; row < 70'000; ++row) {
      file << fmt::format("{{\"n\":{},\"t\":\"{}\"}}\n", row, filler);
    }
    file << "{\"n\":\"none\",\"t\":\"\"}\n";
  }
  const auto found = folder.read("a.jsonl", true);
  const auto& table = only_table(found);
  CHECK(table.row_count == 70'001);
  CHECK(table.columns[0].type.logical != catalog::LogicalType::integer);
  CHECK(table.columns[1].statistics->longest == 1000);
}

TEST_CASE("Parquet gives its types and counts rows without reading them", "[files]") {
  FileFolder folder;
  connectors::duckdb::Session session;
  session.execute(
      "COPY (SELECT i AS id, {'city': 'x', 'zip': '0' || i} AS address, "
      "CAST(i AS DECIMAL(10,2)) AS amount, [i] AS list, 'b'::ENUM('a','b') AS kind "
      "FROM range(1000) t(i)) TO '" +
      folder.path("p.parquet") + "' (FORMAT parquet)");
  const auto found = folder.read("p.parquet", true);
  const auto& table = only_table(found);
  CHECK(columns_of(table) ==
        "id:integer address.city:string address.zip:string amount:decimal list:array kind:string");
  CHECK(table.columns[3].type.precision == 10);
  CHECK(table.columns[3].type.native == "DECIMAL(10,2)");
  CHECK(table.row_count == 1000);
  CHECK(table.columns[0].statistics->tells_rows_apart());
  CHECK(table.columns[0].statistics->maximum == "999");
  folder.add("cut.parquet", read_file(folder.path("p.parquet")).substr(0, 500));
  const auto error = folder.failure("cut.parquet");
  CHECK(error.code() == ErrorCode::invalid_data);
  CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("cut.parquet"));
}

}  // namespace
}  // namespace mapctl::test
