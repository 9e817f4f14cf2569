// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/wholes.hpp"

#include "core/matching/columns/column_parts.hpp"
#include "core/matching/columns/mentions.hpp"
#include "core/matching/columns/name_part.hpp"
#include "core/matching/words/address_words.hpp"
#include "core/matching/words/spelling_list.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mapctl::matching {
namespace {

// What a word of a name says of it.
enum class Sign : std::uint8_t {
  none,
  address,
  of_address,  // a part of one
  name,
  of_name,    // names of persons have it
  full,       // the whole of it
  person,     // whose it is; others call the same person otherwise
  something,  // of another kind
};

struct SignWord {
  std::string_view text;
  Sign sign;
};

// Beside the words of addresses. Sorted by text.
constexpr std::array sign_words{
    SignWord{"address", Sign::address},  SignWord{"client", Sign::person},
    SignWord{"code", Sign::none},        SignWord{"contact", Sign::person},
    SignWord{"count", Sign::something},  SignWord{"customer", Sign::person},
    SignWord{"date", Sign::something},   SignWord{"display", Sign::full},
    SignWord{"email", Sign::something},  SignWord{"employee", Sign::person},
    SignWord{"family", Sign::of_name},   SignWord{"first", Sign::of_name},
    SignWord{"forename", Sign::of_name}, SignWord{"full", Sign::full},
    SignWord{"given", Sign::of_name},    SignWord{"identifier", Sign::something},
    SignWord{"ip", Sign::something},     SignWord{"last", Sign::of_name},
    SignWord{"mac", Sign::something},    SignWord{"mail", Sign::something},
    SignWord{"middle", Sign::of_name},   SignWord{"name", Sign::name},
    SignWord{"patient", Sign::person},   SignWord{"person", Sign::person},
    SignWord{"status", Sign::something}, SignWord{"surname", Sign::of_name},
    SignWord{"type", Sign::something},   SignWord{"url", Sign::something},
    SignWord{"web", Sign::something},
};
constexpr SpellingList signs{sign_words, &SignWord::text};

constexpr std::uint32_t bit(Sign sign) noexcept {
  return 1U << static_cast<unsigned>(sign);
}

// Nothing of a word that says nothing.
std::optional<Sign> sign_of(std::string_view word) noexcept {
  if (const auto* const found = signs.find(word); found != nullptr) {
    return found->sign;
  }
  switch (address_part_of(word)) {
    case AddressPart::street: return Sign::none;  // its first line is often all of an address
    case AddressPart::region:
    case AddressPart::city:
    case AddressPart::country:
    case AddressPart::postcode: return Sign::of_address;
    default: return std::nullopt;
  }
}

Composition composition_of(const Side& side, const ColumnFeatures& column) noexcept {
  std::uint32_t seen = 0;
  std::size_t others = 0;
  for (const auto term : side.list(column.expanded)) {
    const auto sign = sign_of(side.terms[term].text);
    seen |= sign ? bit(*sign) : 0;
    others += sign ? 0 : 1;
  }
  const auto has = [&](Sign sign) { return (seen & bit(sign)) != 0; };
  const bool holds_text = column.type == TypeClass::unknown || column.type == TypeClass::text ||
                          column.type == TypeClass::code ||
                          (column.type == TypeClass::integer && has(Sign::of_address));
  if (seen == 0 || has(Sign::something) || !holds_text) {
    return Composition::none;
  }
  if (has(Sign::of_address)) {
    return has(Sign::name) && !(seen & bit(Sign::address)) ? Composition::none
                                                           : Composition::part_of_address;
  }
  if (has(Sign::address)) {
    return Composition::address;
  }
  if (has(Sign::of_name)) {
    return has(Sign::name) || others == 0 ? Composition::part_of_name : Composition::none;
  }
  // A name alone may be that of anything.
  return has(Sign::name) && (has(Sign::full) || has(Sign::person) || others > 0 ||
                             is_of_persons(side, side.tables[column.table]) ||
                             name_part(side, column) == NamePart::full)
             ? Composition::name
             : Composition::none;
}

bool has_term_of(const Side& side, std::span<const std::uint32_t> words,
                 const Term& word) noexcept {
  return std::any_of(words.begin(), words.end(),
                     [&](std::uint32_t one) { return side.terms[one].hash == word.hash; });
}

// Whether a word tells what thing a column is about, and not which part of it. The name of a
// customer is the name of a person elsewhere; not so the address.
bool is_about(const Term& word, const ColumnFeatures& column) noexcept {
  if (word.number) {
    return false;
  }
  const auto sign = sign_of(word.text);
  const bool of_name =
      column.composition == Composition::name || column.composition == Composition::part_of_name;
  return !sign || (*sign == Sign::person && !of_name);
}

// Beside the city or postcode of the same thing, an address is its first line.
bool stands_beside_city(const Side& side, const ColumnFeatures& address) noexcept {
  const auto is_of_city = [](AddressPart part) {
    return part == AddressPart::city || part == AddressPart::postcode;
  };
  const auto words_in = [&](const ColumnFeatures& column, const ColumnFeatures& other) {
    const auto words = side.list(column.expanded);
    return std::all_of(words.begin(), words.end(), [&](std::uint32_t term) {
      return !is_about(side.terms[term], column) ||
             has_term_of(side, side.list(other.expanded), side.terms[term]);
    });
  };
  const TableFeatures& table = side.tables[address.table];
  const std::span columns{side.columns.data() + table.first_column, table.column_count};
  return std::any_of(columns.begin(), columns.end(), [&](const ColumnFeatures& other) {
    const auto words = side.list(other.expanded);
    return other.composition == Composition::part_of_address &&
           std::any_of(words.begin(), words.end(),
                       [&](std::uint32_t term) {
                         return is_of_city(address_part_of(side.terms[term].text));
                       }) &&
           words_in(other, address) && words_in(address, other);
  });
}

// All words of the name that are about a thing are in the other name or its table's, or in the name
// of their own table.
bool tells_the_same(const Side& side, const ColumnFeatures& column, const Side& other_side,
                    const ColumnFeatures& other) noexcept {
  const auto own_table = side.list(side.tables[column.table].name);
  const auto other_table = other_side.list(other_side.tables[other.table].name);
  const auto other_words = other_side.list(other.expanded);
  for (const auto term : side.list(column.expanded)) {
    const Term& word = side.terms[term];
    if (is_about(word, column) && !has_term_of(other_side, other_words, word) &&
        !has_term_of(other_side, other_table, word) && !has_term_of(side, own_table, word)) {
      return false;
    }
  }
  return true;
}

// The whole is computed of a column that is called like the other.
bool is_factor(const Side& side, const ColumnFeatures& whole,
               const ColumnFeatures& other) noexcept {
  return whole.factors[0] != whole.factors[1] &&
         std::any_of(whole.factors.begin(), whole.factors.end(), [&](std::uint32_t factor) {
           return side.columns[factor].full_hash == other.full_hash;
         });
}

}  // namespace

