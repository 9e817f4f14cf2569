// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"

namespace mapctl::matching {

// Finds amounts that are two other columns of their table multiplied, row by row, as a line's cost
// is price times quantity: other systems keep the factors only.
void find_products(Side& side);

}  // namespace mapctl::matching
