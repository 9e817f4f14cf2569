// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/signals/features.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace mapctl::matching {

struct ScoreTable;
struct Side;
class TermSimilarities;

// One weight a feature and a constant; log-odds are their sum, so a feature's contribution to the
// score is weight times value.
struct Weights {
  std::array<float, feature_count> of{};
  float constant = 0;
};

// How features become a score: from a pair's own features alone, and with its standing among the
// other pairs. The former's weights of standing are 0. In the latter, own features keep the
// proportions of the former; what rules a pair out counts there once more, so that it stays ruled
// out where no better candidate is in sight.
struct Combination {
  Weights own{}, full{};
  float partnered = 0;  // weight of the share of columns that have a counterpart; 1: as it is
};
// From weights.tsv of each folder, which profiles/model/README.md describes: a later folder's
// weights replace those of the same features; a feature that none names weighs nothing. Throws
// Error::configuration naming file and line, not_found where no folder has the file.
std::shared_ptr<const Combination> load_combination(std::span<const std::filesystem::path> folders);
// As such a file, with three decimals.
std::string to_text(const Combination& combination);
// Of all its weights: other ones give other proposals.
std::uint64_t fingerprint(const Combination& combination) noexcept;

float log_odds(const Features& features, const Weights& weights, std::size_t count) noexcept;
float probability(float log_odds) noexcept;

// Scores pairs whose own features are known, and orders them: what score() does at its end. Pairs
// are in order of the source column; `order` says what comes first of targets with equal scores.
// Without `words` no pair is doubted because both names have words that the other lacks.
void combine(ScoreTable& table, const Side& source, const Side& target,
             std::span<const std::uint32_t> order, const Combination& combination,
             const TermSimilarities* words = nullptr);

}  // namespace mapctl::matching
