// SPDX-License-Identifier: Apache-2.0
#include "core/matching/rules/units.hpp"

#include "core/base/text.hpp"
#include "core/matching/rules/composite.hpp"
#include "core/matching/rules/multiples.hpp"
#include "core/matching/rules/unit_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mapctl::matching {
namespace {

using catalog::Column;
using mapping::TransformationKind;

// Medians further apart than this, after scaling, are those of different things.
constexpr double most_apart = 5;
// Medians of two samples of one thing may lie that far apart: they tell nothing of such a factor.
constexpr double least_telling = 3;
// Medians of one thing, where a name alone is not enough.
constexpr double close_by = 2;

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
                                                  std::optional<Unit>& want,
                                                  UnitTrust& trust) noexcept {
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
  const bool amounts = is_money(to) && same_head_but_multiple(source, from, target, to);
  trust = by_letter && !amounts && !same_but_multiple(source, from, target, to) ? UnitTrust::values
                                                                                : UnitTrust::names;
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

enum class Verdict : std::uint8_t { unknown, agree, contradict };

// What the values of both sides say about a conversion.
struct Judgement {
  Verdict verdict = Verdict::unknown;
  std::string words{};
};

// Of medians, or of degrees, whose zero is elsewhere.
Verdict verdict_of_medians(double have, double want, const Conversion& conversion) {
  if (conversion.offset != 0) {
    const double apart = std::abs(conversion(have) - want);
    const double apart_plain = std::abs(have - want);
    return apart > apart_plain       ? Verdict::contradict
           : apart * 2 < apart_plain ? Verdict::agree
                                     : Verdict::unknown;
  }
  if (have == 0 || want == 0) {
    return Verdict::unknown;
  }
  const double apart = std::abs(std::log(std::abs(conversion(have) / want)));
  const double apart_plain = std::abs(std::log(std::abs(have / want)));
  const bool telling = std::abs(std::log(conversion.factor)) > std::log(least_telling);
  if (apart > std::log(most_apart) || (telling && !(apart < apart_plain))) {
    return Verdict::contradict;
  }
  return telling && apart < std::log(close_by) ? Verdict::agree : Verdict::unknown;
}

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
    return {converted.holds > plain.holds    ? Verdict::agree
            : converted.holds == plain.holds ? Verdict::unknown
                                             : Verdict::contradict,
            medians + "; " + in_words(converted)};
  }
  const Verdict verdict = verdict_of_medians(*have, *want, conversion);
  return {verdict,
          medians + (converted.is_enough() && converted.holds > 0 ? "; " + in_words(converted)
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

bool has_no_values(const Column& column) noexcept {
  return !column.statistics || column.statistics->rows == 0;
}

// A file without rows declares all its columns as text.
bool is_undeclared(const Column& column) noexcept {
  return (column.type.logical == catalog::LogicalType::string ||
          column.type.logical == catalog::LogicalType::unknown) &&
         !column.type.length && has_no_values(column);
}

bool may_hold_numbers(const ColumnFeatures& column) noexcept {
  return catalog::is_number(column.column->type.logical) || column.type == TypeClass::integer ||
         column.type == TypeClass::decimal || is_undeclared(*column.column);
}

// Before the steps that give the number its type; false where the steps leave no place for it.
bool insert(mapping::TransformationStep step, const Column& from,
            std::vector<mapping::TransformationStep>& steps) {
  const auto gives_type = [](const mapping::TransformationStep& one) {
    return one.kind == TransformationKind::cast || one.kind == TransformationKind::truncate ||
           one.kind == TransformationKind::default_value;
  };
  auto place = steps.end();
  while (place != steps.begin() && gives_type(*(place - 1))) {
    --place;
  }
  if (step.kind == TransformationKind::expression) {
    // It is over what the column has, not over what steps made of it.
    if (place != steps.begin() || !(catalog::is_number(from.type.logical) || is_undeclared(from))) {
      return false;
    }
  } else if (!catalog::is_number(from.type.logical)) {
    const bool parsed = std::any_of(steps.begin(), place, [](const auto& one) {
      return one.kind == TransformationKind::parse_number;
    });
    if (!parsed) {
      const auto type = catalog::to_string(catalog::LogicalType::floating);
      place =
          steps.insert(place, step_of(TransformationKind::cast, {{"type", std::string{type}}})) + 1;
    }
  }
  steps.insert(place, std::move(step));
  return true;
}

void convert(mapping::TransformationStep step, const Conversion& conversion, const Column& from,
             const Column& to, std::string reason, mapping::Candidate& candidate) {
  if (!insert(std::move(step), from, candidate.transformation.steps)) {
    candidate.warnings.push_back(std::move(reason) + ": a conversion is needed");
    return;
  }
  candidate.mapping_type = mapping::mapping_type_of(candidate.transformation);
  const bool whole =
      to.type.logical == catalog::LogicalType::integer && becomes_whole(from, conversion);
  std::erase_if(candidate.warnings, [&](const std::string& warning) {
    return warning.starts_with("units differ") ||
           (whole && warning.starts_with("fractions are lost"));
  });
  candidate.evidence.push_back({"unit", 1.0, 0.0, std::move(reason)});
}

// Numbers that tell rows apart, or are codes or years, are in no unit.
bool is_measured(const ColumnFeatures& column) noexcept {
  static constexpr NameRole others[] = {NameRole::identifier, NameRole::number, NameRole::code,
                                        NameRole::moment,     NameRole::flag,   NameRole::phone,
                                        NameRole::place};
  return column.key == KeyRole::none && column.named_key == KeyRole::none &&
         column.address_part == AddressPart::none && median(*column.column) != nullptr &&
         std::find(std::begin(others), std::end(others), column.role) == std::end(others);
}

// By how much the numbers of one column exceed those of the other, where that is about the same
// for small and large ones.
std::optional<double> constant_ratio(const Column& from, const Column& to) noexcept {
  constexpr std::int64_t fewest_values = 5;
  constexpr double most_spread = 2;
  if (from.statistics->distinct < fewest_values || to.statistics->distinct < fewest_values) {
    return std::nullopt;
  }
  double least = 0;
  double most = 0;
  for (std::size_t at = 1; at < 6; ++at) {
    const double have = from.statistics->quantiles[at];
    const double want = to.statistics->quantiles[at];
    if (!(have > 0) || !(want > 0)) {
      return std::nullopt;
    }
    least = at == 1 ? want / have : std::min(least, want / have);
    most = at == 1 ? want / have : std::max(most, want / have);
  }
  return most <= most_spread * least ? std::optional{*median(to) / *median(from)} : std::nullopt;
}

// A factor that units may differ by and that samples of one thing hardly do.
std::optional<double> known_factor(double ratio) noexcept {
  struct Factor {
    double worth, tolerance;
  };
  static constexpr Factor factors[] = {{10, 1.1},   {12, 1.1},  {60, 1.25},
                                       {100, 1.3},  {1e3, 1.3}, {3600, 1.25},
                                       {1e4, 1.25}, {1e6, 1.3}, {1e9, 1.3}};
  const double size = std::abs(std::log(ratio));
  for (const auto& factor : factors) {
    if (std::abs(size - std::log(factor.worth)) < std::log(factor.tolerance)) {
      return factor.worth;
    }
  }
  return std::nullopt;
}

// Nearly all numbers are those of the other side once they are scaled, and hardly any is before.
Tally found_scaled(const Column& from, const Column& to, double factor) {
  Tally scaled;
  std::size_t plain = 0;
  for (const auto& number : numbers_of(from)) {
    if (!number || *number == 0) {
      continue;
    }
    const auto found = holds_number(to, *number * factor);
    const auto unchanged = holds_number(to, *number);
    if (found && unchanged) {
      ++scaled.of;
      scaled.holds += *found ? 1 : 0;
      plain += *unchanged ? 1 : 0;
    }
  }
  const bool all = scaled.is_enough() && scaled.holds * 20 >= scaled.of * 19;
  return all && plain * 20 <= scaled.of ? scaled : Tally{};
}

// Where names tell no unit, values may show a factor: 7 and 19 beside 0.07 and 0.19.
void compare_values(const ColumnFeatures& from, const ColumnFeatures& to, bool named,
                    mapping::Candidate& candidate) {
  if (!is_measured(from) || !is_measured(to)) {
    return;
  }
  const Column& left = *from.column;
  const Column& right = *to.column;
  const double have = *median(left);
  const double want = *median(right);
  if (!(have > 0) || !(want > 0)) {
    return;
  }
  for (const double factor : {0.01, 100.0, 0.001, 1000.0}) {
    if (named || std::abs(std::log(want / have / factor)) > std::log(least_telling)) {
      continue;
    }
    if (const Tally scaled = found_scaled(left, right, factor); scaled.of > 0) {
      convert(step_of(TransformationKind::scale_unit, {{"factor", factor_text(factor)}}),
              {factor, 0}, left, right,
              fmt::format("the values of '{}' times {} are those of '{}'; {}", left.name.text,
                          factor_text(factor), right.name.text, in_words(scaled)),
              candidate);
      return;
    }
  }
  const auto ratio = constant_ratio(left, right);
  if (const auto factor = ratio ? known_factor(*ratio) : std::nullopt) {
    const bool grows = *ratio > 1;
    candidate.warnings.push_back(fmt::format(
        "the values of '{}' are about {} times those of '{}' (half are below {:g}, against {:g}): "
        "they may be in different units",
        grows ? right.name.text : left.name.text, factor_text(*factor),
        grows ? left.name.text : right.name.text, grows ? want : have, grows ? have : want));
  }
}

// Of amounts a month and a year.
std::optional<Conversion> conversion_of_paces(const Side& source, const ColumnFeatures& from,
                                              std::optional<Unit>& have, const Side& target,
                                              const ColumnFeatures& to,
                                              std::optional<Unit>& want) noexcept {
  const auto left = pace_of(source, from);
  const auto right = left ? pace_of(target, to) : std::nullopt;
  if (!right || left->worth == right->worth) {
    return std::nullopt;
  }
  have = left;
  want = right;
  return Conversion{left->worth / right->worth, 0};
}

void add_conversion(const Side& source, const ColumnFeatures& from, const std::optional<Unit>& own,
                    const Side& target, const ColumnFeatures& to, const std::optional<Unit>& wanted,
                    bool use_data, mapping::Candidate& candidate) {
  auto [have, want, trust] = units_of_pair(source, from, own, target, to, wanted);
  const auto left = currency_of(source, from);
  const auto right = currency_of(target, to);
  const bool needs_rate = !left.empty() && !right.empty() && left != right;
  if (needs_rate) {
    candidate.warnings.push_back(
        fmt::format("amounts in {} and in {}: a rate is needed", to_upper(left), to_upper(right)));
  }
  const bool named = have && want && have->dimension == want->dimension;
  auto conversion = conversion_between(from, have, to, want);
  if (!conversion) {
    conversion = conversion_of_paces(source, from, have, target, to, want);
  }
  if (!conversion) {
    conversion = conversion_of_multiples(source, from, have, target, to, want, trust);
  }
  const auto judged =
      conversion && use_data ? judge(*from.column, *to.column, *conversion) : Judgement{};
  if (!conversion || (trust == UnitTrust::values && judged.verdict != Verdict::agree)) {
    if (use_data && !needs_rate) {
      compare_values(from, to, named && trust == UnitTrust::names, candidate);
    }
    return;
  }
  const std::string words = fmt::format("'{}' is in {}, '{}' in {}", from.column->name.text,
                                        in_words(*have), to.column->name.text, in_words(*want));
  // What a rate makes of the values is not known.
  if (judged.verdict == Verdict::contradict && !needs_rate) {
    candidate.warnings.push_back(
        fmt::format("by their names {}, but the values speak against a conversion", words));
    return;
  }
  convert(step_between(*from.column, *have, *want, *conversion), *conversion, *from.column,
          *to.column, words + judged.words, candidate);
}

}  // namespace

void scale_units(const Side& source, const Side& target, bool use_data,
                 mapping::PairProposal& proposal) {
  std::vector<std::optional<Unit>> wanted(target.columns.size());
  std::unordered_map<std::string_view, std::size_t> by_name;
  for (std::size_t column = 0; column < wanted.size(); ++column) {
    const auto& to = target.columns[column];
    by_name.emplace(to.column->name.text, column);
    if (may_hold_numbers(to)) {
      wanted[column] = unit_of(target, to);
    }
  }
  for (std::size_t column = 0; column < source.columns.size(); ++column) {
    const auto& from = source.columns[column];
    if (proposal.fields[column].candidates.empty() || !may_hold_numbers(from)) {
      continue;
    }
    const auto own = unit_of(source, from);
    for (auto& candidate : proposal.fields[column].candidates) {
      const std::size_t number = by_name.at(candidate.target_column.text);
      const auto& to = target.columns[number];
      if (candidate.transformation.inputs.size() > 1 || !may_hold_numbers(to)) {
        continue;
      }
      add_conversion(source, from, own, target, to, wanted[number], use_data, candidate);
    }
  }
}

}  // namespace mapctl::matching
