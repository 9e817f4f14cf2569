// SPDX-License-Identifier: Apache-2.0
#include "core/base/template.hpp"

#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

namespace mapctl::test {
namespace {

using Catch::Matchers::ContainsSubstring;

const Json config = Json::parse(R"({"domain": "acme", "sandbox": false, "ids": [3, 4],
  "credentials": {"client id": "abc", "secret": "x:y"}, "start": "2024-02-29T10:00:00Z", "n": 7})");
const Json response =
    Json::parse(R"({"num": 41, "next": null, "meta": {"cursor": "c9"}, "items": []})");
const Json record = Json::parse(R"({"ts": "17.25", "pos": "P-7 - x", "type": {"name": "A b"}})");

TemplateScope scope() {
  TemplateScope made;
  made.names = {{"config", &config}, {"response", &response}, {"record", &record}};
  made.now = *parse_moment("2026-03-31T12:30:00.5Z");
  return made;
}

std::string text(const char* source) {
  return Template::parse(source, "here").text(scope());
}
std::string value(const char* source) {
  return to_line(Template::parse(source, "here").value(scope()));
}
bool truth(const char* source) {
  return Template::parse(source, "here").is_true(scope());
}
Error::Facts failure(const std::string& source) {
  try {
    static_cast<void>(Template::parse(source, "p.yaml:3:1").text(scope()));
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::configuration);
    return error.facts();
  }
  FAIL("nothing was thrown");
  return {};
}

TEST_CASE("names, keys and texts around them are put together", "[template]") {
  CHECK(text("https://{{ config.domain }}/v{{ 1 + 2 }}/{{config['credentials'][\"client id\"]}}") ==
        "https://acme/v3/abc");
  CHECK(text("no braces") == "no braces");
  CHECK(text("a{# not this #}b") == "ab");
  CHECK(value("{{ config.ids[-1] }}") == "4");
  CHECK(value("{{ [ config.domain, 'x' ] }}") == R"(["acme","x"])");
  CHECK(value("{{ {'a': [null]} }}") == R"({"a":[null]})");
}

TEST_CASE("one expression alone keeps the type of its value", "[template]") {
  CHECK(value("{{ response[\"num\"]+1 or 0 }}") == "42");
  CHECK(value("{{ response.num }}/x") == "\"41/x\"");
  CHECK(value("{{ record.ts|float }}") == "17.25");
  CHECK(value("{{ (config.max or '200') | int }}") == "200");
  CHECK(value("{{ 7 // 2 }}") == "3");
  CHECK(value("{{ -7 % 3 }}") == "2");
  CHECK(value("{{ response.nothing.at.all }}") == "null");
}

TEST_CASE("conditions read as in Python", "[template]") {
  CHECK(truth("{{ not response.get('next', {}) }}"));
  CHECK(truth("{{ response.next is none and 'meta' in response }}"));
  CHECK_FALSE(truth("{{ response.items | length > 0 }}"));
  CHECK(truth("{{ record.type.name != 'x' and config.n >= 7 and not config.sandbox == true }}"));
  CHECK(truth("{{ 3 in config.ids and 5 not in config.ids }}"));
  CHECK(text("{{ 'https://a' if config.sandbox else 'https://b' }}") == "https://b");
  CHECK(text("{{ 'a' if config.sandbox }}").empty());
  CHECK(value("{{ config.get('missing', {}).get('deeper') }}") == "null");
  CHECK(value("{{ config.get('missing', 5) }}") == "5");
  CHECK_FALSE(truth("{{ 'a' < 1 }}"));
}

TEST_CASE("methods, filters and slices change texts", "[template]") {
  CHECK(text("{{ record.type.name.replace(' ', '_').lower().strip() }}") == "a_b");
  CHECK(text("{{ record['pos'].split(' - ')[0] }}") == "P-7");
  CHECK(text("{{ config.start[:-1] + ':' + config.start[-1:] }}") == "2024-02-29T10:00:00:Z");
  CHECK(text("{{ [config.domain, config.credentials.secret] | join(':') | base64encode }}") ==
        "YWNtZTp4Onk=");
  CHECK(text("{{ 'YWNtZQ==' | base64decode }}") == "acme");
  CHECK(text("{{ response.meta | tojson }}") == R"({"cursor":"c9"})");
  CHECK(text("{{ config.none | default('x') }}") == "x");
  CHECK(text("{{ 'a b/ü' | urlencode }}") == "a%20b/%C3%BC");
}

TEST_CASE("statements set names and choose", "[template]") {
  CHECK(text("{% set id = record.pos if record.get('pos') else '' %}{{ id }}") == "P-7 - x");
  CHECK(text("{% if config.n > 9 %}a{% elif config.n > 6 %}b{% else %}c{% endif %}!") == "b!");
}

TEST_CASE("times are computed and written by format", "[template]") {
  CHECK(text("{{ now_utc().strftime('%Y-%m-%dT%H:%M:%SZ') }}") == "2026-03-31T12:30:00Z");
  CHECK(text("{{ now_utc() }}") == "2026-03-31 12:30:00.500000+00:00");
  CHECK(text("{{ now_utc().isoformat('T', 'seconds') }}") == "2026-03-31T12:30:00+00:00");
  CHECK(text("{{ today_utc() }}") == "2026-03-31");
  CHECK(text("{{ format_datetime(config['start'], '%s') }}") == "1709200800");
  CHECK(text("{{ day_delta(-31, '%Y-%m-%d') }}") == "2026-02-28");
  CHECK(text("{{ (now_utc() - duration('P1M')).strftime('%F') }}") == "2026-02-28");
  CHECK(value("{{ timestamp(config.start) }}") == "1709200800");
  CHECK(text("{{ max(config.start, '2024-03-01') }}") == "2024-03-01");
}

