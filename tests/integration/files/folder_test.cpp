// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/files/file_folder.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

namespace mapctl::test {
namespace {

TEST_CASE("sub-folders are schemas, and deeper ones are told of", "[files]") {
  FileFolder folder;
  folder.add("top.csv", "a\n1\n")
      .add("sales/orders.tsv", "a\tb\n1\t2\n")
      .add("sales/old/x.csv", "a\n1\n");
  const auto found = folder.read();
  REQUIRE(found.tables().size() == 2);
  CHECK(catalog::to_string(found.tables()[0].ref) == "top");
  CHECK(catalog::to_string(found.tables()[1].ref) == "sales.orders");
  CHECK(warns(found, "deeper than one level"));
}

TEST_CASE("a pipe that is named like data is passed over, or refused when it is named", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "x\n1\n").add("b.txt", "x\n1\n");
  REQUIRE(::mkfifo(folder.path("pipe.csv").c_str(), 0600) == 0);
  std::filesystem::create_symlink("b.txt", folder.path("link.csv"));
  std::filesystem::create_symlink("pipe.csv", folder.path("piped.json"));
  const auto found = folder.read();
  CHECK(found.tables().size() == 3);
  CHECK(warns(found, "is a pipe, socket or device and was passed over"));
  CHECK(found.warnings.size() == 2);
  const Error error = folder.failure("pipe.csv");
  CHECK(error.code() == ErrorCode::invalid_data);
  CHECK(error.facts().message.find("pipe.csv' is a pipe") != std::string::npos);
}

TEST_CASE("files of equal stem or of names that differ only in case stay apart", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "x\n1\n")
      .add("a.json", "[{\"y\":1}]")
      .add("b.csv", "x\n1\n")
      .add("B.csv", "z\n1\n");
  const auto found = folder.read();
  std::string names;
  for (const auto& entry : found.tables()) {
    names += entry.table->name.text + " ";
  }
  CHECK(names == "B a.csv a.json b ");
  CHECK(warns(found, "2 files are named 'a'"));
  CHECK(warns(found, "'B' and 'b' differ only in case"));
}

TEST_CASE("200 tables with 5,000 columns are found with their types", "[files]") {
  FileFolder folder;
  for (int table = 0; table < 200; ++table) {
    std::string header;
    std::string rows[3];
    for (int column = 0; column < 25; ++column) {
      header += fmt::format("{}col_{}_{}", column == 0 ? "" : ",", table, column);
      for (int row = 0; row < 3; ++row) {
        rows[row] += fmt::format("{}{}", column == 0 ? "" : ",",
                                 column % 2 == 0 ? std::to_string(row * column) : "text");
      }
    }
    folder.add(fmt::format("table_{:03}.csv", table),
               header + "\n" + rows[0] + "\n" + rows[1] + "\n" + rows[2] + "\n");
  }
  const auto found = folder.read("", true);
  REQUIRE(found.tables().size() == 200);
  std::size_t columns = 0;
  for (const auto& entry : found.tables()) {
    columns += entry.table->columns.size();
    CHECK(entry.table->row_count == 3);
  }
  CHECK(columns == 5000);
  const auto& last = *found.tables().back().table;
  CHECK(last.name.text == "table_199");
  CHECK(last.columns[24].name.text == "col_199_24");
  CHECK(last.columns[24].type.logical == catalog::LogicalType::integer);
  CHECK(last.columns[24].statistics->maximum == "48");
}

TEST_CASE("3,000 columns are read in order", "[files]") {
  std::string header;
  std::string row;
  for (int column = 1; column <= 3000; ++column) {
    header += fmt::format("{}c{}", column == 1 ? "" : ",", column);
    row += fmt::format("{}{}", column == 1 ? "" : ",", column);
  }
  FileFolder folder;
  folder.add("wide.csv", header + "\n" + row + "\n" + row + "\n");
  const auto found = folder.read("wide.csv", true);
  REQUIRE(only_table(found).columns.size() == 3000);
  CHECK(only_table(found).columns[2999].name.text == "c3000");
  CHECK(only_table(found).columns[2999].statistics->mean == 3000.0);
  const auto rows = rows_of(folder, "wide.csv");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].ends_with("|2999|3000"));
}

}  // namespace
}  // namespace mapctl::test
