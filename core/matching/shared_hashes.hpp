// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mapctl::matching {

// Calls take(a, b) for every entry of two lists, ascending by their hashes, that have the same
// hash. What so many columns have that there are more than `most` such pairs ("0", "yes") makes no
// pair by itself.
template <class Left, class Right, class LeftHash, class RightHash, class Take>
void each_shared(const std::vector<Left>& left, const std::vector<Right>& right,
                 LeftHash&& left_hash, RightHash&& right_hash, std::size_t most, Take&& take) {
  for (std::size_t s = 0, t = 0; s < left.size() && t < right.size();) {
    const auto hash = left_hash(left[s]);
    const auto other = right_hash(right[t]);
    if (hash < other) {
      ++s;
      continue;
    }
    if (other < hash) {
      ++t;
      continue;
    }
    std::size_t s_end = s;
    std::size_t t_end = t;
    while (s_end < left.size() && left_hash(left[s_end]) == hash) {
      ++s_end;
    }
    while (t_end < right.size() && right_hash(right[t_end]) == hash) {
      ++t_end;
    }
    if ((s_end - s) * (t_end - t) <= most) {
      for (auto a = s; a < s_end; ++a) {
        for (auto b = t; b < t_end; ++b) {
          take(a, b);
        }
      }
    }
    s = s_end;
    t = t_end;
  }
}

// As numbers of columns, to sort by.
inline std::uint64_t pair_of(std::uint32_t source, std::uint32_t target) noexcept {
  return (std::uint64_t{source} << 32U) | target;
}
inline std::uint32_t source_of(std::uint64_t pair) noexcept {
  return static_cast<std::uint32_t>(pair >> 32U);
}
inline std::uint32_t target_of(std::uint64_t pair) noexcept {
  return static_cast<std::uint32_t>(pair & 0xFFFFFFFFU);
}

}  // namespace mapctl::matching
