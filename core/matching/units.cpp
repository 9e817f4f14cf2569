// SPDX-License-Identifier: Apache-2.0
#include "core/matching/units.hpp"

#include "core/base/text.hpp"
#include "core/matching/composite.hpp"
#include "core/matching/spelling_list.hpp"

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
  bool in_names;  // short ones are units in declarations only
};

// Sorted by spelling.
constexpr std::array known_units{
    KnownUnit{"%", Dimension::share, 0.01, "percent", false},
    KnownUnit{"b", Dimension::size, 1, "bytes", false},
    KnownUnit{"byte", Dimension::size, 1, "bytes", true},
    KnownUnit{"bytes", Dimension::size, 1, "bytes", true},
    KnownUnit{"cent", Dimension::money, 0.01, "cents", true},
    KnownUnit{"cents", Dimension::money, 0.01, "cents", true},
    KnownUnit{"cm", Dimension::length, 0.01, "centimetres", true},
    KnownUnit{"fraction", Dimension::share, 1, "a ratio", true},
    KnownUnit{"g", Dimension::mass, 0.001, "grams", false},
    KnownUnit{"gb", Dimension::size, 1e9, "GB", true},
    KnownUnit{"gib", Dimension::size, 1073741824.0, "GiB", true},
    KnownUnit{"gram", Dimension::mass, 0.001, "grams", true},
    KnownUnit{"grams", Dimension::mass, 0.001, "grams", true},
    KnownUnit{"h", Dimension::duration, 3600, "hours", false},
    KnownUnit{"hour", Dimension::duration, 3600, "hours", false},
    KnownUnit{"hours", Dimension::duration, 3600, "hours", true},
    KnownUnit{"kb", Dimension::size, 1e3, "KB", true},
    KnownUnit{"kg", Dimension::mass, 1, "kilograms", true},
    KnownUnit{"kilogram", Dimension::mass, 1, "kilograms", true},
    KnownUnit{"kilograms", Dimension::mass, 1, "kilograms", true},
    KnownUnit{"km", Dimension::length, 1000, "kilometres", true},
    KnownUnit{"m", Dimension::length, 1, "metres", false},
    KnownUnit{"mb", Dimension::size, 1e6, "MB", true},
    KnownUnit{"meters", Dimension::length, 1, "metres", true},
    KnownUnit{"metres", Dimension::length, 1, "metres", true},
    KnownUnit{"mib", Dimension::size, 1048576.0, "MiB", true},
    KnownUnit{"millis", Dimension::duration, 0.001, "milliseconds", true},
    KnownUnit{"millisecond", Dimension::duration, 0.001, "milliseconds", true},
    KnownUnit{"milliseconds", Dimension::duration, 0.001, "milliseconds", true},
    KnownUnit{"min", Dimension::duration, 60, "minutes", false},
    KnownUnit{"minute", Dimension::duration, 60, "minutes", false},
    KnownUnit{"minutes", Dimension::duration, 60, "minutes", true},
    KnownUnit{"mm", Dimension::length, 0.001, "millimetres", false},
    KnownUnit{"ms", Dimension::duration, 0.001, "milliseconds", true},
    KnownUnit{"pct", Dimension::share, 0.01, "percent", true},
    KnownUnit{"percent", Dimension::share, 0.01, "percent", true},
    KnownUnit{"percentage", Dimension::share, 0.01, "percent", true},
    KnownUnit{"ratio", Dimension::share, 1, "a ratio", true},
    KnownUnit{"s", Dimension::duration, 1, "seconds", false},
    KnownUnit{"sec", Dimension::duration, 1, "seconds", true},
    KnownUnit{"second", Dimension::duration, 1, "seconds", false},
    KnownUnit{"seconds", Dimension::duration, 1, "seconds", true},
    KnownUnit{"secs", Dimension::duration, 1, "seconds", true},
    KnownUnit{"tb", Dimension::size, 1e12, "TB", true},
};

// Medians further apart than this, after scaling, are those of different things.
constexpr double most_apart = 5;

constexpr SpellingList units_by_spelling{known_units, &KnownUnit::spelling};

std::optional<Unit> unit_in(const Side& side, const TermRange& range) noexcept {
  const auto terms = side.list(range);
  // Units stand at the end: "duration_ms", "ms_since" is something else.
  for (std::size_t back = 0; back < std::min<std::size_t>(2, terms.size()); ++back) {
    const auto* known = units_by_spelling.find(side.terms[terms[terms.size() - 1 - back]].text);
    if (known != nullptr && known->in_names && terms.size() > 1) {
      return Unit{known->dimension, known->worth, known->name, false};
    }
  }
  return std::nullopt;
}

