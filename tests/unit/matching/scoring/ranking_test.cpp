// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/ranking.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

using namespace mapctl::matching;

TEST_CASE("a greater score has the smaller key, and equal scores go by the tie", "[matching]") {
  const std::vector<float> falling{std::numeric_limits<float>::infinity(),
                                   std::numeric_limits<float>::max(),
                                   6.0F,
                                   1.0F,
                                   0.5F,
                                   std::numeric_limits<float>::denorm_min(),
                                   0.0F,
                                   -std::numeric_limits<float>::denorm_min(),
                                   -0.5F,
                                   -3.5F,
                                   std::numeric_limits<float>::lowest(),
                                   -std::numeric_limits<float>::infinity()};
  for (std::size_t at = 1; at < falling.size(); ++at) {
    INFO(falling[at - 1] << " before " << falling[at]);
    CHECK(falling_key(falling[at - 1]) < falling_key(falling[at]));
    CHECK(falling_key(falling[at - 1], 9) < falling_key(falling[at], 1));
  }
  CHECK(falling_key(0.0F) == falling_key(-0.0F));
  CHECK(falling_key(0.25F, 1) < falling_key(0.25F, 2));
}

TEST_CASE("as many scores as are wanted reach the least of the best", "[matching]") {
  const std::vector<float> scores{3, 9, 1, 7, 5, 2, 8, 4, 6};
  for (const std::size_t wanted : {1U, 2U, 3U, 4U, 8U}) {
    const float least = least_of_best(scores, wanted);
    CHECK(std::count_if(scores.begin(), scores.end(), [&](float score) {
            return score >= least;
          }) >= static_cast<std::ptrdiff_t>(wanted));
  }
}
