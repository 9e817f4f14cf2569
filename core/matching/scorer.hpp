// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/lexicon.hpp"
#include "core/matching/prepared.hpp"
#include "core/matching/signals.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

namespace mapctl::matching {

struct Combination;

struct ScoreOptions {
  std::size_t per_source = 12;  // candidates a source column that get every feature
  bool use_data = true;
  const Combination* combination = nullptr;  // null: the weights of this version
};

struct ScoredPair {
  std::uint32_t source = 0, target = 0;  // columns of the sides
  float own = 0;                         // log-odds from the pair's own features
  float score = 0;                       // log-odds with its standing among the others
  Features features{};
};

// Candidates of every source column, best first; ties are broken by target table and name, so the
// order of columns does not matter.
struct ScoreTable {
  std::vector<ScoredPair> pairs{};
  std::vector<std::uint32_t> begin{};  // of source column i; size is columns + 1
  std::span<const ScoredPair> of_source(std::size_t column) const noexcept {
    return {pairs.data() + begin[column], begin[column + 1] - begin[column]};
  }
  // Puts the pairs of every source column in order; those that are alike keep theirs. Pairs are
  // large: numbers are sorted, and each pair is moved once.
  template <class Before>
  void sort_rows(Before before);
};

template <class Before>
void ScoreTable::sort_rows(Before before) {
  std::vector<std::uint32_t> numbers(pairs.size());
  std::iota(numbers.begin(), numbers.end(), 0U);
  for (std::size_t row = 0; row + 1 < begin.size(); ++row) {
    std::sort(numbers.begin() + begin[row], numbers.begin() + begin[row + 1],
              [&](std::uint32_t a, std::uint32_t b) {
                return before(pairs[a], pairs[b]) || (a < b && !before(pairs[b], pairs[a]));
              });
  }
  std::vector<ScoredPair> sorted;
  sorted.reserve(numbers.size());
  for (const auto number : numbers) {
    sorted.push_back(pairs[number]);
  }
  pairs = std::move(sorted);
}

// Scores the columns of two sides, of one table each or of many. Pairs that share neither letters
// nor words nor values are not candidates where there are more than `per_source` targets. Throws
// Error::cancelled when stopped.
ScoreTable score(const Side& source, const Side& target, const Lexicon& lexicon,
                 const ScoreOptions& options, std::stop_token stop);

// The place of each column in the order of table, then name, which breaks ties.
std::vector<std::uint32_t> name_order(const Side& side);

}  // namespace mapctl::matching
