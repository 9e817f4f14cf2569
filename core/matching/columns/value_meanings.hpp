// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"

#include <string_view>

namespace mapctl::matching {

// What the values of a column are, where its name says nothing ("col3", "Unnamed: 2", "?"):
// e-mail addresses, countries, years. Filled for such columns only, when all columns are there.
void find_value_meanings(Side& side);

// How far the values of one column are what the other's name means, where its own says nothing.
// Symmetric, 0..1.
float value_meaning_agreement(const Side& source, const ColumnFeatures& left, const Side& target,
                              const ColumnFeatures& right) noexcept;

// "countries"; empty for nothing known.
std::string_view described(ValueMeaning meaning) noexcept;

}  // namespace mapctl::matching
