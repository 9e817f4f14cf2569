// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

// Tests of one trimmed, non-empty value for one form each. None allocates or throws.
namespace mapctl::catalog::scan {

bool is_email(std::string_view text) noexcept;
bool is_url(std::string_view text) noexcept;
bool is_uuid(std::string_view text) noexcept;  // 8-4-4-4-12, perhaps in braces
bool is_ipv4(std::string_view text) noexcept;
bool is_ipv6(std::string_view text) noexcept;
// With a leading '+', or grouped as numbers are written for people; a bare run of digits is none.
bool is_phone(std::string_view text) noexcept;
// Forms of single countries that are no plain number: "SW1A 1AA", "K1A 0B1", "1234 AB",
// "02134-1234".
bool is_postcode(std::string_view text) noexcept;
// US social security number, UK national insurance number, Spanish DNI/NIE with a right check
// letter, Italian tax code.
bool is_national_id(std::string_view text) noexcept;
// 13 to 19 digits of a known issuer, perhaps in groups, with a valid Luhn check digit.
bool is_credit_card(std::string_view text) noexcept;
bool is_boolean_word(std::string_view text) noexcept;
bool is_null_word(std::string_view text) noexcept;
// Two or three capitalised words, none of them of a company, place or title.
bool is_person_name(std::string_view text) noexcept;
// A whole, well-formed object or array.
bool is_json_document(std::string_view text) noexcept;

struct Date {
  bool iso = false;  // year first
  bool day_first = false;
  bool month_first = false;
  bool time_of_day = false;
};
// All false where the text is no date; day_first and month_first together where it could be either.
Date parse_date(std::string_view text) noexcept;

enum class NumberForm : std::uint8_t { none, integer, decimal, grouped, percentage };
NumberForm number_form(std::string_view text) noexcept;
// "10.00" as "10" and "6.70" as "6.7": without the zeros that a fraction may be written with or
// without. Other text as it is.
std::string_view without_fraction_zeros(std::string_view text) noexcept;
// The same, and "0736" as "736": what is left of a number where it was read as one.
std::string_view without_idle_zeros(std::string_view text) noexcept;

}  // namespace mapctl::catalog::scan
