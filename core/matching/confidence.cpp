// SPDX-License-Identifier: Apache-2.0
#include "core/matching/confidence.hpp"

#include <algorithm>
#include <cmath>

namespace mapctl::matching {
namespace {

constexpr double least = 0.001;
constexpr double most = 0.995;

}  // namespace

double confidence_of(float log_odds) noexcept {
  const double value = 1.0 / (1.0 + std::exp(-static_cast<double>(log_odds)));
  return std::clamp(value, least, most);
}

}  // namespace mapctl::matching
