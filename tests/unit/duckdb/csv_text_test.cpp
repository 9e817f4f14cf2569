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
