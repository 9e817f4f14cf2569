// SPDX-License-Identifier: Apache-2.0
#include "core/ports/sql_text.hpp"

#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

namespace mapctl::ports {
namespace {

using namespace std::string_view_literals;

TEST_CASE("closing quotes inside a name are doubled, whatever the quotes are", "[sql_text]") {
  CHECK(quote_identifier("order") == R"("order")");
  CHECK(quote_identifier(R"(a"; DROP TABLE b; --)") == R"("a""; DROP TABLE b; --")");
  CHECK(quote_identifier("a`b", '`', '`') == "`a``b`");
  CHECK(quote_identifier("a[b]c", '[', ']') == "[a[b]]c]");
  CHECK(quote_identifier("") == R"("")");
}

TEST_CASE("a name with a NUL byte is refused instead of being cut", "[sql_text]") {
  try {
    quote_identifier("a\0b"sv);
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_data);
  }
}

}  // namespace
}  // namespace mapctl::ports
