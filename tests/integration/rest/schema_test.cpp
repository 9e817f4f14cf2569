// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/schema.hpp"

#include "tests/support/catch.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace mapctl::test {
namespace {

using connectors::rest::find_record_schema;
using connectors::rest::shape_of_schema;

std::vector<std::string> names_of(const catalog::Shape& shape) {
  std::vector<std::string> names;
  for (const auto& one : shape.columns) {
    names.push_back(one.column.name.text);
  }
  return names;
}

TEST_CASE("a schema that consists of itself gives each column once", "[rest]") {
  const Json document = parse_json(R"({"schemas": {
      "a": {"properties": {"x": {"type": "string"}},
            "allOf": [{"$ref": "#/schemas/b"}, {"$ref": "#/schemas/a"}]},
      "b": {"properties": {"y": {"$ref": "#/schemas/c"}},
            "allOf": [{"$ref": "#/schemas/a"}, {"properties": {"z": {"type": "integer"}}}]},
      "c": {"allOf": [{"$ref": "#/schemas/c"}, {"properties": {"w": {"type": "integer"}}}]}}})",
                                   "test");
  CHECK(names_of(shape_of_schema(document["schemas"]["a"], document)) ==
        std::vector<std::string>{"x", "y.w", "z"});
}

TEST_CASE("parts that many schemas share are looked at once", "[rest]") {
  Json document = Json::object();
  Json& schemas = document["schemas"] = Json::object();
  for (int i = 0; i < 60; ++i) {
    const std::string next = "#/schemas/s" + std::to_string(i + 1);
    schemas["s" + std::to_string(i)] = parse_json(
        R"({"allOf": [{"$ref": ")" + next + R"("}, {"$ref": ")" + next + R"("}]})", "test");
  }
  schemas["s60"] = parse_json(R"({"properties": {"x": {"type": "string"}}})", "test");
  CHECK(names_of(shape_of_schema(schemas["s0"], document)) == std::vector<std::string>{"x"});
}

TEST_CASE("a list of itself has no records that could be described", "[rest]") {
  const Json document = parse_json(R"({"paths": {"/x": {"get": {"responses": {"200": {"content":
      {"application/json": {"schema": {"$ref": "#/schemas/list"}}}}}}}},
      "schemas": {"list": {"type": "array", "items": {"$ref": "#/schemas/list"}}}})",
                                   "test");
  connectors::rest::Stream stream;
  stream.path = Template::constant("/x");
  CHECK(find_record_schema(document, stream) == nullptr);
}

}  // namespace
}  // namespace mapctl::test
