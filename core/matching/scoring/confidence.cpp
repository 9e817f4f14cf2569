// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/confidence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mapctl::matching {
namespace {

constexpr double least = 0.001;
constexpr double most = 0.995;
// From here on confidence nears `most` without reaching it, so that what is surer still comes
// first.
constexpr double nearly_sure = 0.99;
constexpr double log_odds_of_nearly_sure = 4.595119850134589;
// The slope of the logistic curve there, by what is left to `most`.
constexpr double approach = nearly_sure * (1 - nearly_sure) / (most - nearly_sure);

}  // namespace

double confidence_of(float log_odds) noexcept {
  const auto odds = static_cast<double>(log_odds);
  if (odds > log_odds_of_nearly_sure) {
    return most - (most - nearly_sure) * std::exp(approach * (log_odds_of_nearly_sure - odds));
  }
  return std::max(least, 1.0 / (1.0 + std::exp(-odds)));
}

float score_of(double confidence) noexcept {
  if (confidence > nearly_sure) {
    constexpr double nearest = 1e-9;
    const double left = std::max(most - confidence, nearest) / (most - nearly_sure);
    return static_cast<float>(log_odds_of_nearly_sure - std::log(left) / approach);
  }
  const double on_curve = std::max(confidence, least);
  return static_cast<float>(std::log(on_curve / (1 - on_curve)));
}

float log_odds_below(double confidence) noexcept {
  constexpr float margin = 0.001F;
  return confidence <= least ? -std::numeric_limits<float>::infinity()
                             : score_of(std::min(confidence, nearly_sure)) - margin;
}

}  // namespace mapctl::matching
