// SPDX-License-Identifier: Apache-2.0
#include "core/matching/rules/unit_names.hpp"

#include "core/base/ascii.hpp"
#include "core/base/text.hpp"
#include "core/matching/rules/composite.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string_view>

namespace mapctl::matching {
namespace {

Unit unit_from(const KnownUnit& known) noexcept {
  return {known.dimension, known.worth, known.name, false};
}

// Whether the name ends so as it is written, brackets left out: "Energy (kWh)" in "kwh".
bool is_written_at_end(std::string_view name, std::string_view text) noexcept {
  while (!name.empty() && (name.back() == ')' || name.back() == ']' || name.back() == ' ')) {
    name.remove_suffix(1);
  }
  return name.size() >= text.size() &&
         equal_ignoring_case(name.substr(name.size() - text.size()), text);
}

// A unit at the end of a name, and of how many of its words.
struct EndingUnit {
  const KnownUnit* unit = nullptr;
  std::size_t words = 0;
};

// Names are cut within "kWh", "sq_m" and "km/h".
EndingUnit unit_of_two_words(const ColumnFeatures& column, std::string_view first,
                             std::string_view last) noexcept {
  std::array<char, 24> text{};
  if (first.size() + last.size() > text.size()) {
    return {};
  }
  std::copy(last.begin(), last.end(), std::copy(first.begin(), first.end(), text.begin()));
  const std::string_view joined{text.data(), first.size() + last.size()};
  const auto* known = find_unit(joined);
  if (known == nullptr) {
    return {};
  }
  const std::string_view name = column.column->name.text;
  const bool one = first == "sq" || first == "square" || (first == "km" && last == "h") ||
                   last == "2" || last == "3" ||
                   (first.size() == 1 && is_written_at_end(name, joined));
  return one ? EndingUnit{known, 2} : EndingUnit{};
}

EndingUnit ending_unit(const Side& side, const ColumnFeatures& column) noexcept {
  const auto terms = side.list(column.raw);
  if (terms.empty()) {
    return {};
  }
  const std::string_view last = side.terms[terms.back()].text;
  if (terms.size() > 1) {
    const std::string_view first = side.terms[terms[terms.size() - 2]].text;
    if (const auto found = unit_of_two_words(column, first, last); found.unit != nullptr) {
      return found;
    }
    static constexpr KnownUnit metres_a_second{"m/s", Dimension::speed, 1, "m/s", true};
    if (first == "m" && last == "s" && is_written_at_end(column.column->name.text, "m/s")) {
      return {&metres_a_second, 2};
    }
    // "price_per_kg" grows where the unit does.
    if (first == "per") {
      return {};
    }
  }
  return {find_unit(last), 1};
}

std::optional<Unit> unit_in(const Side& side, std::span<const std::uint32_t> terms) noexcept {
  // Units stand at the end: "duration_ms", "ms_since" is something else.
  for (std::size_t back = 0; terms.size() > 1 && back < 2; ++back) {
    const auto at = terms.size() - 1 - back;
    const std::string_view text = side.terms[terms[at]].text;
    const auto* known = find_unit(text);
    if (known != nullptr && known->in_names) {
      const bool divides = at > 0 && side.terms[terms[at - 1]].text == "per";
      return divides ? std::nullopt : std::optional{unit_from(*known)};
    }
    if (back == 0 && is_currency_in_names(text)) {
      // "price_cents_eur"
      const auto* part = at > 1 ? find_unit(side.terms[terms[at - 1]].text) : nullptr;
      if (part != nullptr && part->in_names && part->dimension == Dimension::money) {
        return unit_from(*part);
      }
      return Unit{Dimension::money, 1, text, false};
    }
  }
  return std::nullopt;
}

std::string_view currency_in(const Side& side, std::span<const std::uint32_t> terms) noexcept {
  std::string_view currency;
  for (std::size_t at = 0; terms.size() > 1 && at < terms.size(); ++at) {
    std::string_view text = side.terms[terms[at]].text;
    // "teur", "kusd"
    if (text.size() == 4 && (text.front() == 't' || text.front() == 'k' || text.front() == 'm')) {
      text.remove_prefix(1);
    }
    if (is_currency_in_names(text)) {
      if (!currency.empty() && currency != text) {
        return {};
      }
      currency = text;
    }
  }
  return currency;
}

// The last word as a unit, however short; a name that is nothing else, too, where it is clear.
EndingUnit short_unit(const Side& side, const ColumnFeatures& column) noexcept {
  if (!column.column->unit.empty() || is_money(column)) {
    return {};
  }
  const auto found = ending_unit(side, column);
  const bool alone = found.words == side.list(column.raw).size();
  return found.unit != nullptr && alone && !found.unit->in_names ? EndingUnit{} : found;
}

// How many words at the end of a name are a unit that is read already.
std::size_t words_of_unit(const Side& side, const ColumnFeatures& column) noexcept {
  return column.column->unit.empty() ? std::max<std::size_t>(ending_unit(side, column).words, 1)
                                     : 0;
}

std::span<const std::uint32_t> words_before(const Side& side, const ColumnFeatures& column,
                                            std::size_t words) noexcept {
  const auto terms = side.list(column.raw);
  return terms.first(terms.size() - std::min(words, terms.size()));
}

bool has_meaning(const Side& side, const ColumnFeatures& column, std::uint64_t hash) noexcept {
  const auto in = [&](const TermRange& range) {
    const auto terms = side.list(range);
    return std::any_of(terms.begin(), terms.end(), [&](std::uint32_t number) {
      const Term& term = side.terms[number];
      const auto others = side.alternatives.begin() + term.alternatives;
      return term.hash == hash || std::find(others, others + term.alternative_count, hash) !=
                                      others + term.alternative_count;
    });
  };
  return in(column.raw) || in(column.expanded);
}

// Whether the last word before the unit of one name is among the words of the other.
bool measures_same(const Side& one, const ColumnFeatures& measured, std::size_t words,
                   const Side& other, const ColumnFeatures& column) noexcept {
  const auto rest = words_before(one, measured, words);
  if (rest.empty()) {
    return false;
  }
  if (has_meaning(other, column, one.terms[rest.back()].hash)) {
    return true;
  }
  const auto read = one.list(measured.expanded);
  return read.size() == one.list(measured.raw).size() &&
         has_meaning(other, column, one.terms[read[rest.size() - 1]].hash);
}

bool same_words(const Side& source, std::span<const std::uint32_t> left, const Side& target,
                std::span<const std::uint32_t> right) noexcept {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](std::uint32_t a, std::uint32_t b) {
                      return source.terms[a].hash == target.terms[b].hash;
                    });
}

