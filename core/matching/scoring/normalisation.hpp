// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"
#include "core/matching/scoring/scorer.hpp"

#include <span>

namespace mapctl::matching {

// How far the key features of a pair lead over the best other pair of its source column and of its
// target column (the mean of both). Fills trigrams_lead to value_grams_lead. Siblings that must
// share a target column are no rivals for it.
void compare_with_others(std::span<ScoredPair> pairs, const Side& source, const Side& target);

// How a pair's own score compares with the others of its source column and of its target column:
// the margin over the best other, the rank in a table, the claim of each on the other. A score says
// little by itself
// where all names are alike (all end in "_id"), its standing says much. Fills the features from
// row_lead on; `pairs` are in order of the source column.
void normalise(std::span<ScoredPair> pairs, const Side& source, const Side& target);

}  // namespace mapctl::matching
