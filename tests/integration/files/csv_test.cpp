// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/diff.hpp"
#include "core/catalog/snapshot.hpp"
#include "tests/integration/files/file_folder.hpp"

namespace mapctl::test {
namespace {

using Strings = std::vector<std::string>;

TEST_CASE("a byte order mark, CRLF and quoted line breaks are read over", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "\xEF\xBB\xBFid,name\r\n1,\"two\r\nlines\"\r\n\r\n2,b");
  const auto found = folder.read("a.csv");
  CHECK(columns_of(only_table(found)) == "id:integer name:string");
  CHECK(only_table(found).row_count == 2);
  CHECK(found.warnings.empty());
  CHECK(rows_of(folder, "a.csv") == Strings{"1|two\r\nlines", "2|b"});
}

TEST_CASE("codes keep their zeros in type and rows", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "code,price\n007,1.50\n012,2\n");
  CHECK(columns_of(only_table(folder.read("a.csv"))) == "code:string price:decimal");
  CHECK(rows_of(folder, "a.csv") == Strings{"007|1.50", "012|2"});
}

TEST_CASE("numbers as programs print them are numbers in type, figures and rows", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "v\n1.2\n3.5999999999999996\n4.8\n");
  const auto found = folder.read("a.csv", true);
  CHECK(columns_of(only_table(found)) == "v:floating");
  CHECK(only_table(found).columns[0].statistics->maximum == "4.8");
  CHECK(rows_of(folder, "a.csv") == Strings{"1.2", "3.5999999999999996", "4.8"});
}

TEST_CASE("empty and repeated headers get names of their own and a warning", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "id,,id,ID,id_2,\n1,2,3,4,5,6\n");
  const auto found = folder.read("a.csv");
  CHECK(columns_of(only_table(found)) ==
        "id:integer column_2:integer id_2_2:integer ID:integer id_2:integer column_6:integer");
  CHECK(warns(found, "called column_2, column_6"));
  CHECK(warns(found, "'id' as 'id_2_2'"));
  CHECK(rows_of(folder, "a.csv") == Strings{"1|2|3|4|5|6"});
}

TEST_CASE("a file of a header alone is a table of no rows", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "id,name\n");
  const auto found = folder.read("a.csv", true);
  CHECK(only_table(found).row_count == 0);
  CHECK(columns_of(only_table(found)) == "id:string name:string");
  CHECK(only_table(found).columns[0].statistics->rows == 0);
  CHECK(rows_of(folder, "a.csv").empty());
}

TEST_CASE("a file without header gets numbered names", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "1,x\n2,y\n");
  const auto found = folder.read("a.csv");
  CHECK(columns_of(only_table(found)) == "column_1:integer column_2:string");
  CHECK(warns(found, "no line of column names"));
  CHECK(rows_of(folder, "a.csv") == Strings{"1|x", "2|y"});
  CHECK(columns_of(only_table(folder.read("a.csv", false, {{"header", "true"}}))) ==
        "1:integer x:string");
}

TEST_CASE("Latin-1 is refused with the place and read with the option", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "id,name\n1,M\xFCller\n");
  const auto error = folder.failure("a.csv");
  CHECK(error.code() == ErrorCode::invalid_data);
  CHECK(std::string{error.what()} ==
        "file '" + folder.path("a.csv") + "', line 2: not UTF-8 text (byte 0xFC at offset 11)");
  CHECK_THAT(error.facts().hint, Catch::Matchers::ContainsSubstring("encoding: latin-1"));
  CHECK(rows_of(folder, "a.csv", {{"encoding", "latin-1"}}) == Strings{"1|Müller"});
}

TEST_CASE("UTF-16 is known by its mark and Windows' code page by the option", "[files]") {
  FileFolder folder;
  std::string utf16 = "\xFF\xFE";
  for (const char c : std::string{"id;name\n1;x\n"}) {
    utf16 += c;
    utf16 += '\0';
  }
  folder.add("a.csv", utf16).add("b.csv", "price\n\x80 5\n");
  CHECK(columns_of(only_table(folder.read("a.csv"))) == "id:integer name:string");
  CHECK(rows_of(folder, "a.csv") == Strings{"1|x"});
  CHECK(rows_of(folder, "b.csv", {{"encoding", "windows-1252"}}) == Strings{"€ 5"});
  CHECK(folder.failure("b.csv", false, {{"encoding", "klingon"}}).code() ==
        ErrorCode::configuration);
}

TEST_CASE("rows that lack fields are filled up, rows with too many left out, both with the line",
          "[files]") {
  FileFolder folder;
  folder.add("a.csv", "id,name,note\n1,a,x\n2,b\n3,c,y,z\n4,\"d\"d,y\n5,e,v\n");
  const auto found = folder.read("a.csv", true);
  CHECK(only_table(found).row_count == 3);
  CHECK(warns(found,
              "1 row has fewer than 3 fields, the missing ones count as empty; first in "
              "line 3"));
  CHECK(warns(found,
              "2 rows have more than 3 fields or text behind a closing quote, and left "
              "out; first in line 4"));
  CHECK(only_table(found).columns[2].statistics->null_share == Approx(1.0 / 3).margin(1e-5));
  CHECK(rows_of(folder, "a.csv", {{"bad_rows", "skip"}}) == Strings{"1|a|x", "2|b|-", "5|e|v"});
  CHECK_THROWS_WITH(rows_of(folder, "a.csv"), Catch::Matchers::ContainsSubstring("line 4"));
}