// Means other things as well: "price_min" is the least of something, "share" a part of a company.
bool is_ambiguous(const KnownUnit& unit) noexcept {
  static constexpr std::string_view words[] = {
      "bar", "cal", "ha", "ma", "min", "mv",  "mw", "pa", "hp",  "atm", "second", "share",
      "kn",  "kt",  "wh", "in", "mi",  "amp", "cl", "mj", "bps", "mps", "gal"};
  return unit.spelling.size() == 1 ||
         std::find(std::begin(words), std::end(words), unit.spelling) != std::end(words);
}

}  // namespace

bool is_money(const ColumnFeatures& column) noexcept {
  return column.role == NameRole::amount && catalog::is_number(column.column->type.logical);
}

std::optional<Unit> unit_of(const Side& side, const ColumnFeatures& column) noexcept {
  if (!column.column->unit.empty()) {
    std::array<char, 16> lower{};
    const std::string& unit = column.column->unit;
    if (unit.size() > lower.size()) {
      return std::nullopt;
    }
    std::transform(unit.begin(), unit.end(), lower.begin(), [](char c) { return to_lower(c); });
    const auto* known = find_unit({lower.data(), unit.size()});
    return known == nullptr ? std::nullopt : std::optional{unit_from(*known)};
  }
  const auto ending = ending_unit(side, column);
  if (ending.words == 2) {
    return ending.unit->in_names && side.list(column.raw).size() > 2
               ? std::optional{unit_from(*ending.unit)}
               : std::nullopt;
  }
  const auto raw = unit_in(side, side.list(column.raw));
  return raw || column.is_read_as_written() ? raw : unit_in(side, side.list(column.expanded));
}

