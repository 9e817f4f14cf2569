// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/transformation.hpp"

#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

using namespace mapctl::mapping;
using Kind = TransformationKind;

namespace {

Transformation made(std::vector<TransformationStep> steps, std::vector<std::string> inputs = {}) {
  return {std::move(steps), std::move(inputs), ""};
}

std::string line(const Transformation& transformation) {
  return mapctl::to_line(to_json(transformation));
}

}  // namespace

TEST_CASE("the mapping type follows from what is done", "[mapping][transformation]") {
  CHECK(mapping_type_of({}) == MappingType::direct);
  CHECK(mapping_type_of(made({{Kind::direct, {}}})) == MappingType::direct);
  CHECK(mapping_type_of(made({}, {"a"})) == MappingType::direct);
  for (const Kind kind : {Kind::cast, Kind::trim, Kind::parse_date, Kind::code_map, Kind::lookup,
                          Kind::split, Kind::expression, Kind::json_path, Kind::scale_unit}) {
    INFO(to_string(kind));
    CHECK(mapping_type_of(made({{kind, {}}})) == MappingType::transformed);
  }
  for (const Kind kind :
       {Kind::join, Kind::constant, Kind::default_value, Kind::generated, Kind::sequence}) {
    INFO(to_string(kind));
    CHECK(mapping_type_of(made({{kind, {}}})) == MappingType::computed);
  }
  CHECK(mapping_type_of(made({{Kind::expression, {}}}, {"a", "b"})) == MappingType::computed);
  CHECK(mapping_type_of(made({}, {"a", "b"})) == MappingType::computed);
  CHECK(mapping_type_of(made({{Kind::cast, {}}, {Kind::aggregate, {}}}, {"a", "b"})) ==
        MappingType::aggregated);
}

TEST_CASE("a transformation is described in the order of its steps", "[mapping][transformation]") {
  CHECK(describe(Transformation{}) == "direct copy");
  CHECK(describe(made({{Kind::trim, {}}, {Kind::parse_date, {{"format", "%d/%m/%Y"}}}})) ==
        "trim, then parse as date (%d/%m/%Y)");
  CHECK(describe(made({{Kind::cast, {{"type", "integer"}}}})) == "cast to integer");
  CHECK(describe(made({{Kind::truncate, {{"length", "80"}}}})) == "cut to 80 characters");
  CHECK(describe(made({{Kind::code_map, {{"1", "open"}, {"2", "won"}}}})) ==
        "map the codes '1' to 'open', '2' to 'won'");
  CHECK(describe(made({{Kind::code_map, {{"1", "a"}, {"2", "b"}, {"3", "c"}, {"4", "d"}}}})) ==
        "map the codes '1' to 'a', '2' to 'b', '3' to 'c', and 1 more");
  CHECK(describe(made({{Kind::join, {{"separator", " "}}}}, {"first", "last"})) ==
        "join first, last with ' '");
  CHECK(describe(made({{Kind::split, {{"part", "2"}, {"separator", " "}}}})) ==
        "take part 2 after a split at ' '");
  CHECK(describe(made({{Kind::constant, {{"value", "EUR"}}}})) == "constant 'EUR'");
  CHECK(describe(made({}, {"a", "b"})) == "combine a, b");
  CHECK(describe(made({{Kind::join, {{"template", "{1}, {2}"}}}}, {"a", "b"})) ==
        "join a, b as '{1}, {2}'");
  CHECK(describe(made({{Kind::replace, {{"new", ""}, {"old", "Dr. "}}}})) == "take away 'Dr. '");
  CHECK(describe(made({{Kind::replace, {{"new", "|"}, {"old", ";"}}}})) == "replace ';' by '|'");
  CHECK(describe(made({{Kind::replace, {{"at", "start"}, {"new", ""}, {"old", "Dr "}}}})) ==
        "take away 'Dr ' in front");
  CHECK(describe(made({{Kind::replace, {{"at", "end"}, {"new", " Ltd"}, {"old", " Limited"}}}})) ==
        "replace ' Limited' by ' Ltd' at the end");
  CHECK(describe(made({{Kind::substring, {{"length", "8"}, {"start", "5"}}}})) ==
        "take 8 characters from number 5");
  CHECK(describe(made({{Kind::count_parts, {{"separator", ";"}}}})) ==
        "count the parts between ';'");
  CHECK(describe(made({{Kind::to_list, {}}})) == "put into a list");
  for (int kind = 0; kind <= static_cast<int>(mapping::last_transformation_kind); ++kind) {
    CHECK_FALSE(describe(made({{static_cast<Kind>(kind), {}}})).empty());
  }
}