TEST_CASE("what is wrong in an expression is named with its place", "[template]") {
  CHECK_THAT(failure("{{ config.x }}").message,
             ContainsSubstring("p.yaml:3:1: 'config.x' has no value"));
  CHECK_THAT(failure("{{ nowutc() }}").message, ContainsSubstring("unknown function 'nowutc'"));
  CHECK_THAT(failure("{{ nowutc() }}").hint, ContainsSubstring("now_utc"));
  CHECK_THAT(failure("{{ a | frobnicate }}").message, ContainsSubstring("unknown filter"));
  CHECK_THAT(failure("{{ a.sort() }}").message, ContainsSubstring("unknown method 'sort'"));
  CHECK_THAT(failure("{{ 'a }}").message, ContainsSubstring("is missing"));
  CHECK_THAT(failure("{{ a b }}").message, ContainsSubstring("unexpected 'b'"));
  CHECK_THAT(failure("{% for x in y %}").message, ContainsSubstring("only set and if"));
  CHECK_THAT(failure("{{ " + std::string(500, '(') + " }}").message,
             ContainsSubstring("nested too deeply"));
}

TEST_CASE("periods and moments are read as systems write them", "[moment]") {
  const auto shown = [](const char* source) {
    const auto moment = parse_moment(source);
    return moment ? format_moment(*moment, "%Y-%m-%dT%H:%M:%S.%f") : std::string{"none"};
  };
  CHECK(shown("2026-01-31") == "2026-01-31T00:00:00.000000");
  CHECK(shown("2026-01-31T08:05:09.12+02:00") == "2026-01-31T06:05:09.120000");
  CHECK(shown("2026-01-31 08:05:09") == "2026-01-31T08:05:09.000000");
  CHECK(shown("1700000000") == "2023-11-14T22:13:20.000000");
  CHECK(shown("1700000000123") == "2023-11-14T22:13:20.123000");
  CHECK(shown("2026-02-30") == "none");
  CHECK(shown("tomorrow") == "none");
  CHECK(parse_moment("12/31/25 11:05 PM", "%m/%d/%y %I:%M %p") == parse_moment("2025-12-31T23:05"));
  CHECK(parse_moment("1700000000.5", "%s_as_float")->microseconds == 1700000000500000);
  CHECK_FALSE(parse_moment("2026-01-31x", "%Y-%m-%d"));
  CHECK(unknown_format_part("%Y-%Q") == "%Q");
  CHECK_FALSE(unknown_format_part("%Y%%%s_as_float"));
  CHECK(format_moment(plus(*parse_moment("2026-01-31"), *parse_period("P1M1DT1H")), "%F %T") ==
        "2026-03-01 01:00:00");
  CHECK(parse_period("PT0.000001S")->microseconds == 1);
  CHECK_FALSE(parse_period("1D"));
  CHECK_FALSE(parse_period("P1H"));
}

TEST_CASE("whole numbers are divided exactly, however large", "[template]") {
  CHECK(value("{{ 9007199254740993 // 1 }}") == "9007199254740993");
  CHECK(value("{{ 9007199254740993 % 10 }}") == "3");
  CHECK(value("{{ (0 - 7) // 2 }}") == "-4");
  CHECK(value("{{ (0 - 7) % 3 }}") == "2");
  CHECK(value("{{ 7 // (0 - 2) }}") == "-4");
  CHECK(value("{{ 7 % (0 - 3) }}") == "-2");
  CHECK(value("{{ -(0 - 9223372036854775807 - 1) }}") == "9.223372036854776e+18");
  CHECK(value("{{ (0 - 9223372036854775807 - 1) // (0 - 1) }}") == "9.223372036854776e+18");
}

TEST_CASE("a template that goes on without end is refused before it takes the stack",
          "[template]") {
  const auto repeated = [](std::string_view part) {
    std::string made;
    for (int i = 0; i < 200'000; ++i) {
      made += part;
    }
    return made;
  };
  CHECK_THAT(failure("{{ 1" + repeated("+1") + " }}").message, ContainsSubstring("too long"));
  CHECK_THAT(failure("{{ a" + repeated(".a") + " }}").message, ContainsSubstring("too long"));
  CHECK_THAT(failure(repeated("{% if a %}")).message, ContainsSubstring("nested too deeply"));
  CHECK_THAT(failure("{% if a %}" + repeated("{% elif a %}")).message,
             ContainsSubstring("nested too deeply"));
}

TEST_CASE("a period that no moment can be moved by is none", "[moment]") {
  CHECK_FALSE(parse_period("P999999999Y"));
  CHECK_FALSE(parse_period("P999999999W"));
  CHECK(parse_period("P9999Y")->months == 9999 * 12);
  CHECK_THAT(failure("{{ day_delta(100000000000000) }}").message, ContainsSubstring("day_delta"));
}

}  // namespace
}  // namespace mapctl::test
