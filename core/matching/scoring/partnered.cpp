// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/partnered.hpp"

#include "core/matching/scoring/combination.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace mapctl::matching {
namespace {

// As so many columns of which the usual share has a counterpart.
constexpr double usual_strength = 2;
// As log-odds. Little that is found says less than much: the counterparts may be named otherwise.
constexpr double least_shift = -1;
constexpr double most_shift = 2;

constexpr float no_score = -std::numeric_limits<float>::infinity();

// The best of the pairs of each column of one side.
std::vector<float> best_scores(std::span<const ScoredPair> pairs, std::size_t columns,
                               std::uint32_t ScoredPair::*column) {
  std::vector<float> best(columns, no_score);
  for (const auto& pair : pairs) {
    best[pair.*column] = std::max(best[pair.*column], pair.score);
  }
  return best;
}

// Chances are added up as whole numbers: a sum of these does not depend on their order.
constexpr double whole_chance = 4294967296.0;
std::uint64_t chance_of(float score) noexcept {
  return score > no_score
             ? static_cast<std::uint64_t>(static_cast<double>(probability(score)) * whole_chance)
             : 0;
}

struct Partnered {
  double columns = 0;  // of tables that take part
  double found = 0;    // of these with a counterpart
};

Partnered partnered(const Side& side, const std::vector<float>& scores) {
  std::vector<float> tables(side.tables.size(), no_score);
  for (std::size_t column = 0; column < scores.size(); ++column) {
    auto& best = tables[side.columns[column].table];
    best = std::max(best, scores[column]);
  }
  std::uint64_t columns = 0;
  for (std::size_t table = 0; table < tables.size(); ++table) {
    columns += side.tables[table].column_count * chance_of(tables[table]);
  }
  std::uint64_t found = 0;
  for (const float score : scores) {
    found += chance_of(score);
  }
  return {static_cast<double>(columns) / whole_chance, static_cast<double>(found) / whole_chance};
}

double log_odds_of_share(double share) {
  return std::log(share / (1 - share));
}

}  // namespace

double partnered_share(std::span<const ScoredPair> pairs, const Side& source, const Side& target) {
  const auto best_of_source = best_scores(pairs, source.columns.size(), &ScoredPair::source);
  const auto best_of_target = best_scores(pairs, target.columns.size(), &ScoredPair::target);
  std::vector<float> of_source(source.columns.size(), no_score);
  std::vector<float> of_target(target.columns.size(), no_score);
  for (const auto& pair : pairs) {
    if (pair.score >= best_of_source[pair.source] && pair.score >= best_of_target[pair.target]) {
      of_source[pair.source] = pair.score;
      of_target[pair.target] = pair.score;
    }
  }
  const auto left = partnered(source, of_source);
  const auto right = partnered(target, of_target);
  const double found = std::min(left.found, right.found);
  const double columns = std::max(found, std::min(left.columns, right.columns));
  return (found + usual_partnered * usual_strength) / (columns + usual_strength);
}

float partnered_shift(std::span<const ScoredPair> pairs, const Side& source, const Side& target,
                      float weight) {
  if (weight == 0 || pairs.empty()) {
    return 0;
  }
  const double share = std::clamp(partnered_share(pairs, source, target), 0.02, 0.98);
  const double shift = log_odds_of_share(share) - log_odds_of_share(usual_partnered);
  return static_cast<float>(
      std::clamp(static_cast<double>(weight) * shift, least_shift, most_shift));
}

}  // namespace mapctl::matching
