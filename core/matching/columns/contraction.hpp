// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"

#include <span>
#include <string_view>

namespace mapctl::matching {

// Whether each word gives some of its letters in their order, its first one first, so that together
// they are the short name; only from its beginning on where `beginnings` says so.
// The short name has at most 31 letters.
bool is_made_of(std::string_view short_name, std::span<const std::string_view> words,
                bool beginnings) noexcept;
// Whether `short_name` is made of parts of the words in their order, each part beginning with its
// word's first letter and taking letters of it in their order: "ascat" for assay, category. 0 or
// 0.48..1, more for longer ones and for beginnings of the words.
float contraction_of(std::string_view short_name, std::span<const std::string_view> words) noexcept;
// The same of a column's words to the other column's name, which may be its first letter only. The
// words that the whole table begins with may be part of it or not.
float contraction(const Side& side, const ColumnFeatures& named,
                  const ColumnFeatures& other) noexcept;
// Of the letters and digits of a name. "y" goes with the vowels: "rltnshp_tp" is a relationship
// type.
Consonants consonants_of(std::string_view name);
// Whether one name is the other without its vowels: "ss_d" for assay_id. 0 or 0.6..1, more for
// longer ones; 0 for equal names. Symmetric.
float dropped_vowels(const ColumnFeatures& left, const ColumnFeatures& right) noexcept;

}  // namespace mapctl::matching
