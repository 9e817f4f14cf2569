// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/values.hpp"

#include "tests/support/catch.hpp"

#include <string>

using namespace mapctl::connectors::postgres;

TEST_CASE("the server's times are ISO 8601 with milliseconds", "[postgres]") {
  CHECK(to_portable(timestamptz_type, "2026-02-02 02:40:00+00") == "2026-02-02T02:40:00.000Z");
  CHECK(to_portable(timestamptz_type, "2026-02-02 02:40:00.12+00") == "2026-02-02T02:40:00.120Z");
  CHECK(to_portable(timestamptz_type, "2026-02-02 02:40:00.123456+00") ==
        "2026-02-02T02:40:00.123456Z");
  CHECK(to_portable(timestamptz_type, "infinity") == "infinity");
}

TEST_CASE("the server's JSON loses the spaces between its parts only", "[postgres]") {
  CHECK(to_portable(jsonb_type, R"({"a b": [1, 2, "x, \"y: z\\"], "c": {}})") ==
        R"({"a b":[1,2,"x, \"y: z\\"],"c":{}})");
}

TEST_CASE("bytes and truth values are read", "[postgres]") {
  CHECK(read_bytea("\\x00ff7a") == std::string("\0\xFFz", 3));
  CHECK(read_bytea("\\x").empty());
  CHECK(read_integer("t") == 1);
  CHECK(read_integer("f") == 0);
  CHECK(read_integer("-9007199254740993") == -9007199254740993);
  CHECK(read_real("0.1") == 0.1);
}

TEST_CASE("parameters are counted outside of quotes", "[postgres]") {
  CHECK(count_parameters("SELECT $2, '$9', \"$8\", $1, '''$7'") == 2);
  CHECK(count_parameters("SELECT 1") == 0);
  CHECK(count_parameters("SELECT $10 || $2") == 10);
}
