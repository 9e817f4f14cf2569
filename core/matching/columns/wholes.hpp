// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"

namespace mapctl::matching {

// Tells which columns are wholes that other systems keep in parts, or such parts. Call it when all
// columns are there.
void find_wholes(Side& side);

// Whether one is a whole and the other a part of it, both of the same thing: "agent_name" and
// "agent_first_name", the "address" of an employee and the "city" of employees, a cost and the
// "unit_price" that it is computed of, by its values if these may be used, a "description" and what
// it mentions. Symmetric, 0 or 1.
float whole_and_part(const Side& source, const ColumnFeatures& left, const Side& target,
                     const ColumnFeatures& right, bool use_data) noexcept;

// Of a pair that whole_and_part() has found: whether the left one is the whole.
bool is_left_whole(const Side& source, const ColumnFeatures& left, const Side& target,
                   const ColumnFeatures& right) noexcept;

}  // namespace mapctl::matching
