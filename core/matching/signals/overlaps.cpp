// SPDX-License-Identifier: Apache-2.0
#include "core/matching/signals/overlaps.hpp"

#include "core/matching/signals/value_signals.hpp"

#include <algorithm>
#include <cstddef>

namespace mapctl::matching {
namespace {

// A value that so many columns have ("0", "1", "yes") makes no pair by itself.
constexpr std::size_t most_columns_sharing = 40;

}  // namespace

std::vector<Overlapping> overlapping(const Side& source, const Side& target) {
  std::vector<std::uint64_t> shared;
  const auto& left = source.sketches;
  const auto& right = target.sketches;
  for (std::size_t s = 0, t = 0; s < left.size() && t < right.size();) {
    if (left[s].first < right[t].first) {
      ++s;
    } else if (right[t].first < left[s].first) {
      ++t;
    } else {
      std::size_t s_end = s;
      std::size_t t_end = t;
      while (s_end < left.size() && left[s_end].first == left[s].first) {
        ++s_end;
      }
      while (t_end < right.size() && right[t_end].first == right[t].first) {
        ++t_end;
      }
      if ((s_end - s) * (t_end - t) <= most_columns_sharing * most_columns_sharing) {
        for (auto a = s; a < s_end; ++a) {
          for (auto b = t; b < t_end; ++b) {
            shared.push_back((std::uint64_t{left[a].second} << 32U) | right[b].second);
          }
        }
      }
      s = s_end;
      t = t_end;
    }
  }
  std::sort(shared.begin(), shared.end());
  shared.erase(std::unique(shared.begin(), shared.end()), shared.end());
  std::vector<Overlapping> result;
  result.reserve(shared.size());
  for (const auto pair : shared) {
    const auto s = static_cast<std::uint32_t>(pair >> 32U);
    const auto t = static_cast<std::uint32_t>(pair & 0xFFFFFFFFU);
    const auto overlap = catalog::estimate_overlap(*source.columns[s].column->statistics,
                                                   *target.columns[t].column->statistics);
    result.push_back({s, t, overlap_strength(overlap)});
  }
  return result;
}

}  // namespace mapctl::matching
