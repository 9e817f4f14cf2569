// SPDX-License-Identifier: Apache-2.0
#include "core/matching/rules/units.hpp"

#include "core/base/text.hpp"
#include "core/matching/rules/composite.hpp"
#include "core/matching/rules/multiples.hpp"
#include "core/matching/words/spelling_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mapctl::matching {
namespace {

using catalog::Column;
using mapping::TransformationKind;

struct KnownUnit {
  std::string_view spelling;
  Dimension dimension;
  double worth;
  std::string_view name;
  // Short ones are units in declarations, and in names only beside a column in another unit of the
  // same dimension.
  bool in_names;
};

// Sorted by spelling.
constexpr std::array known_units{
    KnownUnit{"%", Dimension::share, 0.01, "percent", false},
    KnownUnit{"b", Dimension::size, 1, "bytes", false},
    KnownUnit{"byte", Dimension::size, 1, "bytes", true},
    KnownUnit{"bytes", Dimension::size, 1, "bytes", true},
    KnownUnit{"c", Dimension::temperature, 1, "degrees Celsius", false},
    KnownUnit{"celsius", Dimension::temperature, 1, "degrees Celsius", true},
    KnownUnit{"cent", Dimension::money, 0.01, "cents", true},
    KnownUnit{"cents", Dimension::money, 0.01, "cents", true},
    KnownUnit{"cm", Dimension::length, 0.01, "centimetres", true},
    KnownUnit{"d", Dimension::duration, 86400, "days", false},
    KnownUnit{"day", Dimension::duration, 86400, "days", false},
    KnownUnit{"days", Dimension::duration, 86400, "days", true},
    KnownUnit{"f", Dimension::temperature, 1 / 1.8, "degrees Fahrenheit", false},
    KnownUnit{"fahrenheit", Dimension::temperature, 1 / 1.8, "degrees Fahrenheit", true},
    KnownUnit{"feet", Dimension::length, 0.3048, "feet", true},
    KnownUnit{"foot", Dimension::length, 0.3048, "feet", true},
    KnownUnit{"fraction", Dimension::share, 1, "a ratio", true},
    KnownUnit{"ft", Dimension::length, 0.3048, "feet", true},
    KnownUnit{"g", Dimension::mass, 0.001, "grams", false},
    KnownUnit{"gal", Dimension::volume, 3.785411784, "gallons", false},
    KnownUnit{"gallon", Dimension::volume, 3.785411784, "gallons", true},
    KnownUnit{"gallons", Dimension::volume, 3.785411784, "gallons", true},
    KnownUnit{"gb", Dimension::size, 1e9, "GB", true},
    KnownUnit{"gib", Dimension::size, 1073741824.0, "GiB", true},
    KnownUnit{"gr", Dimension::mass, 0.001, "grams", false},
    KnownUnit{"gram", Dimension::mass, 0.001, "grams", true},
    KnownUnit{"grams", Dimension::mass, 0.001, "grams", true},
    KnownUnit{"h", Dimension::duration, 3600, "hours", false},
    KnownUnit{"hour", Dimension::duration, 3600, "hours", false},
    KnownUnit{"hours", Dimension::duration, 3600, "hours", true},
    KnownUnit{"hr", Dimension::duration, 3600, "hours", false},
    KnownUnit{"hrs", Dimension::duration, 3600, "hours", true},
    KnownUnit{"in", Dimension::length, 0.0254, "inches", false},
    KnownUnit{"inch", Dimension::length, 0.0254, "inches", true},
    KnownUnit{"inches", Dimension::length, 0.0254, "inches", true},
    KnownUnit{"k", Dimension::temperature, 1, "kelvins", false},
    KnownUnit{"kb", Dimension::size, 1e3, "KB", true},
    KnownUnit{"kelvin", Dimension::temperature, 1, "kelvins", true},
    KnownUnit{"kg", Dimension::mass, 1, "kilograms", true},
    KnownUnit{"kgs", Dimension::mass, 1, "kilograms", true},
    KnownUnit{"kib", Dimension::size, 1024, "KiB", true},
    KnownUnit{"kilogram", Dimension::mass, 1, "kilograms", true},
    KnownUnit{"kilograms", Dimension::mass, 1, "kilograms", true},
    KnownUnit{"kilometers", Dimension::length, 1000, "kilometres", true},
    KnownUnit{"kilometres", Dimension::length, 1000, "kilometres", true},
    KnownUnit{"km", Dimension::length, 1000, "kilometres", true},
    KnownUnit{"l", Dimension::volume, 1, "litres", false},
    KnownUnit{"lb", Dimension::mass, 0.45359237, "pounds", true},
    KnownUnit{"lbs", Dimension::mass, 0.45359237, "pounds", true},
    KnownUnit{"liter", Dimension::volume, 1, "litres", true},
    KnownUnit{"liters", Dimension::volume, 1, "litres", true},
    KnownUnit{"litre", Dimension::volume, 1, "litres", true},
    KnownUnit{"litres", Dimension::volume, 1, "litres", true},
    KnownUnit{"m", Dimension::length, 1, "metres", false},
    KnownUnit{"mb", Dimension::size, 1e6, "MB", true},
    KnownUnit{"meter", Dimension::length, 1, "metres", false},
    KnownUnit{"meters", Dimension::length, 1, "metres", true},
    KnownUnit{"metre", Dimension::length, 1, "metres", false},
    KnownUnit{"metres", Dimension::length, 1, "metres", true},
    KnownUnit{"mg", Dimension::mass, 1e-6, "milligrams", true},
    KnownUnit{"mi", Dimension::length, 1609.344, "miles", false},
    KnownUnit{"mib", Dimension::size, 1048576.0, "MiB", true},
    KnownUnit{"mile", Dimension::length, 1609.344, "miles", true},
    KnownUnit{"miles", Dimension::length, 1609.344, "miles", true},
    KnownUnit{"millis", Dimension::duration, 0.001, "milliseconds", true},
    KnownUnit{"millisecond", Dimension::duration, 0.001, "milliseconds", true},
    KnownUnit{"milliseconds", Dimension::duration, 0.001, "milliseconds", true},
    KnownUnit{"min", Dimension::duration, 60, "minutes", false},
    KnownUnit{"mins", Dimension::duration, 60, "minutes", true},
    KnownUnit{"minute", Dimension::duration, 60, "minutes", false},
    KnownUnit{"minutes", Dimension::duration, 60, "minutes", true},
    KnownUnit{"ml", Dimension::volume, 0.001, "millilitres", true},
    KnownUnit{"mm", Dimension::length, 0.001, "millimetres", false},
    KnownUnit{"ms", Dimension::duration, 0.001, "milliseconds", true},
    KnownUnit{"ounce", Dimension::mass, 0.028349523125, "ounces", true},
    KnownUnit{"ounces", Dimension::mass, 0.028349523125, "ounces", true},
    KnownUnit{"oz", Dimension::mass, 0.028349523125, "ounces", true},
    KnownUnit{"pct", Dimension::share, 0.01, "percent", true},
    KnownUnit{"pence", Dimension::money, 0.01, "pence", true},
    KnownUnit{"percent", Dimension::share, 0.01, "percent", true},
    KnownUnit{"percentage", Dimension::share, 0.01, "percent", true},
    KnownUnit{"pound", Dimension::mass, 0.45359237, "pounds", false},
    KnownUnit{"pounds", Dimension::mass, 0.45359237, "pounds", false},
    KnownUnit{"ratio", Dimension::share, 1, "a ratio", true},
    KnownUnit{"s", Dimension::duration, 1, "seconds", false},
    KnownUnit{"sec", Dimension::duration, 1, "seconds", true},
    KnownUnit{"second", Dimension::duration, 1, "seconds", false},
    KnownUnit{"seconds", Dimension::duration, 1, "seconds", true},
    KnownUnit{"secs", Dimension::duration, 1, "seconds", true},
    KnownUnit{"sqft", Dimension::area, 0.09290304, "square feet", true},
    KnownUnit{"sqm", Dimension::area, 1, "square metres", true},
    KnownUnit{"t", Dimension::mass, 1000, "tonnes", false},
    KnownUnit{"tb", Dimension::size, 1e12, "TB", true},
    KnownUnit{"tonne", Dimension::mass, 1000, "tonnes", true},
    KnownUnit{"tonnes", Dimension::mass, 1000, "tonnes", true},
    KnownUnit{"week", Dimension::duration, 604800, "weeks", false},
    KnownUnit{"weeks", Dimension::duration, 604800, "weeks", true},
    KnownUnit{"yards", Dimension::length, 0.9144, "yards", true},
    KnownUnit{"yd", Dimension::length, 0.9144, "yards", false},
};

// Medians further apart than this, after scaling, are those of different things.
constexpr double most_apart = 5;
// Medians of two samples of one thing may lie that far apart: they tell nothing of such a factor.
constexpr double least_telling = 3;

constexpr SpellingList units_by_spelling{known_units, &KnownUnit::spelling};

Unit unit_from(const KnownUnit& known) noexcept {
  return {known.dimension, known.worth, known.name, false};
}

std::optional<Unit> unit_in(const Side& side, const TermRange& range) noexcept {
  const auto terms = side.list(range);
  // Units stand at the end: "duration_ms", "ms_since" is something else.
  for (std::size_t back = 0; back < std::min<std::size_t>(2, terms.size()); ++back) {
    const std::string_view text = side.terms[terms[terms.size() - 1 - back]].text;
    const auto* known = units_by_spelling.find(text);
    if (known != nullptr && known->in_names && terms.size() > 1) {
      return unit_from(*known);
    }
    if (back == 0 && terms.size() > 1 && is_currency_in_names(text)) {
      return Unit{Dimension::money, 1, text, false};
    }
  }
  return std::nullopt;
}

bool is_money(const ColumnFeatures& column) noexcept {
  return column.role == NameRole::amount && catalog::is_number(column.column->type.logical);
}

// The last word as a unit, however short.
const KnownUnit* short_unit(const Side& side, const ColumnFeatures& column) noexcept {
  const auto terms = side.list(column.raw);
  return terms.size() > 1 && column.column->unit.empty() && !is_money(column)
             ? units_by_spelling.find(side.terms[terms.back()].text)
             : nullptr;
}

bool same_but_unit(const Side& source, const ColumnFeatures& from, const Side& target,
                   const ColumnFeatures& to) noexcept {
  const auto left = source.list(from.raw);
  const auto right = target.list(to.raw);
  return !left.empty() && !right.empty() &&
         std::equal(left.begin(), left.end() - 1, right.begin(), right.end() - 1,
                    [&](std::uint32_t a, std::uint32_t b) {
                      return source.terms[a].hash == target.terms[b].hash;
                    });
}

// Gives short units their meaning where the other column has a unit of that dimension: "weight_g"
// beside "weight_kg" is in grams.
void read_short_units(const Side& source, const ColumnFeatures& from, std::optional<Unit>& have,
                      const Side& target, const ColumnFeatures& to, std::optional<Unit>& want) {
  if (have && want) {
    return;
  }
  const bool alike = same_but_unit(source, from, target, to);
  // "price_min" is the least of something.
  const auto told = [&](const KnownUnit* unit) {
    return unit != nullptr && (unit->spelling != "min" || alike) ? unit : nullptr;
  };
  const KnownUnit* left = have ? nullptr : told(short_unit(source, from));
  const KnownUnit* right = want ? nullptr : told(short_unit(target, to));
  if (left != nullptr && want && want->dimension == left->dimension) {
    have = unit_from(*left);
  } else if (right != nullptr && have && have->dimension == right->dimension) {
    want = unit_from(*right);
  } else if (left != nullptr && right != nullptr && left->dimension == right->dimension && alike) {
    have = unit_from(*left);
    want = unit_from(*right);
  }
}

// What a number becomes in another unit.
struct Conversion {
  double factor = 1;
  double offset = 0;  // of temperatures, added after the factor
  double operator()(double number) const noexcept { return number * factor + offset; }
};

// Whether the factor moves the point behind all digits of the column: "12.50" to cents.
bool becomes_whole(const catalog::Column& column, const Conversion& conversion) {
  const auto digits =
      column.statistics ? std::optional{column.statistics->fraction_digits} : column.type.scale;
  return digits && conversion.offset == 0 &&
         std::fmod(conversion.factor, std::pow(10.0, *digits)) == 0;
}

std::string in_words(const Unit& unit) {
  return is_currency_in_names(unit.name) ? to_upper(unit.name) : std::string{unit.name};
}

// In degrees Celsius.
double zero_of(const Unit& unit) noexcept {
  return unit.name == "kelvins" ? -273.15 : unit.name == "degrees Fahrenheit" ? -32 / 1.8 : 0;
}

// Between units that both sides name, or from cents where one side names them and the other is an
// amount of money with decimals.
std::optional<Conversion> conversion_between(const ColumnFeatures& from, std::optional<Unit>& have,
                                             const ColumnFeatures& to,
                                             std::optional<Unit>& want) noexcept {
  const auto as_money = [](const ColumnFeatures& column, const std::optional<Unit>& other,
                           std::optional<Unit>& unit) {
    if (!unit && other && other->dimension == Dimension::money && other->worth != 1 &&
        is_money(column) && column.column->type.logical != catalog::LogicalType::integer) {
      unit = Unit{Dimension::money, 1, "whole units", true};
    }
  };
  as_money(from, want, have);
  as_money(to, have, want);
  if (!have || !want || have->dimension != want->dimension) {
    return std::nullopt;
  }
  const Conversion conversion{have->worth / want->worth,
                              (zero_of(*have) - zero_of(*want)) / want->worth};
  return conversion.factor == 1 && conversion.offset == 0 ? std::nullopt
                                                          : std::optional{conversion};
}

// Of numbers in thousands and the like against plain ones, whatever they count.
std::optional<Conversion> conversion_of_multiples(const Side& source, const ColumnFeatures& from,
                                                  std::optional<Unit>& have, const Side& target,
                                                  const ColumnFeatures& to,
                                                  std::optional<Unit>& want) noexcept {
  const auto measures = [](const std::optional<Unit>& unit) {
    return unit && (unit->dimension != Dimension::money || unit->worth != 1);
  };
  auto left = multiple_of(source, from);
  auto right = multiple_of(target, to);
  if ((!left && !right) || measures(have) || measures(want)) {
    return std::nullopt;
  }
  const bool by_letter =
      (!left || is_letter_multiple(source, from)) && (!right || is_letter_multiple(target, to));
  if (by_letter && !same_but_multiple(source, from, target, to)) {
    return std::nullopt;
  }
  const Unit single{Dimension::count, 1, "single units", true};
  have = left.value_or(single);
  want = right.value_or(single);
  return have->worth == want->worth ? std::nullopt
                                    : std::optional{Conversion{have->worth / want->worth, 0}};
}

const double* median(const Column& column) noexcept {
  if (!column.statistics || column.statistics->quantiles.size() < 7) {
    return nullptr;
  }
  return &column.statistics->quantiles[3];
}

Tally found_in(const Column& from, const Column& to, const Conversion& conversion) {
  Tally tally;
  for (const auto& number : numbers_of(from)) {
    if (const auto found = number ? holds_rounded(to, conversion(*number)) : std::nullopt) {
      ++tally.of;
      tally.holds += *found ? 1 : 0;
    }
  }
  return tally;
}

// What the values of both sides say about a conversion.
struct Judgement {
  bool holds = true;
  std::string words{};
};

Judgement judge(const Column& from, const Column& to, const Conversion& conversion) {
  const double* have = median(from);
  const double* want = median(to);
  if (have == nullptr || want == nullptr) {
    return {};
  }
  const Tally converted = found_in(from, to, conversion);
  const Tally plain = found_in(from, to, {});
  const std::string medians =
      fmt::format("; half of the values are below {:g}, which becomes {:g}, against {:g}", *have,
                  conversion(*have), *want);
  if (converted.is_enough() && std::max(converted.holds, plain.holds) * 2 >= converted.of) {
    // The rows are the same on both sides.
    return {converted.holds >= plain.holds, medians + "; " + in_words(converted)};
  }
  if (conversion.offset == 0 && *have != 0 && *want != 0) {
    const double apart = std::abs(std::log(std::abs(conversion(*have) / *want)));
    const double apart_plain = std::abs(std::log(std::abs(*have / *want)));
    const bool telling = std::abs(std::log(conversion.factor)) > std::log(least_telling);
    if (apart > std::log(most_apart) || (telling && !(apart < apart_plain))) {
      return {false, {}};
    }
  }
  return {true, medians + (converted.is_enough() && converted.holds > 0 ? "; " + in_words(converted)
                                                                        : std::string{})};
}

// Without an exponent, which people overlook.
std::string factor_text(double factor) {
  std::string text = fmt::format("{:.12g}", factor);
  if (text.find('e') != std::string::npos) {
    text = fmt::format("{:.15f}", factor);
    text.erase(text.find_last_not_of('0') + 1);
    text.erase(text.ends_with('.') ? text.size() - 1 : text.size());
  }
  return text;
}

mapping::TransformationStep step_between(const Column& from, const Unit& have, const Unit& want,
                                         const Conversion& conversion) {
  if (conversion.offset == 0) {
    return step_of(TransformationKind::scale_unit, {{"factor", factor_text(conversion.factor)}});
  }
  const bool from_fahrenheit = have.name == "degrees Fahrenheit";
  const bool to_fahrenheit = want.name == "degrees Fahrenheit";
  std::string text = in_expression(from.name.text);
  if (from_fahrenheit) {
    text = fmt::format("({} - 32) / 1.8{}", text, zero_of(want) != 0 ? " + 273.15" : "");
  } else if (to_fahrenheit) {
    text = zero_of(have) != 0 ? fmt::format("({} - 273.15) * 1.8 + 32", text)
                              : fmt::format("{} * 1.8 + 32", text);
  } else {
    text = fmt::format("{} {} 273.15", text, zero_of(have) != 0 ? '-' : '+');
  }
  return step_of(TransformationKind::expression, {{"expression", std::move(text)}});
}

void add_conversion(const Side& source, const ColumnFeatures& from, std::optional<Unit> have,
                    const Side& target, const ColumnFeatures& to, std::optional<Unit> want,
                    bool use_data, mapping::Candidate& candidate) {
  read_short_units(source, from, have, target, to, want);
  if (have && want && have->name != want->name && is_currency_in_names(have->name) &&
      is_currency_in_names(want->name)) {
    candidate.warnings.push_back(fmt::format("amounts in {} and in {}: a rate is needed",
                                             to_upper(have->name), to_upper(want->name)));
    return;
  }
  auto conversion = conversion_between(from, have, to, want);
  if (!conversion) {
    conversion = conversion_of_multiples(source, from, have, target, to, want);
  }
  if (!conversion) {
    return;
  }
  auto& steps = candidate.transformation.steps;
  // A whole number is made of the result, not of what is scaled.
  const bool cuts = !steps.empty() && steps.back().kind == TransformationKind::cast &&
                    to.column->type.logical == catalog::LogicalType::integer;
  if (conversion->offset != 0 && steps.size() > (cuts ? 1U : 0U)) {
    return;  // an expression is over what the column has, not over what steps made of it
  }
  const auto judged = use_data ? judge(*from.column, *to.column, *conversion) : Judgement{};
  const std::string named = fmt::format("'{}' is in {}, '{}' in {}", from.column->name.text,
                                        in_words(*have), to.column->name.text, in_words(*want));
  if (!judged.holds) {
    candidate.warnings.push_back(
        fmt::format("by their names {}, but the values speak against a conversion", named));
    return;
  }
  steps.insert(cuts ? steps.end() - 1 : steps.end(),
               step_between(*from.column, *have, *want, *conversion));
  candidate.mapping_type = mapping::mapping_type_of(candidate.transformation);
  const bool whole = cuts && becomes_whole(*from.column, *conversion);
  std::erase_if(candidate.warnings, [&](const std::string& warning) {
    return warning.starts_with("units differ") ||
           (whole && warning.starts_with("fractions are lost"));
  });
  candidate.evidence.push_back({"unit", 1.0, 0.0, named + judged.words});
}

}  // namespace

