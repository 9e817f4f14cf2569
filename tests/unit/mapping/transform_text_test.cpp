// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/transform_text.hpp"

#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

using namespace mapctl::mapping;
using Kind = TransformationKind;

namespace {

std::string failure(std::string_view text) {
  try {
    transformation_from_text(text);
  } catch (const mapctl::Error& error) {
    return std::string{error.what()} + " / " + error.facts().hint;
  }
  return "no error";
}

}  // namespace

TEST_CASE("steps are written in one line and read back", "[mapping][transform_text]") {
  Transformation made;
  CHECK(to_text(made).empty());
  made.steps = {{Kind::trim, {}}, {Kind::parse_date, {{"format", "%d/%m/%Y"}}}};
  CHECK(to_text(made) == "trim | parse_date(format=%d/%m/%Y)");
  CHECK(transformation_from_text("trim|parse_date( format = %d/%m/%Y )") == made);
  CHECK(transformation_from_text("direct").steps ==
        std::vector<TransformationStep>{{Kind::direct, {}}});
}

TEST_CASE("parentheses of a type need no quotes", "[mapping][transform_text]") {
  Transformation made;
  made.steps = {{Kind::cast, {{"type", "decimal(12,2)"}}}};
  CHECK(to_text(made) == "cast(type=decimal(12,2))");
  CHECK(transformation_from_text("cast(type=decimal(12,2))") == made);
}

TEST_CASE("text with the form's own characters is quoted", "[mapping][transform_text]") {
  for (const std::string nasty : {",", ")", "a, b", "x=y", "a|b", "\"", "\\", " a", "a ", "",
                                  "line\nbreak", "\t", "(", "()", "a(b,c)d", "a)(", "é|ß"}) {
    INFO(nasty);
    Transformation made;
    made.inputs = {nasty, "plain"};
    made.note = nasty;
    made.steps = {{Kind::code_map, {{nasty, nasty}, {"z", "1"}}},
                  {Kind::join, {{"separator", nasty}}}};
    std::sort(made.steps[0].arguments.begin(), made.steps[0].arguments.end());
    CHECK(transformation_from_text(to_text(made)) == made);
  }
}

TEST_CASE("a transform that is not understood is refused with the cause",
          "[mapping][transform_text]") {
  CHECK(failure("trimm") ==
        "transform 'trimm': 'trimm' is not a known step / did you mean 'trim'?");
  CHECK(failure("").find("a step is missing") != std::string::npos);
  CHECK(failure("trim |").find("a step is missing") != std::string::npos);
  CHECK(failure("trim trim").find("not a known step") != std::string::npos);
  CHECK(failure("cast(type=integer").find("a parenthesis is not closed") != std::string::npos);
  CHECK(failure("cast(type=decimal(12,2)").find("is not closed") != std::string::npos);
  CHECK(failure("cast(type)").find("argument 'type' has no '='") != std::string::npos);
  CHECK(failure("cast(type=)").find("a value is missing") != std::string::npos);
  CHECK(failure("cast(type=a, type=b)").find("given twice") != std::string::npos);
  CHECK(failure("cast(type=\"a)").find("a quote is not closed") != std::string::npos);
  CHECK(failure("cast(type=\"\\x\")").find("is not text in quotes") != std::string::npos);
  CHECK(failure("trim) x").find("')' is not expected at character 5") != std::string::npos);
}

TEST_CASE("a step says which argument it cannot do without", "[mapping][transform_text]") {
  CHECK(failure("constant") ==
        "transform 'constant': 'constant' needs 'value' / write it as: constant(value=unknown)");
  for (const std::string_view text :
       {"truncate", "truncate(length=ten)", "scale_unit(factor=inf)", "scale_unit", "code_map",
        "json_path", "expression", "aggregate", "default_value"}) {
    INFO(text);
    CHECK(failure(text) != "no error");
  }
  CHECK(failure("truncate(length=40)") == "no error");
  CHECK(failure("replace(old=a, at=front)").find("'front' is no place for 'replace'") !=
        std::string::npos);
  CHECK(failure("replace(old=a, at=start)") == "no error");
  CHECK(failure("replace(old=a, at=end)") == "no error");
  CHECK(failure("constant(value=\"\")") == "no error");
}