void find_wholes(Side& side) {
  for (auto& column : side.columns) {
    column.composition = composition_of(side, column);
  }
  for (auto& column : side.columns) {
    if (column.composition == Composition::address && stands_beside_city(side, column)) {
      column.composition = Composition::none;
    }
  }
}

float whole_and_part(const Side& source, const ColumnFeatures& left, const Side& target,
                     const ColumnFeatures& right, bool use_data) noexcept {
  const auto is = [&](Composition whole, Composition part) {
    return (left.composition == whole && right.composition == part) ||
           (left.composition == part && right.composition == whole);
  };
  const bool named = (is(Composition::name, Composition::part_of_name) ||
                      is(Composition::address, Composition::part_of_address)) &&
                     tells_the_same(source, left, target, right) &&
                     tells_the_same(target, right, source, left);
  const bool computed =
      use_data && (is_factor(source, left, right) || is_factor(target, right, left) ||
                   is_mentioned(source, left, target, right));
  return named || computed ? 1.0F : 0.0F;
}

bool is_left_whole(const Side& source, const ColumnFeatures& left, const Side& target,
                   const ColumnFeatures& right) noexcept {
  return left.composition == Composition::name || left.composition == Composition::address ||
         is_factor(source, left, right) || mentions(source, left, target, right);
}

}  // namespace mapctl::matching
