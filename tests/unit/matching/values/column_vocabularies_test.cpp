// SPDX-License-Identifier: Apache-2.0
#include "core/matching/values/column_vocabularies.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

using namespace mapctl;
using matching::specific_vocabularies;
using matching::vocabularies_of;

TEST_CASE("small numbers are no months, the months of a year are", "[matching]") {
  const auto is_specific = [](const std::vector<std::string>& values) {
    return (vocabularies_of(test::filled("x", "string", values)) & specific_vocabularies()) != 0;
  };
  CHECK_FALSE(is_specific({"1", "2", "5", "6", "1"}));
  CHECK(is_specific({"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "1"}));
  CHECK(is_specific({"Jan", "Feb", "Mar", "Jan"}));
}