std::string_view currency_of(const Side& side, const ColumnFeatures& column) noexcept {
  const auto raw = currency_in(side, side.list(column.raw));
  return !raw.empty() || column.is_read_as_written()
             ? raw
             : currency_in(side, side.list(column.expanded));
}

UnitPair units_of_pair(const Side& source, const ColumnFeatures& from,
                       const std::optional<Unit>& have, const Side& target,
                       const ColumnFeatures& to, const std::optional<Unit>& want) noexcept {
  UnitPair pair{have, want, UnitTrust::names};
  if (have && want) {
    return pair;
  }
  const auto left = have ? EndingUnit{} : short_unit(source, from);
  const auto right = want ? EndingUnit{} : short_unit(target, to);
  const auto dimension = [](const std::optional<Unit>& unit, const EndingUnit& ending) {
    return unit                     ? std::optional{unit->dimension}
           : ending.unit != nullptr ? std::optional{ending.unit->dimension}
                                    : std::nullopt;
  };
  const auto wanted = dimension(want, right);
  if (!wanted || wanted != dimension(have, left)) {
    return pair;
  }
  const std::size_t left_words = have ? words_of_unit(source, from) : left.words;
  const std::size_t right_words = want ? words_of_unit(target, to) : right.words;
  const bool alike = same_words(source, words_before(source, from, left_words), target,
                                words_before(target, to, right_words));
  const bool left_tells = have || measures_same(target, to, right_words, source, from);
  const bool right_tells = want || measures_same(source, from, left_words, target, to);
  const auto doubtful = [](const EndingUnit& ending, bool told) {
    return ending.unit != nullptr && is_ambiguous(*ending.unit) && !told;
  };
  const bool both_short = !have && !want;
  const bool clear = (have || left.unit->in_names) && (want || right.unit->in_names);
  const bool least = (left.unit != nullptr && left.unit->spelling == "min" && !left_tells) ||
                     (right.unit != nullptr && right.unit->spelling == "min" && !right_tells);
  const bool told = both_short && !clear
                        ? (left_tells || right_tells) && !least
                        : !doubtful(left, left_tells) && !doubtful(right, right_tells);
  pair.trust = alike || told ? UnitTrust::names : UnitTrust::values;
  pair.have = have ? have : unit_from(*left.unit);
  pair.want = want ? want : unit_from(*right.unit);
  return pair;
}

std::optional<Unit> pace_of(const Side& side, const ColumnFeatures& column) noexcept {
  // Calendar parts have such words as well: "pay_month", "birth_year".
  const bool amount =
      side.has_word(column.expanded, {"salary", "wage", "wages", "rent", "income", "fee", "cost",
                                      "costs", "premium", "price", "consumption", "revenue"});
  const auto is = [&](std::initializer_list<std::string_view> adjectives, std::string_view noun) {
    return side.has_word(column.expanded, adjectives) ||
           (amount && side.has_word(column.expanded, {noun}));
  };
  const bool monthly = is({"monthly"}, "month");
  const bool quarterly = is({"quarterly"}, "quarter");
  const bool yearly = is({"annual", "yearly"}, "year");
  if (static_cast<int>(monthly) + static_cast<int>(quarterly) + static_cast<int>(yearly) != 1) {
    return std::nullopt;
  }
  return monthly     ? Unit{Dimension::per_period, 12, "amounts a month", false}
         : quarterly ? Unit{Dimension::per_period, 4, "amounts a quarter", false}
                     : Unit{Dimension::per_period, 1, "amounts a year", false};
}

}  // namespace mapctl::matching
