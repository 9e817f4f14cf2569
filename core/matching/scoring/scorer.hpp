// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"
#include "core/matching/signals/features.hpp"
#include "core/matching/words/lexicon.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace mapctl::matching {

struct Combination;

struct ScoreOptions {
  std::size_t per_source = 12;  // candidates a source column that get every feature
  bool use_data = true;
};

struct ScoredPair {
  std::uint32_t source = 0, target = 0;  // columns of the sides
  float own = 0;                         // log-odds from the pair's own features
  float score = 0;                       // log-odds with its standing among the others
  Features* features = nullptr;          // in the table; they are large and stay where they are
};

// Candidates of every source column, best first; ties are broken by target table and name, so the
// order of columns does not matter.
struct ScoreTable {
  std::vector<ScoredPair> pairs{};
  std::vector<std::uint32_t> begin{};  // of source column i; size is columns + 1
  bool with_data = true;               // whether values had a say
  float shift = 0;                     // part of all scores, by how many columns have a counterpart
  std::span<const ScoredPair> of_source(std::size_t column) const noexcept {
    return {pairs.data() + begin[column], begin[column + 1] - begin[column]};
  }
  ScoreTable() = default;
  ScoreTable(ScoreTable&&) noexcept = default;
  ScoreTable& operator=(ScoreTable&&) noexcept = default;

  // Makes room for as many pairs, all features 0.
  void resize(std::size_t count) {
    pairs.resize(count);
    features_.resize(count + 1);
    for (std::size_t number = 0; number < count; ++number) {
      pairs[number].features = &features_[number];
    }
  }
  // Of a pair that was not measured.
  Features* no_features() noexcept { return &features_.back(); }
  // Puts the pairs of every source column in order, best score first; ties are broken by the rank
  // of the target column, where ranks are given, and stay in their order else.
  void sort_rows(std::span<const std::uint32_t> target_ranks = {});

 private:
  std::vector<Features> features_ = std::vector<Features>(1);
};

// Scores the columns of two sides, of one table each or of many. Pairs that share neither letters
// nor words nor values are not candidates where there are more than `per_source` targets. Throws
// Error::cancelled when stopped.
ScoreTable score(const Side& source, const Side& target, const Lexicon& lexicon,
                 const Combination& combination, const ScoreOptions& options, std::stop_token stop);

// The place of each column in the order of table, then name, which breaks ties.
std::vector<std::uint32_t> name_order(const Side& side);

}  // namespace mapctl::matching
