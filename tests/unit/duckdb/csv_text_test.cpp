// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/csv_text.hpp"

#include "tests/support/catch.hpp"

namespace mapctl::connectors::duckdb {
namespace {

Dialect detect(std::string_view text, const FileOptions& options = {}, bool tab = false) {
  return detect_dialect(text, true, options, tab);
}

TEST_CASE("the delimiter is the one that most records agree on", "[duckdb]") {
  CHECK(detect("a,b\n1,2\n").delimiter == ',');
  CHECK(detect("a;b\n1,5;2,5\n3,5;4\n").delimiter == ';');
  CHECK(detect("a\tb\nx, y\tz\n").delimiter == '\t');
  CHECK(detect("a|b|c\n1|2|3\n").delimiter == '|');
  CHECK(detect("id,name\n1,a\n2,b,c,d\n3\n4,e\n").delimiter == ',');
  CHECK(detect("a,b;c\n\"x;y\",1;2\n\"x;y\",2;2\n\"x;y\",3;2\n").delimiter == ',');
  CHECK(detect("name\nJane\n").delimiter == ',');
  // One column whose text holds commas here and there.
  CHECK(detect("comment\nwell, yes\nno\nso, so, so\n").delimiter != ',');
}

TEST_CASE("an option outweighs what the text suggests", "[duckdb]") {
  FileOptions options;
  options.delimiter = '^';
  options.header = Header::absent;
  const auto dialect = detect("a^b,c\n1^2,3\n", options);
  CHECK(dialect.delimiter == '^');
  CHECK_FALSE(dialect.header);
}

TEST_CASE("a first line of names is a header, one of values is not", "[duckdb]") {
  CHECK(detect("id,name\n1,a\n").header);
  CHECK(detect("first,last\nJohn,Smith\n").header);
  CHECK(detect("id,name\n").header);
  CHECK(detect("id,,id,\n1,2,3,4\n").header);
  CHECK_FALSE(detect("1,a\n2,b\n").header);
  CHECK_FALSE(detect("jane@example.org,x\njoe@example.org,y\n").header);
  CHECK_FALSE(detect("2024-01-01,x\n2024-01-02,y\n").header);
  CHECK(detect("country,2019,2020\nDE,1.5,2.5\nFR,2.5,3.5\n").header);
  CHECK_FALSE(detect("Jane,1975\nJoe,1980\n").header);
  CHECK(detect("country,total,2019,2020\nDE,7,1.5,2.5\n").header);
}

TEST_CASE("rows that agree on nothing are parted as the line of names is", "[duckdb]") {
  const auto ragged = detect("id;name;email\n1;Ann\n2;Bob;b@c.d;extra\n3\n");
  CHECK(ragged.delimiter == ';');
  CHECK(ragged.ragged);
  CHECK_FALSE(detect("id,name,email\n1,Ann,x\n2,Bob\n").ragged);
  // A sentence, values, and lines that have no such character.
  CHECK_FALSE(detect("Dear Sir, Madam\nwell, yes, no\nno\n").ragged);
  CHECK_FALSE(detect("1,2,3\n4,5\n6\n7,8,9,10\n").ragged);
  CHECK_FALSE(detect("height,width\nno\nyes\nso, so, so\n").ragged);
}

TEST_CASE("Excel's line of the separator is no header", "[duckdb]") {
  const auto excel = detect("sep=;\r\nid;name\r\n1;x, y\r\n");
  CHECK(excel.delimiter == ';');
  CHECK(excel.skipped_lines == 1);
  CHECK(detect("\"SEP=|\"\na|b\n1|2\n").delimiter == '|');
  CHECK(detect("sep=\t\na\tb\n").delimiter == '\t');
  CHECK(detect("sep=;;\na,b\n1,2\n").delimiter == ',');
  FileOptions options;
  options.delimiter = ',';
  CHECK(detect("sep=;\na,b\n1,2\n", options).delimiter == ',');
  CHECK(detect("sep=;\na,b\n1,2\n", options).skipped_lines == 1);
  options.skip_lines = 0;
  CHECK(detect("sep=;\na,b\n1,2\n", options).skipped_lines == 0);
}

TEST_CASE("a title is no header where a blank line or typed columns tell", "[duckdb]") {
  const auto blank = detect("Customer report\n\nname,city,mail\nAnn,Paris,x\nBob,Rome,y\n");
  CHECK(blank.skipped_lines == 2);
  CHECK(blank.title_skipped);
  CHECK(blank.header);
  CHECK(detect("Report,,\nid,name,city\n1,Ann,Rome\n").skipped_lines == 1);
  CHECK(detect("Report\nby Ann, 2024\n,,,\nid,a,b,c\n1,Ann,Rome,x\n2,A,B,C\n3,A,B,C\n")
            .skipped_lines == 3);
  const auto doubtful = detect("Customer report\nname,city,mail\nAnn,Paris,x\nBob,Rome,y\n");
  CHECK(doubtful.skipped_lines == 0);
  CHECK(doubtful.later_header == 2);
  // Names, of which some are missing, above rows.
  for (const char* text :
       {"items\na,b,1\nc,d,2\n", "id,,id,\n1,2,3,4\n", "id,name\n1,Ann,x\n2,Bob,y\n",
        "name\n\nAnn\nBob\n", "id,name\n\na,b\n1,2\n"}) {
    CHECK(detect(text).skipped_lines == 0);
    CHECK(detect(text).later_header == 0);
  }
  FileOptions options;
  options.skip_lines = 1;
  const auto told = detect("Customer report\nname,city\nAnn,Paris\n", options);
  CHECK(told.skipped_lines == 1);
  CHECK_FALSE(told.title_skipped);
  options.skip_lines = 0;
  CHECK(detect("Report\n\nid,name\n1,Ann\n", options).skipped_lines == 0);
}

TEST_CASE("records keep their lines through quoted line breaks and say what is wrong", "[duckdb]") {
  RecordSplitter records{"a,b\r\n\r\n\"x\ny\",\"1 \"\"2\"\"\"\nq,\"z\"z\nr,\"open\n", {}};
  std::vector<std::string> fields;
  REQUIRE(records.next(fields));
  CHECK(fields == std::vector<std::string>{"a", "b"});
  REQUIRE(records.next(fields));
  CHECK(fields == std::vector<std::string>{"x\ny", "1 \"2\""});
  CHECK(records.line() == 3);
  CHECK_FALSE(records.is_garbled());
  REQUIRE(records.next(fields));
  CHECK(records.is_garbled());
  CHECK(records.line() == 5);
  REQUIRE(records.next(fields));
  CHECK(records.is_unclosed());
  CHECK(records.line() == 6);
  CHECK_FALSE(records.next(fields));
}

TEST_CASE("an empty last field is a field", "[duckdb]") {
  RecordSplitter records{"a,b,\n1,2,", {}};
  std::vector<std::string> fields;
  REQUIRE(records.next(fields));
  CHECK(fields.size() == 3);
  REQUIRE(records.next(fields));
  CHECK(fields == std::vector<std::string>{"1", "2", ""});
}

}  // namespace
}  // namespace mapctl::connectors::duckdb
