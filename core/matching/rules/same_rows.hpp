// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/rules/composite.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::matching {

// Rows of both samples that have the same key, by their numbers, and the key's column.
struct SameRows {
  std::string key{};
  std::vector<std::pair<std::size_t, std::size_t>> rows{};
  bool is_enough() const noexcept { return rows.size() >= Tally::fewest; }
};
SameRows same_rows(const Composer& composer);

// The sampled values by row; null where they are masked or not known.
const std::vector<std::string>* plain_rows(const catalog::Column& column) noexcept;

// Numbers that no name explains, but the rows of both tables: 'price - cost' is the 'margin'.
void compute_by_rows(Composer& composer, const SameRows& same);

}  // namespace mapctl::matching
