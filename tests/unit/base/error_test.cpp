// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"

#include "tests/support/catch.hpp"

#include <set>
#include <type_traits>

using mapctl::Error;
using mapctl::ErrorCode;

static_assert(std::is_nothrow_copy_constructible_v<Error>);

TEST_CASE("an error carries what happened and what to do", "[base][error]") {
  const Error error{ErrorCode::not_found, "no table 'x'", "did you mean 'y'?"};
  const Error copy = error;
  CHECK(std::string{copy.what()} == "no table 'x'");
  CHECK(copy.facts().hint == "did you mean 'y'?");
  CHECK(copy.code() == ErrorCode::not_found);
  CHECK(copy.facts().retry == mapctl::Retry::never);
}

TEST_CASE("each error code has a word of its own", "[base][error]") {
  std::set<std::string> words;
  for (int code = 0; code <= static_cast<int>(ErrorCode::cancelled); ++code) {
    words.insert(mapctl::to_string(static_cast<ErrorCode>(code)));
  }
  CHECK(words.size() == static_cast<std::size_t>(ErrorCode::cancelled) + 1);
  CHECK(words.count("commit_unknown") == 1);
}
