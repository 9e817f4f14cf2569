// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/proposal.hpp"
#include "core/matching/columns/prepared.hpp"
#include "core/matching/scoring/scorer.hpp"
#include "core/matching/words/lexicon.hpp"

#include <string>
#include <vector>

namespace mapctl::matching {

struct Weights;

// Among how many candidates of its source column one stands.
struct Place {
  std::size_t of = 1;
};

// What spoke for and against a pair, each signal once with a sentence: greatest contribution first.
// Signals that hardly moved the score are left out.
std::vector<mapping::Evidence> explain(const ScoredPair& pair, const Place& place,
                                       const Side& source, const Side& target,
                                       const Lexicon& lexicon, const Weights& weights);

}  // namespace mapctl::matching
