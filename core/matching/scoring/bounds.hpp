// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"
#include "core/matching/scoring/scorer.hpp"
#include "core/matching/signals/similarity.hpp"

namespace mapctl::matching {

// What bounds the score of a pair, whatever its features sum up to. As log-odds:

// ... of an unlikely pair,
inline constexpr float most_of_unlikely = -1.0F;
// ... wherever so many others find a counterpart that the rest gains by it: less likely than not.
inline constexpr float most_in_copies = -0.2F;
// ... of a whole and its part: which it is, but no copy of it.
inline constexpr float most_of_parts = -0.2F;
// ... of a doubtful pair, and of one that fails on most rows: what is above it counts little.
inline constexpr float most_of_doubtful = 1.2F;
float doubted(float score) noexcept;

// Neither names nor descriptions nor values have anything in common; or words or roles of the names
// exclude each other; or one is a part of a record that its own refers to, and the other is not.
bool is_unlikely(const ScoredPair& pair, const Side& source, const Side& target) noexcept;

// One of the columns is a part of the address that stands in its table, and the other is something
// else: the "state" beside a city and a status.
bool is_part_of_address_only_here(const ScoredPair& pair, const Side& source,
                                  const Side& target) noexcept;

// Names that differ in what they say, where no data or descriptions agree. Without `words` their
// roles alone tell.
bool is_doubtful(const ScoredPair& pair, const Side& source, const Side& target,
                 const TermSimilarities* words) noexcept;

// Whatever the names say, most values cannot be put into the target as they are, or only once.
bool fails(const ScoredPair& pair, const Side& source, const Side& target);

}  // namespace mapctl::matching
