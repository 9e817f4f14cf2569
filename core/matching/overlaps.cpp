// SPDX-License-Identifier: Apache-2.0
#include "core/matching/overlaps.hpp"

#include "core/matching/shared_hashes.hpp"
#include "core/matching/value_signals.hpp"

#include <algorithm>
#include <cstddef>

namespace mapctl::matching {
namespace {

// A value that so many columns have ("0", "1", "yes") makes no pair by itself.
constexpr std::size_t most_columns_sharing = 40;

}  // namespace

std::vector<Overlapping> overlapping(const Side& source, const Side& target) {
  std::vector<std::uint64_t> shared;
  const auto hash_of = [](const auto& value) { return value.first; };
  each_shared(
      source.sketches, target.sketches, hash_of, hash_of,
      most_columns_sharing * most_columns_sharing, [&](std::size_t left, std::size_t right) {
        shared.push_back(pair_of(source.sketches[left].second, target.sketches[right].second));
      });
  std::sort(shared.begin(), shared.end());
  shared.erase(std::unique(shared.begin(), shared.end()), shared.end());
  std::vector<Overlapping> result;
  result.reserve(shared.size());
  for (const auto pair : shared) {
    const auto s = source_of(pair);
    const auto t = target_of(pair);
    const auto overlap = catalog::estimate_overlap(*source.columns[s].column->statistics,
                                                   *target.columns[t].column->statistics);
    result.push_back({s, t, overlap_strength(overlap)});
  }
  return result;
}

}  // namespace mapctl::matching
