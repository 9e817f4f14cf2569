// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/roles.hpp"
#include "core/matching/tokenizer.hpp"

#include <span>

namespace mapctl::matching {

// What a column of that name holds: by the first word ("is_active"), else by the last that is no
// number. A last word that says little ("number", "code", "name") leaves it to the word before, so
// that "phone_number" is a telephone number.
NameRole role_of(const NameReading& reading, const Lexicon& lexicon);

// The "state" that stands beside a city or a postcode is part of an address, not a status: it is
// read as "province". `readings` are the names of one table.
void read_states_of_addresses(std::span<NameReading> readings, const Lexicon& lexicon);

}  // namespace mapctl::matching
