// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/expression.hpp"

#include "tests/support/catch.hpp"

#include <optional>
#include <string>

using namespace mapctl;

namespace {

std::string rewritten(std::string_view text) {
  return mapping::rewrite_expression(text,
                                     [](std::string_view name) -> std::optional<std::string> {
                                       return name == "unknown"
                                                  ? std::nullopt
                                                  : std::optional{"<" + std::string{name} + ">"};
                                     })
      .value_or("no");
}

}  // namespace

TEST_CASE("names in an expression are replaced", "[mapping]") {
  CHECK(rewritten("quantity * unit_price") == "<quantity> * <unit_price>");
  CHECK(rewritten("a*b*(1-c*0.01)") == "<a> * <b> * (1 - <c> * 0.01)");
  CHECK(rewritten("\"Unit Price\" / \"a\"\"b\"") == "<Unit Price> / <a\"b>");
  CHECK(rewritten("- - 2.5 + a1") == "- - 2.5 + <a1>");
}

TEST_CASE("what is no arithmetic is refused", "[mapping]") {
  for (const char* text :
       {"", " ", "a b", "a +", "(a", "a)", "a; drop table t", "upper(a)", "'a'", "\"a", "1x",
        "a || b", "unknown * 2", "a * unknown", "1.", "a,b", "/* a */ 1"}) {
    CAPTURE(text);
    CHECK(rewritten(text) == "no");
  }
  // A sign stands before a value, and never becomes the beginning of a comment.
  CHECK(rewritten("a -- b") == "<a> - - <b>");
  CHECK(rewritten(std::string(100, '(') + "1" + std::string(100, ')')) == "no");
}
