// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/signals.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace mapctl::matching {

struct ScoreTable;
struct Side;

// One weight a feature and a constant; log-odds are their sum, so a feature's contribution to the
// score is weight times value.
struct Weights {
  std::array<float, feature_count> of{};
  float constant = 0;
};

// From a pair's own features alone, and with its standing among the other pairs.
extern const Weights own_weights;
extern const Weights full_weights;

// How features become a score. Another one than that of this version is for measuring it.
struct Combination {
  Weights own{}, full{};
};
const Combination& shipped_combination() noexcept;
// Of all its weights: other ones give other proposals.
std::uint64_t fingerprint(const Combination& combination) noexcept;

float log_odds(const Features& features, const Weights& weights, std::size_t count) noexcept;
float probability(float log_odds) noexcept;

// Scores pairs whose own features are known, and orders them: what score() does at its end. Pairs
// are in order of the source column; `order` says what comes first of targets with equal scores.
void combine(ScoreTable& table, const Side& source, const Side& target,
             std::span<const std::uint32_t> order, const Combination& combination);

}  // namespace mapctl::matching
