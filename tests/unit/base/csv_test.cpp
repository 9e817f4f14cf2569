// SPDX-License-Identifier: Apache-2.0
#include "core/base/csv.hpp"

#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

using mapctl::CsvReader;
using mapctl::Error;

namespace {

using Records = std::vector<std::vector<std::string>>;

Records read(std::string_view text, char delimiter = ',') {
  CsvReader reader{text, delimiter};
  Records records;
  std::vector<std::string> record;
  while (reader.next(record)) {
    records.push_back(record);
  }
  return records;
}

}  // namespace

TEST_CASE("CSV lines may end with LF, CRLF, a lone CR or the end of the text", "[base][csv]") {
  const Records expected{{"a", "b"}, {"1", "2"}};
  CHECK(read("a,b\n1,2\n") == expected);
  CHECK(read("a,b\r\n1,2\r\n") == expected);
  CHECK(read("a,b\r1,2\r") == expected);
  CHECK(read("a,b\n1,2") == expected);
  CHECK(read("a,b\r\n1,2\n") == expected);
}

TEST_CASE("a line feed at the end begins no record, a blank line is one empty field",
          "[base][csv]") {
  CHECK(read("").empty());
  CHECK(read("a\n") == Records{{"a"}});
  CHECK(read("a\n\n") == Records{{"a"}, {""}});
  CHECK(read("a\n\nb\n") == Records{{"a"}, {""}, {"b"}});
}

TEST_CASE("a byte order mark at the front is no part of the first field", "[base][csv]") {
  CHECK(read("\xEF\xBB\xBFid,name\n") == Records{{"id", "name"}});
  CHECK(read("\xEF\xBB\xBF\"id\",name\n") == Records{{"id", "name"}});
  CHECK(read("\xEF\xBB\xBF").empty());
}

TEST_CASE("empty fields are kept wherever they stand", "[base][csv]") {
  CHECK(read(",a,,\n") == Records{{"", "a", "", ""}});
  CHECK(read("a,") == Records{{"a", ""}});
  CHECK(read("\"\",\"\"\n") == Records{{"", ""}});
}

TEST_CASE("quoted fields hold delimiters, doubled quotes and line breaks", "[base][csv]") {
  CHECK(read("\"a,b\",\"say \"\"hi\"\"\"\n") == Records{{"a,b", "say \"hi\""}});
  CHECK(read("\"two\r\nlines\",x\r\ny,z\r\n") == Records{{"two\r\nlines", "x"}, {"y", "z"}});
  CHECK(read("5\" disk,b\n") == Records{{"5\" disk", "b"}});
}

TEST_CASE("any byte can separate CSV fields", "[base][csv]") {
  CHECK(read("a\tb,c\t\"d\te\"\n", '\t') == Records{{"a", "b,c", "d\te"}});
  CHECK(read("a;b\n", ';') == Records{{"a", "b"}});
}

TEST_CASE("a record knows the line on which it began", "[base][csv]") {
  CsvReader reader{"a\n\"x\ny\",b\r\nlast"};
  std::vector<std::string> record;
  std::vector<std::size_t> lines;
  while (reader.next(record)) {
    lines.push_back(reader.line());
  }
  CHECK(lines == std::vector<std::size_t>{1, 2, 4});
}

TEST_CASE("a quote that is never closed names the line where its record began", "[base][csv]") {
  try {
    read("a,b\n1,\"open\nmore\n");
    FAIL("it was accepted");
  } catch (const Error& error) {
    CHECK(error.code() == mapctl::ErrorCode::invalid_data);
    CHECK(std::string{error.what()} == "line 2: a quote is never closed");
  }
}

TEST_CASE("text behind a closing quote is refused with its line", "[base][csv]") {
  CHECK_THROWS_WITH(read("a\n\"b\"c\n"), "line 2: text follows a closing quote");
  CHECK_THROWS_AS(read("\"a\" ,b"), Error);
}

TEST_CASE("what is written as CSV reads back the same", "[base][csv]") {
  const std::vector<std::string> fields{"plain", "a,b",    "a\"b", "a\nb", "a\rb",
                                        "",      " lead ", "=1+1", "Łódź"};
  std::string text;
  for (const std::string& field : fields) {
    text += text.empty() ? "" : ",";
    mapctl::append_csv_field(text, field);
  }
  CHECK(read(text + "\n") == Records{fields});
}

TEST_CASE("text that a spreadsheet would run as a formula gets an apostrophe", "[base][csv]") {
  for (const std::string_view danger : {"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"}) {
    CHECK(mapctl::starts_formula(danger));
    std::string out;
    mapctl::append_csv_field_for_spreadsheets(out, danger);
    CHECK(out.find('\'') != std::string::npos);
  }
  std::string out;
  mapctl::append_csv_field_for_spreadsheets(out, "a=1");
  mapctl::append_csv_field_for_spreadsheets(out, "");
  CHECK(out == "a=1");
}
