// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/overlaps.hpp"
#include "core/matching/prepared.hpp"

#include <cstdint>
#include <vector>

namespace mapctl::matching {

// The words of values of several words, so that "Ada King" finds the columns of "Ada" and of
// "King", and an address the column of its city. Columns of single words have none.
void add_value_words(const catalog::Column& column, std::uint32_t number,
                     std::vector<ValueWord>& words);

// Column pairs of which one's values are words of the other's, or whose values share words, by
// source column, then target. 0..1, symmetric.
std::vector<Overlapping> sharing_words(const Side& source, const Side& target);
// 0 for a pair that is not among them.
float strength_of(const std::vector<Overlapping>& pairs, std::uint32_t source,
                  std::uint32_t target) noexcept;

}  // namespace mapctl::matching
