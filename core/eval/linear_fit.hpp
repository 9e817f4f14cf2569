// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/scoring/combination.hpp"

#include <cstddef>
#include <map>
#include <span>
#include <vector>

namespace mapctl::eval {

struct LinearSample {
  const matching::Features* features = nullptr;
  double weight = 1;
  bool right = false;
};

// What a weight is drawn towards, and how strongly.
struct Pull {
  double goal = 0, strength = 0;
  // Of the goal: what the weight never falls below. 0: it may vanish.
  double least = 0;
};

// Logistic regression by Newton's method over the features in `used`, by their numbers. Weights are
// kept at 0 or above: every feature is made so that more of it speaks for a pair, and a negative
// weight would only balance another feature, which no reviewer could read. Features without a pull
// of their own are drawn towards 0.
matching::Weights fit_weights(std::span<const LinearSample> samples, std::vector<std::size_t> used,
                              const std::map<std::size_t, Pull>& pulls);

}  // namespace mapctl::eval
