// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::matching {

// A column of codes has no more different values.
inline constexpr std::int64_t most_listed = 40;
// Of its values, or of its rows, that must be of a vocabulary for the column to be.
inline constexpr double recognised_share = 0.6;

// Values that stand for the same, folded, with blanks between; '/' ends a meaning. Where a meaning
// has codes, they come first, the shortest at the beginning.
struct Vocabulary {
  std::string_view name;
  std::string_view meanings;
  bool specific = false;  // its values are seldom said of anything else
};
std::span<const Vocabulary> all_vocabularies() noexcept;

// Folded, and without blanks, underscores, hyphens and points, which do not tell codes apart; but
// the sign before a number and the points between digits stay. Empty where nothing is left.
std::string folded_code(std::string_view text);
// The number of the value's meaning, from 1; 0 when the vocabulary has it not.
std::size_t meaning_of(const Vocabulary& vocabulary, std::string_view folded) noexcept;
// Its values, folded, in their order.
std::vector<std::string_view> vocabulary_words(const Vocabulary& vocabulary);

struct HashedWord {
  std::uint64_t hash = 0;  // as sketches have it
  std::string_view word{};
};
// Of one of all_vocabularies(): its values by their hashes; of those that are the same number ("1",
// "01") the first.
std::span<const HashedWord> hashed_words(const Vocabulary& vocabulary);

}  // namespace mapctl::matching
