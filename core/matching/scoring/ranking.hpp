// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace mapctl::matching {

// A number that is the smaller the greater `score` is (no NaN); equal scores, 0 and -0 among them,
// have the same. Sorting by it, with a number that breaks ties in the lower half of a word, is
// several times faster than comparing what stands elsewhere.
inline std::uint32_t falling_key(float score) noexcept {
  constexpr std::uint32_t sign = 0x8000'0000U;
  const auto bits = std::bit_cast<std::uint32_t>(score + 0.0F);
  return (bits & sign) != 0 ? bits : ~(bits | sign);
}

inline std::uint64_t falling_key(float score, std::uint32_t tie) noexcept {
  return std::uint64_t{falling_key(score)} << 32U | tie;
}

// At least `wanted` of the scores, of which there are more, are as great as this: they are cut into
// that many parts, and the best of each is.
inline float least_of_best(std::span<const float> scores, std::size_t wanted) noexcept {
  const auto part = scores.size() / wanted;
  float least = scores.front();
  for (std::size_t number = 0; number < wanted; ++number) {
    const float* const row = scores.data() + number * part;
    float best = row[0];
    for (std::size_t at = 1; at < part; ++at) {
      best = std::max(best, row[at]);
    }
    least = number == 0 ? best : std::min(least, best);
  }
  return least;
}

}  // namespace mapctl::matching
