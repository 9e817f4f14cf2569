// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

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

}  // namespace mapctl::matching
