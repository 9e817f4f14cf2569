// SPDX-License-Identifier: Apache-2.0
#include "core/matching/combination.hpp"

#include <cmath>

namespace mapctl::matching {

const Weights own_weights{{}, -4.0F};
const Weights full_weights{{}, -4.0F};

float log_odds(const Features& features, const Weights& weights, std::size_t count) noexcept {
  float sum = weights.constant;
  for (std::size_t at = 0; at < count; ++at) {
    sum += features[at] * weights.of[at];
  }
  return sum;
}

float probability(float log_odds) noexcept { return 1.0F / (1.0F + std::exp(-log_odds)); }

}  // namespace mapctl::matching