TEST_CASE("a transformation is written without its absent parts", "[mapping][transformation]") {
  CHECK(line({}) == "{}");
  CHECK(line(made({{Kind::cast, {{"type", "integer"}}}})) ==
        R"({"steps":[{"kind":"cast","type":"integer"}]})");
  Transformation full = made({{Kind::trim, {}}, {Kind::join, {{"separator", "\", "}}}}, {"a", "b"});
  full.note = "check";
  CHECK(
      line(full) ==
      R"({"steps":[{"kind":"trim"},{"kind":"join","separator":"\", "}],"inputs":["a","b"],"note":"check"})");
  CHECK(line(made({}, {"a"})) == R"({"inputs":["a"]})");
}

TEST_CASE("every transformation reads back the same", "[mapping][transformation]") {
  std::vector<Transformation> all{{}, made({}, {"a", "b"})};
  for (int kind = 0; kind <= static_cast<int>(mapping::last_transformation_kind); ++kind) {
    all.push_back(made({{static_cast<Kind>(kind), {{"alpha", "1"}, {"beta", "ä\"\n"}}}}));
  }
  // Codes may be words that are keys elsewhere.
  all.push_back(made({{Kind::code_map, {{"", "none"}, {"codes", "x"}, {"kind", "sort"}}}}));
  all.push_back(made({{Kind::code_map, {}}}));
  all.back().note = "n";
  for (const Transformation& transformation : all) {
    INFO(line(transformation));
    CHECK(transformation_from_json(to_json(transformation)) == transformation);
    std::string appended;
    append_json(appended, transformation);
    CHECK(appended == line(transformation));
  }
  CHECK(transformation_from_json(mapctl::Json(nullptr)).is_direct());
}

TEST_CASE("arguments are found by name and sorted when read", "[mapping][transformation]") {
  const Transformation read = transformation_from_json(
      mapctl::parse_json(R"({"steps":[{"separator":" ","kind":"split","part":"2"}]})", "x"));
  REQUIRE(read.steps.size() == 1);
  CHECK(read.steps[0].arguments.front().first == "part");
  CHECK(read.steps[0].argument("separator") == " ");
  CHECK(read.steps[0].argument("absent").empty());
}

TEST_CASE("what is no transformation is refused by what is wrong", "[mapping][transformation]") {
  const auto refused = [](const char* text) {
    try {
      transformation_from_json(mapctl::parse_json(text, "x"));
    } catch (const mapctl::Error& error) {
      CHECK(error.code() == mapctl::ErrorCode::invalid_data);
      return std::string{error.what()};
    }
    return std::string{"accepted"};
  };
  CHECK(refused("[]") == "transformation: it is not an object");
  CHECK(refused(R"({"steps":{}})") == "transformation: 'steps' is not a list");
  CHECK(refused(R"({"steps":[{}]})") == "transformation: a step has no 'kind'");
  CHECK(refused(R"({"steps":[{"kind":"fold"}]})") ==
        "transformation: 'fold' is not a kind of step");
  CHECK(refused(R"({"steps":[{"kind":"cast","type":1}]})") ==
        "transformation: 'type' is not a text");
  CHECK(refused(R"({"inputs":"a"})") == "transformation: 'inputs' is not a list");
}

TEST_CASE("the words of types and kinds lead back to them", "[mapping][transformation]") {
  for (int i = 0; i <= static_cast<int>(mapping::last_transformation_kind); ++i) {
    const auto kind = static_cast<Kind>(i);
    CHECK_FALSE(to_string(kind).empty());
    CHECK(transformation_kind_from(to_string(kind)) == kind);
  }
  for (int i = 0; i <= static_cast<int>(MappingType::transformed); ++i) {
    const auto type = static_cast<MappingType>(i);
    CHECK(mapping_type_from(to_string(type)) == type);
  }
  CHECK_FALSE(mapping_type_from("copied"));
}
