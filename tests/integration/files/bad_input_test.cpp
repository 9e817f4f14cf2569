// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/files/file_folder.hpp"

namespace mapctl::test {
namespace {

using Catch::Matchers::ContainsSubstring;

TEST_CASE("a quote that is never closed is told with file and line", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "id,name\n1,a\n2,\"open\n3,c\n");
  const auto error = folder.failure("a.csv");
  CHECK(error.code() == ErrorCode::invalid_data);
  CHECK(std::string{error.what()} ==
        "file '" + folder.path("a.csv") + "', line 3: a quoted field is never closed");
}

TEST_CASE("an empty file, a missing path and a folder without data say so", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "").add("b/notes.md", "text").add("b/.hidden.csv", "a\n1\n");
  CHECK(folder.failure("a.csv").code() == ErrorCode::invalid_data);
  CHECK_THAT(folder.failure("a.csv").what(), ContainsSubstring("is empty"));
  CHECK(folder.failure("c.csv").code() == ErrorCode::not_found);
  const auto none = folder.failure("b");
  CHECK(none.code() == ErrorCode::not_found);
  CHECK_THAT(none.what(), ContainsSubstring("holds no data files"));
}

TEST_CASE("one unreadable file is a warning beside others and an error alone", "[files]") {
  FileFolder folder;
  folder.add("good.csv", "a\n1\n").add("bad.parquet", "no").add("worse.csv", "a\n\xFF\n");
  const auto found = folder.read();
  CHECK(found.tables().size() == 1);
  CHECK(found.warnings.size() == 2);
  CHECK(warns(found, "bad.parquet'"));
  CHECK(warns(found, "worse.csv', line 2: not UTF-8 text"));
  ports::DiscoveryScope only;
  only.tables = catalog::NamePattern{"worse"};
  CHECK_THROWS_WITH(folder.open()->discover(only, {}), ContainsSubstring("line 2"));
}

TEST_CASE("long cells are read, and a row that is too long is left out for that reason",
          "[files]") {
  FileFolder folder;
  folder.add("a.csv", "id,body,email\n1,short,x@y.org\n2," + std::string(3'000'000, 'x') +
                          ",a@b.org\n3,short,c@d.org\n");
  folder.add("b.csv", "id,body,email\n1,short,x@y.org\n2," + std::string(17'000'000, 'x') +
                          ",a@b.org\n3,short,c@d.org\n");
  const auto found = folder.read("a.csv", true);
  CHECK(found.warnings.empty());
  CHECK(found.tables().at(0).table->row_count == 3);
  const auto cut = folder.read("b.csv", true);
  REQUIRE_FALSE(cut.warnings.empty());
  CHECK(cut.warnings[0].message.find("it is longer than 16 MB") != std::string::npos);
}

TEST_CASE("a record that has a key twice is named by file and number, without its values",
          "[files]") {
  FileFolder folder;
  folder.add("t.json", R"([{"id":1},{"id":"secret","id":2}])");
  const Error error = folder.failure("t.json", true);
  CHECK(error.code() == ErrorCode::invalid_data);
  const std::string message = error.what();
  CHECK(message.find("t.json'") != std::string::npos);
  CHECK(message.find("the same key twice") != std::string::npos);
  CHECK(message.find("secret") == std::string::npos);
  // Lines of JSON, whatever their file is called.
  folder.add("lines.json", "{\"id\":1}\n{\"id\":1,\"id\":2}\n");
  CHECK_THAT(folder.failure("lines.json", true).what(), ContainsSubstring("the same key twice"));
  folder.add("cut.json", "{\"id\":1}\n{\"id\":\n");
  CHECK_THAT(folder.failure("cut.json", true).what(), ContainsSubstring("line 2: not a JSON"));
}

TEST_CASE("options that cannot be are refused with what can be", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "a\n1\n");
  for (const auto& [name, value] : Options{{"delimiter", "ab"},
                                           {"quote", "xy"},
                                           {"header", "maybe"},
                                           {"format", "xls"},
                                           {"sample_rows", "5"},
                                           {"skip_lines", "-1"},
                                           {"bad_rows", "drop"}}) {
    const auto error = folder.failure("a.csv", false, {{name, value}});
    CHECK(error.code() == ErrorCode::configuration);
    CHECK_THAT(error.what(), ContainsSubstring("option '" + name + "' cannot be '" + value + "'"));
  }
}

TEST_CASE("names that DuckDB would read as patterns or quotes are only names", "[files]") {
  FileFolder folder;
  folder.add("a[1]*?.csv", "x\n1\n")
      .add("it's \"new\".jsonl", "{\"y\":1}\n")
      .add("ü/ß.csv", "z\n1\n");
  const auto found = folder.read("", true);
  REQUIRE(found.tables().size() == 3);
  CHECK(found.warnings.empty());
  CHECK(catalog::to_string(found.tables()[0].ref) == "a[1]*?");
  CHECK(catalog::to_string(found.tables()[1].ref) == "it's \"new\"");
  CHECK(catalog::to_string(found.tables()[2].ref) == "ü.ß");
}

}  // namespace
}  // namespace mapctl::test