bool is_money(const ColumnFeatures& column) noexcept {
  return column.role == NameRole::amount && catalog::is_number(column.column->type.logical);
}

// Between units that both sides name, or from cents where one side names them and the other is an
// amount of money with decimals.
std::optional<double> factor_between(const ColumnFeatures& from, std::optional<Unit>& have,
                                     const ColumnFeatures& to, std::optional<Unit>& want) noexcept {
  const auto as_money = [](const ColumnFeatures& column, const std::optional<Unit>& other,
                           std::optional<Unit>& unit) {
    if (!unit && other && other->dimension == Dimension::money && is_money(column) &&
        column.column->type.logical != catalog::LogicalType::integer) {
      unit = Unit{Dimension::money, 1, "whole units", true};
    }
  };
  as_money(from, want, have);
  as_money(to, have, want);
  if (!have || !want || have->dimension != want->dimension || have->worth == want->worth) {
    return std::nullopt;
  }
  return have->worth / want->worth;
}

const double* median(const Column& column) noexcept {
  if (!column.statistics || column.statistics->quantiles.size() < 7) {
    return nullptr;
  }
  return &column.statistics->quantiles[3];
}

// The reason for the factor in words; nothing when the values speak against it.
std::optional<std::string> verified(const Column& from, const Column& to, double factor) {
  const double* have = median(from);
  const double* want = median(to);
  if (have == nullptr || want == nullptr || *have == 0 || *want == 0) {
    return std::string{};
  }
  const double scaled = std::abs(std::log(*have * factor / *want));
  const double plain = std::abs(std::log(*have / *want));
  if (!(scaled < plain) || scaled > std::log(most_apart)) {
    return std::nullopt;
  }
  Tally tally;
  for (const auto& number : numbers_of(from)) {
    if (const auto found = number ? holds_number(to, *number * factor) : std::nullopt) {
      ++tally.of;
      tally.holds += *found ? 1 : 0;
    }
  }
  std::string words =
      fmt::format("; half of the values are below {:g}, which becomes {:g}, against {:g}", *have,
                  *have * factor, *want);
  if (tally.is_enough() && tally.holds > 0) {
    words += "; " + in_words(tally);
  }
  return words;
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
    return known == nullptr
               ? std::nullopt
               : std::optional{Unit{known->dimension, known->worth, known->name, false}};
  }
  const auto raw = unit_in(side, column.raw);
  return raw ? raw : unit_in(side, column.expanded);
}

void scale_units(const Side& source, const Side& target, bool use_data,
                 mapping::PairProposal& proposal) {
  std::vector<std::optional<Unit>> wanted(target.columns.size());
  bool any_wanted = false;
  for (std::size_t column = 0; column < wanted.size(); ++column) {
    wanted[column] = unit_of(target, target.columns[column]);
    any_wanted |= wanted[column].has_value();
  }
  std::unordered_map<std::string_view, std::size_t> by_name;
  for (std::size_t column = 0; column < source.columns.size(); ++column) {
    const auto& from = source.columns[column];
    const auto own = unit_of(source, from);
    if (proposal.fields[column].candidates.empty() || (!own && !any_wanted) ||
        !(from.type == TypeClass::integer || from.type == TypeClass::decimal)) {
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
      auto have = own;
      auto want = wanted[number];
      const auto factor = factor_between(from, have, *to, want);
      if (!factor) {
        continue;
      }
      const auto words = use_data ? verified(*from.column, *to->column, *factor) : std::string{};
      if (!words) {
        continue;
      }
      auto& steps = candidate.transformation.steps;
      const auto scale =
          step_of(TransformationKind::scale_unit, {{"factor", fmt::format("{:.12g}", *factor)}});
      // A whole number is made of the result, not of what is scaled.
      const bool cuts = !steps.empty() && steps.back().kind == TransformationKind::cast &&
                        to->column->type.logical == catalog::LogicalType::integer;
      steps.insert(cuts ? steps.end() - 1 : steps.end(), scale);
      candidate.mapping_type = mapping::mapping_type_of(candidate.transformation);
      candidate.evidence.push_back(
          {"unit", 1.0, 0.0,
           fmt::format("'{}' is in {}, '{}' in {}{}", from.column->name.text, have->name,
                       to->column->name.text, want->name, *words)});
    }
  }
}

}  // namespace mapctl::matching
