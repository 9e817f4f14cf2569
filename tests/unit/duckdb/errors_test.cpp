// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/errors.hpp"

#include "tests/support/catch.hpp"

namespace mapctl::connectors::duckdb {
namespace {

TEST_CASE("DuckDB's messages become errors about the file, with the line where known", "[duckdb]") {
  struct Case {
    const char* message;
    ErrorCode code;
    const char* text;
  };
  const Case cases[] = {
      {"Invalid Input Error: CSV Error on Line: 7\nInvalid unicode (byte sequence mismatch)",
       ErrorCode::invalid_data, "file 'x.csv', line 7: not UTF-8 text"},
      {"Invalid Input Error: CSV Error on Line: 3\nOriginal Line: secret\nExpected Number of "
       "Columns: 2 Found: 3",
       ErrorCode::invalid_data,
       "file 'x.csv', line 3: a row has another number of fields than the header"},
      {"Out of Memory Error: failed to allocate", ErrorCode::resource_limit,
       "file 'x.csv': reading needs more memory than is allowed"},
      {"IO Error: Could not write file: No space left on device", ErrorCode::resource_limit,
       "file 'x.csv': the disk of the temporary folder is full"},
      {"INTERRUPT Error: Interrupted!", ErrorCode::cancelled,
       "file 'x.csv': reading was cancelled"},
      {"Something New: happened\nwith advice", ErrorCode::invalid_data,
       "file 'x.csv': Something New: happened"},
      {"Conversion Error: Could not convert string 'secret' to INT32", ErrorCode::invalid_data,
       "file 'x.csv': Conversion Error: Could not convert string"},
      {"Invalid Input Error: JSON transform error in file \"/tmp/x/file0\", in record/value 4: "
       "Object {\"id\":1,\"id\":2} has duplicate key \"id\"",
       ErrorCode::invalid_data, "file 'x.csv', record 4: an object has the same key twice"},
  };
  for (const auto& known : cases) {
    const auto error = translate(known.message, "x.csv");
    CHECK(error.code() == known.code);
    CHECK(std::string{error.what()} == known.text);
  }
}

}  // namespace
}  // namespace mapctl::connectors::duckdb
