// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(MAPCTL_CATCH2_V3)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>

// The names of Catch2 3, which tests are written against.
namespace Catch {
using Detail::Approx;
}
namespace Catch::Matchers {
inline auto ContainsSubstring(const std::string& text,
                              CaseSensitive::Choice sensitivity = CaseSensitive::Yes) {
  return Contains(text, sensitivity);
}
}  // namespace Catch::Matchers
#endif

#include <string_view>

namespace mapctl::test {

using Catch::Approx;

// Ends the current test case as skipped because something it needs is not there: no failure, and
// when it is the only case of the run (as under ctest) the program exits with 4, which ctest
// reports as "Skipped". `need` is the short name of what is missing ("postgres", "libreoffice"):
// if it stands in the comma-separated environment variable MAPCTL_REQUIRE, or that is "all", the
// test case fails instead. Assertions made before the call keep counting.
[[noreturn]] void skip(std::string_view need, std::string_view reason);

// The same for a need without a name; only MAPCTL_REQUIRE=all makes it a failure.
[[noreturn]] void skip(std::string_view reason);

}  // namespace mapctl::test
