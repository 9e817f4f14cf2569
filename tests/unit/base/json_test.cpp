// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.hpp"

#include "core/base/error.hpp"
#include "core/base/json_member.hpp"
#include "core/base/json_text.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using mapctl::Error;
using mapctl::ErrorCode;
using mapctl::Json;

TEST_CASE("keys of a JSON document keep the order in which they were written", "[base][json]") {
  Json json;
  json["zebra"] = 1;
  json["apple"] = Json::array({true, nullptr});
  CHECK(mapctl::to_line(json) == R"({"zebra":1,"apple":[true,null]})");
  CHECK(mapctl::to_line(mapctl::parse_json(R"({"b":1,"a":2})", "x")) == R"({"b":1,"a":2})");
}

TEST_CASE("a JSON document is indented by two blanks and ends with a line feed", "[base][json]") {
  Json json;
  json["a"] = 1;
  CHECK(mapctl::to_document(json) == "{\n  \"a\": 1\n}\n");
}

TEST_CASE("bytes that are not UTF-8 are replaced instead of failing the output", "[base][json]") {
  Json json;
  json["a"] = "b\xFFz";
  CHECK(mapctl::to_line(json) == "{\"a\":\"b\xEF\xBF\xBDz\"}");
  CHECK(mapctl::to_document(json).find("\xEF\xBF\xBD") != std::string::npos);
}

TEST_CASE("text that is not JSON is refused with its name, line and column", "[base][json]") {
  try {
    mapctl::parse_json("{\n  \"a\": x}", "plan.json");
    FAIL("it was accepted");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_data);
    CHECK(std::string{error.what()} == "'plan.json' line 2, column 8: not valid JSON");
    CHECK_FALSE(error.facts().hint.empty());
  }
  CHECK_THROWS_AS(mapctl::parse_json("", "empty"), Error);
  CHECK_THROWS_AS(mapctl::parse_json("{} {}", "two"), Error);
}

TEST_CASE("the appender of strings writes what the library would write", "[base][json]") {
  const auto appended = [](std::string_view text) {
    std::string out = "x";
    mapctl::append_json_string(out, text);
    REQUIRE(out.front() == 'x');
    return out.substr(1);
  };
  std::string all;
  for (int c = 0; c < 128; ++c) {
    all += static_cast<char>(c);
  }
  for (const std::string& text : {std::string{}, std::string{"plain"},
                                  std::string{"a\"b\\c\n\r\t/"}, std::string{"Łódź €"}}) {
    CHECK(appended(text) == Json(text).dump());
  }
  CHECK(mapctl::parse_json(appended(all), "all").get<std::string>() == all);
  CHECK(appended("a\xC3") == "\"a\xEF\xBF\xBD\"");
}

TEST_CASE("a document is refused when it is nested more deeply than the stack can follow",
          "[base][json]") {
  const auto nested = [](std::size_t depth, char open, char close) {
    return std::string(depth, open) + std::string(depth, close);
  };
  const std::size_t most = mapctl::most_json_depth;
  CHECK(mapctl::read_json(nested(most, '[', ']')).is_array());
  CHECK(mapctl::read_json(nested(most + 1, '[', ']')).is_discarded());
  CHECK(mapctl::read_json("[" + nested(200'000, '[', ']') + "]").is_discarded());
  CHECK_THROWS_AS(mapctl::parse_json(nested(most + 1, '[', ']'), "x"), Error);
  CHECK(mapctl::read_json("{\"a\": 1").is_discarded());
  // Brackets of texts nest nothing, and lists that follow each other do not either.
  const std::string text =
      "\"" + nested(most + 1, '[', '{') + "\\\"" + std::string(300, '[') + "\"";
  CHECK(mapctl::read_json(text).is_string());
  std::string flat = "[[]";
  for (int i = 0; i < 1'000; ++i) {
    flat += ",[]";
  }
  CHECK(mapctl::read_json(flat + "]").size() == 1'001);
}

TEST_CASE("the depth of a text that comes in blocks is that of the whole, told with its line",
          "[base][json]") {
  using mapctl::NestingWatch;
  const std::string half(mapctl::most_json_depth / 2, '[');
  NestingWatch watch;
  CHECK_FALSE(watch.passes_limit_with("{}\n" + half));
  CHECK_FALSE(watch.passes_limit_with("\"\\"));
  CHECK_FALSE(watch.passes_limit_with("\"" + half + half + "\"\n" + half));
  CHECK(watch.passes_limit_with("{"));
  CHECK(watch.line() == 3);
  // A string that is never closed hides only its own line.
  CHECK(NestingWatch{}.passes_limit_with("\"\n" + half + half + "["));

  NestingWatch lines{NestingWatch::Documents::one_a_line};
  for (int line = 0; line < 3; ++line) {
    CHECK_FALSE(lines.passes_limit_with(half + half + "\n"));
  }
  CHECK(lines.passes_limit_with(half + half + "["));
}

TEST_CASE("a number that no double can hold is refused as text that is not JSON", "[base][json]") {
  try {
    mapctl::parse_json("{\"a\": [1,\n 1e999]}", "big.json");
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_data);
    CHECK(std::string{error.what()}.starts_with("'big.json'"));
  }
}

TEST_CASE("a member of another type than is asked for is as if it were not there", "[base][json]") {
  const mapctl::Json document = mapctl::read_json(
      R"({"text": "a", "flag": true, "whole": -7, "large": 9223372036854775808, "part": 1.5,
          "none": null, "list": ["text"]})");
  for (const char* key : {"flag", "whole", "none", "list", "missing"}) {
    CHECK(mapctl::text_member(document, key).empty());
  }
  for (const char* key : {"text", "flag", "large", "part", "none", "list", "missing"}) {
    CHECK_FALSE(mapctl::whole_member(document, key));
  }
  for (const char* key : {"text", "whole", "none", "list", "missing"}) {
    CHECK_FALSE(mapctl::flag_member(document, key));
    CHECK(mapctl::flag_member(document, key, true));
  }
  CHECK(mapctl::text_member(document, "text") == "a");
  CHECK(mapctl::flag_member(document, "flag"));
  CHECK(mapctl::whole_member(document, "whole") == -7);
  REQUIRE(mapctl::find_member(document, "none") != nullptr);
  for (const char* text : {"[{\"text\": \"a\"}]", "\"text\"", "7", "null", "{"}) {
    CHECK(mapctl::find_member(mapctl::read_json(text), "text") == nullptr);
    CHECK(mapctl::text_member(mapctl::read_json(text), "text").empty());
  }
}
