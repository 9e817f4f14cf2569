// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/combination.hpp"

#include "core/base/hash.hpp"
#include "core/matching/columns/prepared.hpp"
#include "core/matching/scoring/bounds.hpp"
#include "core/matching/scoring/normalisation.hpp"
#include "core/matching/scoring/partnered.hpp"
#include "core/matching/scoring/scorer.hpp"
#include "core/matching/words/tokenizer.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace mapctl::matching {

std::uint64_t fingerprint(const Combination& combination) noexcept {
  std::uint64_t hash = 0;
  for (const auto* weights : {&combination.own, &combination.full}) {
    for (const float weight : weights->of) {
      hash = fast_hash({reinterpret_cast<const char*>(&weight), sizeof weight}, hash);
    }
    hash = fast_hash({reinterpret_cast<const char*>(&weights->constant), sizeof(float)}, hash);
  }
  return fast_hash({reinterpret_cast<const char*>(&combination.partnered), sizeof(float)}, hash);
}

float log_odds(const Features& features, const Weights& weights, std::size_t count) noexcept {
  float sum = weights.constant;
  for (std::size_t at = 0; at < count; ++at) {
    sum += features[at] * weights.of[at];
  }
  return sum;
}

float probability(float log_odds) noexcept {
  return 1.0F / (1.0F + std::exp(-log_odds));
}

namespace {

// As log-odds: what makes columns of one number a pair, how far pairs of their siblings stay behind
// it, and where those end.
constexpr float least_of_twins = 0;
constexpr float siblings_behind = 3;
constexpr float most_of_siblings = -1.5F;

// The weights that are not 0 of features that are not 0 for every pair, in their order.
struct Summand {
  std::size_t feature = 0;
  float weight = 0;
};
std::vector<Summand> summands_of(const Weights& weights, std::size_t count,
                                 const FeatureSet& absent) {
  std::vector<Summand> summands;
  summands.reserve(count);
  for (std::size_t feature = 0; feature < count; ++feature) {
    if (weights.of[feature] != 0 && !absent[feature]) {
      summands.push_back({feature, weights.of[feature]});
    }
  }
  return summands;
}

// As log_odds(), for all pairs. A sum waits for each of its steps: several wait together.
void sum_up(std::span<ScoredPair> pairs, const Weights& weights, std::size_t count,
            const FeatureSet& absent, float ScoredPair::*result) {
  constexpr std::size_t together = 4;
  const auto summands = summands_of(weights, count, absent);
  std::size_t number = 0;
  for (; number + together <= pairs.size(); number += together) {
    std::array<const float*, together> features{};
    for (std::size_t one = 0; one < together; ++one) {
      features[one] = pairs[number + one].features->data();
    }
    std::array<float, together> sums{};
    sums.fill(weights.constant);
    for (const auto& [feature, weight] : summands) {
#pragma GCC unroll 4
      for (std::size_t one = 0; one < together; ++one) {
        sums[one] += features[one][feature] * weight;
      }
    }
    for (std::size_t one = 0; one < together; ++one) {
      pairs[number + one].*result = sums[one];
    }
  }
  for (; number < pairs.size(); ++number) {
    pairs[number].*result = log_odds(*pairs[number].features, weights, count);
  }
}

// The name without its digits.
std::uint64_t stem_of(const ColumnFeatures& column) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char letter : column.core) {
    if (letter < '0' || letter > '9') {
      hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211U;
    }
  }
  return hash;
}

// Columns of one table whose names differ in their numbers only.
struct Listed {
  std::vector<std::uint64_t> stems{};    // of each column
  std::vector<std::uint64_t> numbers{};  // 0: none; "address" beside "address2" is the first
  explicit Listed(const Side& side) : stems(side.columns.size()), numbers(side.columns.size()) {
    static const std::uint64_t first = stem_hash("1");
    std::vector<std::pair<std::uint64_t, std::uint32_t>> numbered;
    for (std::size_t column = 0; column < stems.size(); ++column) {
      const auto& features = side.columns[column];
      stems[column] = stem_of(features);
      numbers[column] = features.numbers;
      if (features.numbers != 0) {
        numbered.emplace_back(stems[column], features.table);
      }
    }
    std::sort(numbered.begin(), numbered.end());
    for (std::size_t column = 0; column < stems.size(); ++column) {
      if (numbers[column] == 0 &&
          std::binary_search(numbered.begin(), numbered.end(),
                             std::pair{stems[column], side.columns[column].table})) {
        numbers[column] = first;
      }
    }
  }
};