TEST_CASE("rows that agree on no number of fields are read with a warning of file and line",
          "[files]") {
  FileFolder folder;
  folder.add("a.csv", "id,name,email\n1,Ann\n2,Bob,b@c.d,extra\n3\n");
  const auto found = folder.read("a.csv");
  CHECK(columns_of(only_table(found)) == "id:integer name:string email:string");
  REQUIRE_FALSE(found.warnings.empty());
  const auto& warning = found.warnings.front();
  CHECK(warning.object == "file '" + folder.path("a.csv") + "'");
  CHECK(warning.message ==
        "rows do not agree on a number of fields; they are parted at ',', as line 1 is");
  CHECK(warns(found, "first in line 3"));
  CHECK(rows_of(folder, "a.csv", {{"bad_rows", "skip"}}) == Strings{"1|Ann|-", "3|-|-"});
}

TEST_CASE("what stands above the names is passed over, in rows and figures too", "[files]") {
  FileFolder folder;
  folder.add("excel.csv", "\xEF\xBB\xBFsep=;\r\nid;name\r\n1;Ann, x\r\n2;Bob;b;c\r\n3;C\r\n")
      .add("report.csv", "The \"customer report\n\nid,name\n1,Ann\n2,Bob\n")
      .add("blank.csv", "\n\nid,name\n1,Ann\n");
  const auto excel = folder.read("excel.csv", true);
  CHECK(columns_of(only_table(excel)) == "id:integer name:string");
  CHECK(only_table(excel).row_count == 2);
  CHECK(excel.warnings.size() == 1);
  CHECK(warns(excel, "first in line 4"));
  CHECK(rows_of(folder, "excel.csv", {{"bad_rows", "skip"}}) == Strings{"1|Ann, x", "3|C"});
  CHECK_THROWS_WITH(rows_of(folder, "excel.csv"), Catch::Matchers::ContainsSubstring("line 4"));

  const auto report = folder.read("report.csv", true);
  CHECK(columns_of(only_table(report)) == "id:integer name:string");
  CHECK(only_table(report).columns[0].statistics->maximum == "2");
  CHECK(rows_of(folder, "report.csv") == Strings{"1|Ann", "2|Bob"});
  REQUIRE(report.warnings.size() == 1);
  CHECK(report.warnings[0].object == "file '" + folder.path("report.csv") + "'");
  CHECK(report.warnings[0].message ==
        "lines 1 to 2 were passed over, as the column names seem to be in line 3");
  CHECK(columns_of(only_table(
            folder.read("report.csv", false, {{"skip_lines", "3"}, {"header", "false"}}))) ==
        "column_1:integer column_2:string");

  CHECK(rows_of(folder, "blank.csv") == Strings{"1|Ann"});
  CHECK_THAT(folder.failure("blank.csv", false, {{"skip_lines", "9"}}).what(),
             Catch::Matchers::ContainsSubstring("nothing below its first 9 lines"));
}

TEST_CASE("quotes above the names hide no rows", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "\xEF\xBB\xBF\"Report\nof 2024\"\n\nid,name\n1,Ann\n2,Bob,b\n3,C\n")
      .add("b.csv", "\"Report\" of \"x\r\n\r\nid,name\r\n1,Ann\r\n")
      .add("c.csv", "\"Report\n\nid,name\n1,Ann\n");
  CHECK(rows_of(folder, "a.csv", {{"bad_rows", "skip"}}) == Strings{"1|Ann", "3|C"});
  CHECK_THROWS_WITH(rows_of(folder, "a.csv"), Catch::Matchers::ContainsSubstring("line 6"));
  CHECK(warns(folder.read("a.csv"), "lines 1 to 3 were passed over"));
  CHECK(rows_of(folder, "b.csv") == Strings{"1|Ann"});
  CHECK_THAT(folder.failure("c.csv").what(),
             Catch::Matchers::ContainsSubstring("line 1: a quoted field is never closed"));
  CHECK(rows_of(folder, "c.csv", {{"skip_lines", "2"}}) == Strings{"1|Ann"});
}

TEST_CASE("words for nothing are nulls when the option names them", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "n,t\n1,a\nN/A,-\n3,b\n");
  CHECK(columns_of(only_table(folder.read("a.csv"))) == "n:string t:string");
  const Options nulls{{"null_values", "N/A, -"}};
  CHECK(columns_of(only_table(folder.read("a.csv", false, nulls))) == "n:integer t:string");
  CHECK(rows_of(folder, "a.csv", nulls) == Strings{"1|a", "-|-", "3|b"});
  CHECK(only_table(folder.read("a.csv", true, nulls)).columns[0].statistics->null_share ==
        Approx(1.0 / 3).margin(1e-5));
}

TEST_CASE("a column that tells rows apart is known by its statistics alone", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "customer_id,amount,note_id\n1,5,1\n2,6,1\n3,7,2\n");
  const auto found = folder.read("a.csv", true);
  const auto& table = only_table(found);
  CHECK(table.columns[0].statistics->tells_rows_apart());
  CHECK_FALSE(table.columns[2].statistics->tells_rows_apart());
  CHECK_FALSE(table.columns[0].unique);
  CHECK(table.primary_key.empty());
}

TEST_CASE("statistics change neither structure nor fingerprint", "[files]") {
  FileFolder folder;
  folder.add("a.csv", "customer_id,email\n1,a@b.io\n2,c@d.io\n")
      .add("b.json", R"([{"order_id":1},{"order_id":2}])");
  const auto plain = folder.read();
  const auto profiled = folder.read({}, true);
  CHECK(catalog::fingerprint(plain) == catalog::fingerprint(profiled));
  CHECK(catalog::diff(plain, profiled).empty());
}

}  // namespace
}  // namespace mapctl::test
