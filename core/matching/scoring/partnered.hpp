// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"
#include "core/matching/scoring/scorer.hpp"

#include <span>

namespace mapctl::matching {

// The share of columns that seem to have a counterpart, of the side with fewer of them: how many of
// the tables that take part find one, as far as scores tell. Pairs that are best for both of their
// columns count by their chance, and so do tables, by their likeliest pair. A few columns tell
// little: their share is drawn towards usual_partnered. The order of columns does not matter.
double partnered_share(std::span<const ScoredPair> pairs, const Side& source, const Side& target);
inline constexpr double usual_partnered = 0.6;

// What that share adds to the log-odds of every pair. Copies of one model pair nearly all of their
// columns, unrelated tables nearly none, and a pair of the same evidence is likelier in the former:
// by Bayes' rule as much as the share's odds are above the usual ones. Bounded, as the share is
// itself found by scores; 0 for a weight of 0.
float partnered_shift(std::span<const ScoredPair> pairs, const Side& source, const Side& target,
                      float weight);

}  // namespace mapctl::matching