std::optional<Unit> unit_of(const Side& side, const ColumnFeatures& column) noexcept {
  if (!column.column->unit.empty()) {
    char lower[16];
    const std::string& unit = column.column->unit;
    if (unit.size() > sizeof lower) {
      return std::nullopt;
    }
    std::transform(unit.begin(), unit.end(), lower, [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const auto* known = units_by_spelling.find({lower, unit.size()});
    return known == nullptr ? std::nullopt : std::optional{unit_from(*known)};
  }
  const auto raw = unit_in(side, column.raw);
  return raw || column.is_read_as_written() ? raw : unit_in(side, column.expanded);
}

void scale_units(const Side& source, const Side& target, bool use_data,
                 mapping::PairProposal& proposal) {
  std::vector<std::optional<Unit>> wanted(target.columns.size());
  bool any_wanted = false;
  for (std::size_t column = 0; column < wanted.size(); ++column) {
    const auto& to = target.columns[column];
    if (catalog::is_number(to.column->type.logical)) {
      wanted[column] = unit_of(target, to);
      any_wanted |= wanted[column].has_value() || multiple_of(target, to);
    }
  }
  std::unordered_map<std::string_view, std::size_t> by_name;
  for (std::size_t column = 0; column < source.columns.size(); ++column) {
    const auto& from = source.columns[column];
    if (proposal.fields[column].candidates.empty() ||
        !(from.type == TypeClass::integer || from.type == TypeClass::decimal)) {
      continue;
    }
    const auto own = unit_of(source, from);
    if (!own && !any_wanted && short_unit(source, from) == nullptr && !multiple_of(source, from)) {
      continue;
    }
    if (by_name.empty()) {
      for (std::size_t number = 0; number < target.columns.size(); ++number) {
        by_name.emplace(target.columns[number].column->name.text, number);
      }
    }
    for (auto& candidate : proposal.fields[column].candidates) {
      const std::size_t number = by_name.at(candidate.target_column.text);
      const auto* to = &target.columns[number];
      if (candidate.transformation.inputs.size() > 1 ||
          !catalog::is_number(to->column->type.logical)) {
        continue;
      }
      add_conversion(source, from, own, target, *to, wanted[number], use_data, candidate);
    }
  }
}

}  // namespace mapctl::matching
