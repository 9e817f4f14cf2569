// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"
#include "core/matching/signals/features.hpp"

namespace mapctl::matching {

// What the values of two columns say, as features of the pair. All are symmetric.

// As shared values: all are genders, all are months.
inline constexpr float one_vocabulary = 0.5F;

// All of these, after those of the names; `overlap` is overlap_strength() of what both have.
void compare_values(const ColumnFeatures& left_column, const ValueFeatures& left,
                    const ColumnFeatures& right_column, const ValueFeatures& right, float overlap,
                    Features& features) noexcept;

// 0..1; largest share of shared values in either direction, tempered by Jaccard. Symmetric.
float overlap_strength(const catalog::Overlap& overlap) noexcept;
// Symmetric, -0.5..0.5; 0 where either knows nothing.
float value_gram_similarity(const ValueFeatures& left, const ValueFeatures& right) noexcept;
float pattern_similarity(const ValueFeatures& left, const ValueFeatures& right) noexcept;
// Of two columns of other names that share no value: how much that says against them. Much where
// the values of one are few and come again and again, so that all of them were seen, and those of
// the other are spelled in other letters; nothing where every row has a value of its own, nor of
// flags and of values of one known kind, which may be written in two ways ("yes" and 1, dates).
// Symmetric, 0..1.
float value_conflict(const ColumnFeatures& left_column, const ValueFeatures& left,
                     const ColumnFeatures& right_column, const ValueFeatures& right) noexcept;
// The same of values that have neither letters nor forms in common: what the names share may be
// said of two things ("birth_day" is a number, "birth_date" a date). Codes for words look so, too,
// so it makes a match less likely and no more. 0 or 0.67, from the two similarities before.
float values_unlike(float letters, float forms) noexcept;
float shape_similarity(const ValueFeatures& left, const ValueFeatures& right) noexcept;
// From the quantiles of two columns of numbers: Kolmogorov-Smirnov distance of the piecewise linear
// distributions. Symmetric, -0.5..0.5.
float distribution_similarity(const catalog::ColumnStatistics& left,
                              const catalog::ColumnStatistics& right) noexcept;

}  // namespace mapctl::matching
