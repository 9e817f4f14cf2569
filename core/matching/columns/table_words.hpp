// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/words/tokenizer.hpp"

#include <span>

namespace mapctl::matching {

// Old systems begin a column's name with what is left of the table's: "wrhsnm" of a table
// "warehouses" is the warehouse's name, "vhclmode" of "vehicles" a mode of a vehicle. Alone such a
// name is a riddle, as short pieces are found in anything; what the table is called confirms them.
// And where a table of two columns is called after what one of them holds, "lotnum" of "lots", that
// is the lot. Changes `expanded` and `phrases` of such names, which point into the table's reading
// from then on.
void read_by_table(const NameReading& table, std::span<NameReading> columns,
                   const Tokenizer& tokenizer);

// The "code" of a table "products" is a product code, and so what others call "sku": `phrases` of
// columns that make a known phrase with their table's last word become it. Not of names and keys,
// which every table has: a user's name is no user name.
void read_phrases_with_table(const NameReading& table, std::span<NameReading> columns,
                             const Lexicon& lexicon);

}  // namespace mapctl::matching
