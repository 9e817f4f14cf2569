// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/value_meanings.hpp"

#include "core/matching/values/column_vocabularies.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace mapctl::matching {
namespace {

using catalog::ValuePattern;

// Names of places in a file, not of what stands there.
constexpr std::array<std::string_view, 17> words_for_columns{
    "col",    "fld",  "attr",    "column",    "field", "unnamed", "attribute", "variable", "value",
    "header", "data", "feature", "character", "text",  "string",  "empty",     "unknown"};

struct MeantBy {
  ValueMeaning meaning{};
  std::string_view described{};
  std::array<std::string_view, 6> words{};
};
constexpr std::array meant_by{
    MeantBy{ValueMeaning::email, "e-mail addresses", {"email", "mail"}},
    MeantBy{
        ValueMeaning::phone, "telephone numbers", {"phone", "telephone", "mobile", "cell", "fax"}},
    MeantBy{
        ValueMeaning::url, "web addresses", {"url", "website", "homepage", "link", "web", "uri"}},
    MeantBy{ValueMeaning::date, "dates or times", {"date", "datetime", "timestamp", "time"}},
    MeantBy{ValueMeaning::year, "years", {"year"}},
    MeantBy{ValueMeaning::month, "months", {"month"}},
    MeantBy{ValueMeaning::weekday, "days of the week", {"weekday", "day"}},
    MeantBy{ValueMeaning::country, "countries", {"country", "nation", "nationality"}},
    MeantBy{ValueMeaning::state, "states", {"state", "province", "region"}},
    MeantBy{ValueMeaning::currency, "currencies", {"currency"}},
    MeantBy{ValueMeaning::gender, "genders", {"gender", "sex"}},
    MeantBy{ValueMeaning::percentage,
            "percentages",
            {"percent", "percentage", "rate", "share", "ratio"}},
};
struct FromVocabulary {
  std::string_view name{};
  ValueMeaning meaning{};
};
constexpr std::array from_vocabularies{
    FromVocabulary{"gender", ValueMeaning::gender},
    FromVocabulary{"month", ValueMeaning::month},
    FromVocabulary{"weekday", ValueMeaning::weekday},
    FromVocabulary{"state", ValueMeaning::state},
    FromVocabulary{"country", ValueMeaning::country},
    FromVocabulary{"currency", ValueMeaning::currency},
};

constexpr double first_year = 1000;
constexpr double last_year = 2100;
constexpr double nearly_all_percent = 0.9;
// Of a date for a name that is about moments in other words: "founded".
constexpr float of_that_role = 0.6F;

bool names_its_place(const Side& side, const ColumnFeatures& column) {
  const auto says_nothing_else = [&](const TermRange& range) {
    const auto words = side.list(range);
    return std::all_of(words.begin(), words.end(), [&](std::uint32_t number) {
      const Term& term = side.terms[number];
      return term.number || term.text.size() < 2 ||
             std::find(words_for_columns.begin(), words_for_columns.end(), term.text) !=
                 words_for_columns.end();
    });
  };
  return !column.spelled_out &&
         (says_nothing_else(column.expanded) || says_nothing_else(column.raw));
}

bool are_years(const catalog::ColumnStatistics& statistics) {
  return statistics.integer_digits == 4 && statistics.fraction_digits == 0 &&
         !statistics.quantiles.empty() && statistics.quantiles.front() >= first_year &&
         statistics.quantiles.back() <= last_year;
}

ValueMeaning meaning_of_values(const ColumnFeatures& column) {
  const auto& statistics = *column.column->statistics;
  switch (column.kind) {
    case ValueKind::email: return ValueMeaning::email;
    case ValueKind::phone: return ValueMeaning::phone;
    case ValueKind::url: return ValueMeaning::url;
    case ValueKind::moment: return ValueMeaning::date;
    case ValueKind::country: return ValueMeaning::country;
    case ValueKind::currency: return ValueMeaning::currency;
    case ValueKind::integer: return are_years(statistics) ? ValueMeaning::year : ValueMeaning::none;
    default: break;
  }
  if (statistics.share(ValuePattern::percentage) >= nearly_all_percent) {
    return ValueMeaning::percentage;
  }
  const auto name = vocabulary_of(*column.column);
  const auto* const found =
      std::find_if(from_vocabularies.begin(), from_vocabularies.end(),
                   [&](const FromVocabulary& line) { return line.name == name; });
  return found == from_vocabularies.end() ? ValueMeaning::none : found->meaning;
}

const MeantBy* line_meant(ValueMeaning meaning) noexcept {
  const auto* const found =
      std::find_if(meant_by.begin(), meant_by.end(),
                   [&](const MeantBy& line) { return line.meaning == meaning; });
  return found == meant_by.end() ? nullptr : found;
}

float meant_in_name(ValueMeaning meaning, const Side& side, const ColumnFeatures& named) noexcept {
  const auto* const line = line_meant(meaning);
  if (line == nullptr) {
    return 0;
  }
  const auto terms = side.list(named.expanded);
  const bool said = std::any_of(terms.begin(), terms.end(), [&](std::uint32_t term) {
    const auto text = side.terms[term].text;
    return !text.empty() &&
           std::find(line->words.begin(), line->words.end(), text) != line->words.end();
  });
  const bool of_moments = meaning == ValueMeaning::date || meaning == ValueMeaning::year;
  return said ? 1.0F : of_moments && named.role == NameRole::moment ? of_that_role : 0.0F;
}

}  // namespace

std::string_view described(ValueMeaning meaning) noexcept {
  const auto* const line = line_meant(meaning);
  return line == nullptr ? std::string_view{} : line->described;
}

void find_value_meanings(Side& side) {
  for (auto& column : side.columns) {
    if (column.column->statistics && column.column->statistics->distinct > 0 &&
        names_its_place(side, column)) {
      column.values_mean = meaning_of_values(column);
      side.has_silent_names |= column.values_mean != ValueMeaning::none;
    }
  }
}

float value_meaning_agreement(const Side& source, const ColumnFeatures& left, const Side& target,
                              const ColumnFeatures& right) noexcept {
  const float there = meant_in_name(left.values_mean, target, right);
  const float back = meant_in_name(right.values_mean, source, left);
  return std::max(there, back);
}

}  // namespace mapctl::matching
