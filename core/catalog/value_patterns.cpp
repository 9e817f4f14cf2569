// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/catalog/code_lists.hpp"
#include "core/catalog/profiler.hpp"
#include "core/catalog/scanners.hpp"

#include <algorithm>
#include <array>

namespace mapctl::catalog {
namespace {

using namespace scan;

enum Kind : std::uint8_t {
  digit,
  upper_case,
  lower_case,
  high,  // part of a multi-byte character
  blank,
  at_sign,
  dot,
  dash,
  slash,
  colon,
  comma,
  plus,
  round,  // ( )
  percent,
  quote,
  control,
  other,
  kind_count,
};

constexpr std::array<Kind, 256> kinds = [] {
  std::array<Kind, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) {
    table[c] = c >= 0x80 ? high : c < 0x20 ? control : other;
  }
  for (std::size_t c = '0'; c <= '9'; ++c) {
    table[c] = digit;
  }
  for (std::size_t c = 0; c < 26; ++c) {
    table['A' + c] = upper_case;
    table['a' + c] = lower_case;
  }
  for (const auto& [c, kind] :
       {std::pair{' ', blank}, std::pair{'@', at_sign}, std::pair{'.', dot}, std::pair{'-', dash},
        std::pair{'/', slash}, std::pair{':', colon}, std::pair{',', comma}, std::pair{'+', plus},
        std::pair{'(', round}, std::pair{')', round}, std::pair{'%', percent},
        std::pair{'\'', quote}}) {
    table[static_cast<unsigned char>(c)] = kind;
  }
  return table;
}();

// How often each kind of character stands in a value: tells most scanners that they need not look.
struct Census {
  std::array<std::uint16_t, kind_count> count{};
  std::size_t letters = 0;  // ASCII

  explicit Census(std::string_view text) noexcept {
    for (const char c : text) {
      ++count[kinds[static_cast<unsigned char>(c)]];
    }
    letters = std::size_t{count[upper_case]} + count[lower_case];
  }
  std::size_t operator[](Kind kind) const noexcept { return count[kind]; }
  // Nothing but the kinds listed.
  template <class... Kinds>
  bool only(std::size_t size, Kinds... allowed) const noexcept {
    return (std::size_t{count[allowed]} + ...) == size;
  }
};

void set(PatternSet& found, ValuePattern pattern) noexcept {
  found.set(static_cast<std::size_t>(pattern));
}

void classify_words(std::string_view text, const Census& census, PatternSet& found) noexcept {
  if (text.size() <= 5 && is_boolean_word(text)) {
    set(found, ValuePattern::boolean_word);
  }
  if (census[upper_case] == text.size() && (text.size() == 2 || text.size() == 3)) {
    if (in_code_list(text.size() == 2 ? "iso3166_alpha2" : "iso3166_alpha3", text)) {
      set(found, ValuePattern::country_code);
    }
    if (text.size() == 3 && in_code_list("iso4217", text)) {
      set(found, ValuePattern::currency_code);
    }
  }
  if (census[upper_case] + census[high] >= 2 && census[lower_case] + census[high] >= 2 &&
      census[blank] >= 1 && census[blank] <= 3 && census[digit] == 0 && is_person_name(text)) {
    set(found, ValuePattern::person_name);
  }
}

// Values that hold at least one digit.
void classify_figures(std::string_view text, const Census& census, PatternSet& found) noexcept {
  const std::size_t size = text.size();
  if (census.only(size, digit)) {
    if (size > 1 && text[0] == '0') {
      set(found, ValuePattern::leading_zeros);
    } else {
      set(found, ValuePattern::integer_number);
    }
    if (is_boolean_word(text)) {
      set(found, ValuePattern::boolean_word);
    }
    if (size == 5) {
      set(found, ValuePattern::postcode);
    }
    if (is_credit_card(text)) {
      set(found, ValuePattern::credit_card);
    }
    return;
  }
  if (size > 80) {
    return;
  }
  const Date date = parse_date(text);
  if (date.iso) {
    set(found, date.time_of_day ? ValuePattern::iso_timestamp : ValuePattern::iso_date);
  }
  if (date.day_first) {
    set(found, ValuePattern::day_first_date);
  }
  if (date.month_first) {
    set(found, ValuePattern::month_first_date);
  }
  if (date.iso || date.day_first || date.month_first) {
    return;
  }
  const bool is_phone_number = census[digit] >= 7 && census[digit] <= 17 && is_phone(text);
  if (is_phone_number) {
    set(found, ValuePattern::phone);
  }
  switch (number_form(text)) {
    case NumberForm::integer:
      if (!is_phone_number) {
        set(found, ValuePattern::integer_number);
      }
      break;
    case NumberForm::decimal: set(found, ValuePattern::decimal_number); break;
    case NumberForm::grouped: set(found, ValuePattern::grouped_number); break;
    case NumberForm::percentage: set(found, ValuePattern::percentage); break;
    case NumberForm::none: break;
  }
  if (size <= 10 && is_postcode(text)) {
    set(found, ValuePattern::postcode);
  }
  if (size >= 9 && size <= 16 && is_national_id(text)) {
    set(found, ValuePattern::national_id);
  }
  if (census.only(size, digit, blank, dash) && is_credit_card(text)) {
    set(found, ValuePattern::credit_card);
  }
  if (census[dot] == 3 && is_ipv4(text)) {
    set(found, ValuePattern::ip_address);
  }
}

}  // namespace

PatternSet classify(std::string_view value) noexcept {
  PatternSet found;
  const std::string_view text = trim(value);
  if (text.size() != value.size()) {
    set(found, ValuePattern::padded);
  }
  if (text.empty()) {
    return found;
  }
  if ((text.front() == '{' || text.front() == '[') && is_json_document(text)) {
    set(found, ValuePattern::json_document);
    return found;
  }
  if (value.size() > 1024) {
    return {};
  }
  const Census census{text};
  if (text.size() <= 13 && is_null_word(text)) {
    set(found, ValuePattern::null_word);
  }
  if (census[digit] == 0) {
    classify_words(text, census, found);
  } else {
    classify_figures(text, census, found);
  }
  if (census[at_sign] == 1 && census[blank] == 0 && is_email(text)) {
    set(found, ValuePattern::email);
  }
  if (census[blank] == 0 && census[dot] + census[colon] >= 1 && census.letters >= 4 &&
      is_url(text)) {
    set(found, ValuePattern::url);
  }
  if (census[colon] >= 2 && text.size() <= 45 && is_ipv6(text)) {
    set(found, ValuePattern::ip_address);
  }
  if ((text.size() == 36 || text.size() == 38) && census[dash] == 4 && is_uuid(text)) {
    set(found, ValuePattern::uuid);
  }
  return found;
}

}  // namespace mapctl::catalog
