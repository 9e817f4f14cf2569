// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"
#include "core/matching/words/address_words.hpp"
#include "core/matching/words/roles.hpp"
#include "core/matching/words/tokenizer.hpp"

#include <span>
#include <string>
#include <string_view>

namespace mapctl::matching {

// How many words of a name lead to its head, which is the last of them: not the numbers behind it,
// nor what only qualifies it, as in "cost_in_local_currency", "rate_per_hour", "date_of_birth".
std::size_t words_to_head(const NameReading& reading, const Lexicon& lexicon);

// Marks what stands behind a name's "per" or "in" as qualifying it; brackets are marked already.
void mark_what_qualifies(NameReading& reading, const Lexicon& lexicon);

// Whether a name that begins so asks for yes or no: "is", "has".
bool asks(std::string_view word) noexcept;

// What a column of that name holds: by the first word ("is_active"), else by its head. A head that
// says little ("number", "code", "name") leaves it to the word before, so that "phone_number" is a
// telephone number.
NameRole role_of(const NameReading& reading, const Lexicon& lexicon);

// What part of an address a column of that name holds, by any of its words: "zip_code".
AddressPart address_part_of(const NameReading& reading) noexcept;

// The name that a short description spells out: "Telephone number 1" as it stands, "date of birth"
// as "birth date", "alphanumeric unique identifier of the title" as "title identifier". Empty where
// it is a sentence or too long.
std::string spelled_out(std::string_view description);
// Reads a column's description in place of its name, where the name has words but none that is
// known or stands in the description: "tconst", "cmphno". False where there is no need or no use.
bool read_description(std::string_view description, const NameReading& name, const Lexicon& lexicon,
                      NameReading& described);

// "First" beside "Last" is the first name of a person, as spreadsheets call it, where both may be
// text. `readings` are the names of the columns, which are those of one table.
void read_names_of_persons(std::span<const catalog::Column> columns,
                           std::span<NameReading> readings, const Tokenizer& tokenizer);

// A whole number that is called after its table, "customer" of customers, is the number of one.
void read_numbers_of_records(const NameReading& table, std::span<const catalog::Column> columns,
                             std::span<NameReading> readings, const Tokenizer& tokenizer);

// Mail that goes to a city is post: beside "mail_city" a "mail_address" is read as a mailing
// address and not as one of e-mail. `readings` are the names of one table.
void read_mail_as_post(std::span<NameReading> readings, const Tokenizer& tokenizer);

// The "state" that stands beside a city or a postcode is part of an address, not a status: it is
// read as "province". That of an approval, a payment or the like is read as "status". `readings`
// are the names of one table.
void read_states_of_addresses(std::span<NameReading> readings, const Lexicon& lexicon);

}  // namespace mapctl::matching
