// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/words/tokenizer.hpp"

#include <span>

namespace mapctl::matching {

// Systems of eight letters a name begin all columns of a table with the same few and no sign behind
// them, so that no two files have a name in common: "CMCUST", "CMNAME", "CMCITY". Parts such
// letters from the rest, as if an underscore stood there, and takes them out of `expanded`, unless
// they are a word's ("CUSTNO", "CUSTNM"). Names that read as well without the cut stay as they are:
// "code", "cost", "country". Where the letters are what the table is called, half of the columns
// are enough: "AE" has "AETERM" and "AESEV", but "USUBJID" as all others. `columns` are the
// readings of all names of one table.
void part_letter_prefix(const NameReading& table, std::span<NameReading> columns,
                        const Tokenizer& tokenizer);

}  // namespace mapctl::matching