// Where "street1" is "line1" and "street2" is "line2", "street1" may be "line2" after all, and so
// may "street3" where there is no third line: such pairs come next, as unlikely as they are.
void lift_siblings(std::span<ScoredPair> pairs, const Side& source, const Side& target) {
  const auto numbered = [](const Side& side) {
    return std::count_if(side.columns.begin(), side.columns.end(),
                         [](const ColumnFeatures& column) { return column.numbers != 0; });
  };
  const auto of_source = numbered(source);
  const auto of_target = numbered(target);
  if (of_source == 0 || of_target == 0 || of_source + of_target < 3) {
    return;
  }
  struct Twin {
    std::uint32_t source, target;
    float score;
  };
  const Listed sources{source};
  const Listed targets{target};
  // A pair of lists, and in it the pair of columns of one number.
  std::map<std::array<std::uint64_t, 4>, std::vector<Twin>> lists;
  const auto list_of = [&](const ScoredPair& pair) {
    return std::array<std::uint64_t, 4>{source.columns[pair.source].table,
                                        target.columns[pair.target].table,
                                        sources.stems[pair.source], targets.stems[pair.target]};
  };
  for (const auto& pair : pairs) {
    const auto number = sources.numbers[pair.source];
    if (number != 0 && number == targets.numbers[pair.target] && pair.score > least_of_twins) {
      lists[list_of(pair)].push_back({pair.source, pair.target, pair.score});
    }
  }
  std::erase_if(lists, [](const auto& list) { return list.second.size() < 2; });
  if (lists.empty()) {
    return;
  }
  for (auto& pair : pairs) {
    const auto left = sources.numbers[pair.source];
    const auto right = targets.numbers[pair.target];
    if (left == 0 || right == 0 || left == right) {
      continue;
    }
    const auto list = lists.find(list_of(pair));
    if (list == lists.end()) {
      continue;
    }
    float least = most_of_siblings + siblings_behind;
    bool has_twin = false;
    for (const auto& twin : list->second) {
      if (twin.source == pair.source || twin.target == pair.target) {
        has_twin = true;
        least = std::min(least, twin.score);
      }
    }
    if (has_twin) {
      pair.score = std::max(pair.score, least - siblings_behind);
    }
  }
}

}  // namespace

void combine(ScoreTable& table, const Side& source, const Side& target,
             std::span<const std::uint32_t> order, const Combination& combination,
             const TermSimilarities* words) {
  const FeatureSet absent = absent_features(source, target);
  sum_up(table.pairs, combination.own, own_feature_count, absent, &ScoredPair::own);
  normalise(table.pairs, source, target);
  sum_up(table.pairs, combination.full, feature_count, absent, &ScoredPair::score);
  std::vector<std::size_t> bounded;
  for (std::size_t number = 0; number < table.pairs.size(); ++number) {
    auto& pair = table.pairs[number];
    if (is_unlikely(pair, source, target)) {
      pair.score = std::min(pair.score, most_of_unlikely);
      bounded.push_back(number);
    }
  }
  lift_siblings(table.pairs, source, target);
  table.shift = partnered_shift(table.pairs, source, target, combination.partnered);
  for (auto& pair : table.pairs) {
    pair.score += table.shift;
    if (at(*pair.features, Feature::whole_part) > 0) {
      pair.score = std::min(pair.score, most_of_parts);
    }
    if (pair.score > most_of_doubtful && (is_doubtful(pair, source, target, words) ||
                                          (table.with_data && fails(pair, source, target)))) {
      pair.score = doubted(pair.score);
    }
  }
  for (const auto number : bounded) {
    auto& pair = table.pairs[number];
    pair.score = std::min(pair.score, most_in_copies);
  }
  table.begin.assign(source.columns.size() + 1, 0);
  for (const auto& pair : table.pairs) {
    ++table.begin[pair.source + 1];
  }
  std::partial_sum(table.begin.begin(), table.begin.end(), table.begin.begin());
  table.sort_rows(order);
}

}  // namespace mapctl::matching
