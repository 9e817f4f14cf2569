// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"
#include "core/matching/signals/similarity.hpp"

#include <cstdint>

namespace mapctl::matching {

// -1 (a date is no number) .. 1 (the same); 0 where one is not known. Symmetric.
float type_compatibility(TypeClass left, TypeClass right) noexcept;
// Whether text of that kind, say web addresses, cannot be of the type, say a number.
bool contradicts(ValueKind kind, TypeClass type) noexcept;
// As of their roles, but that different parts of an address hardly stand for each other.
float role_agreement(const ColumnFeatures& left, const ColumnFeatures& right) noexcept;
// 1: the same numbers stand in both names, -1: different ones, -0.5: only one has any, 0: none has.
float number_agreement(std::uint64_t left, std::uint64_t right) noexcept;
// Of how the values of each column suit the other's role: what speaks against counts.
float kind_agreement(float there, float back) noexcept;
// Of two tables' names, where a word is not less for standing in many columns: the mean cover by
// meaning, 0..1.
float table_name_similarity(const Side& source, const TableFeatures& left, const Side& target,
                            const TableFeatures& right,
                            const TermSimilarities& similarities) noexcept;
// Share of the name's words (by weight) that stand in the other column's comment or name.
float name_in_comment(const Side& named, const TermRange& name, const Side& commented,
                      const ColumnFeatures& column) noexcept;
// Whether the column's description says nothing but that name: "Postal code".
bool is_name_in_comment(const Side& named, const TermRange& name, const Side& commented,
                        const ColumnFeatures& column) noexcept;

}  // namespace mapctl::matching
