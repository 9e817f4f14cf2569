// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/scoring/column_pair.hpp"
#include "core/matching/scoring/match_options.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace mapctl::matching {

class Prepared;
struct ScoreTable;

// What rules of several columns change in the pairs of all tables; columns as in Prepared::whole().
struct ComposedPairs {
  std::vector<ColumnPair> pairs{};  // every column that a rule reads, with its target
  std::vector<std::pair<std::uint32_t, std::uint32_t>> released{};  // pairs whose target one took
  const ColumnPair* find(std::uint32_t source, std::uint32_t target) const noexcept;
  // Whether the pair is one of either.
  bool changes(std::uint32_t source, std::uint32_t target) const noexcept;
};

// As match() finds them, in every pair of tables for which something was decided: `decided` are
// the targets of each source column.
ComposedPairs compose_all(const Prepared& source, const Prepared& target, const ScoreTable& scores,
                          const std::vector<std::vector<std::uint32_t>>& decided,
                          const MatchOptions& options);

}  // namespace mapctl::matching
