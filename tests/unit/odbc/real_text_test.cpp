// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/real_text.hpp"

#include "tests/support/catch.hpp"

#include <array>
#include <limits>
#include <string>

namespace mapctl::test {
namespace {

std::string spelled(double value) {
  std::array<char, connectors::odbc::longest_real> buffer{};
  return std::string{connectors::odbc::real_text(value, buffer)};
}

TEST_CASE("a DOUBLE has as many digits as it needs, and an exponent beyond fifteen places",
          "[odbc]") {
  CHECK(spelled(0) == "0");
  CHECK(spelled(-0.0) == "-0");
  CHECK(spelled(1) == "1");
  CHECK(spelled(-120) == "-120");
  CHECK(spelled(0.1) == "0.1");
  CHECK(spelled(1.0 / 7) == "0.14285714285714285");
  CHECK(spelled(1234.5) == "1234.5");
  CHECK(spelled(123456789012345) == "123456789012345");
  CHECK(spelled(1e14) == "100000000000000");
  CHECK(spelled(1e15) == "1e15");
  CHECK(spelled(-1.5e300) == "-1.5e300");
  CHECK(spelled(1e-14) == "0.00000000000001");
  CHECK(spelled(-1.25e-15) == "-0.00000000000000125");
  CHECK(spelled(1.5e-16) == "1.5e-16");
  CHECK(spelled(std::numeric_limits<double>::max()) == "1.7976931348623157e308");
  CHECK(spelled(std::numeric_limits<double>::denorm_min()) == "5e-324");
}

}  // namespace
}  // namespace mapctl::test
