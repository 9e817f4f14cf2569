// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/name_part.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace mapctl::matching {
namespace {

constexpr double persons_share = 0.5;  // of the values, to be names of persons

bool has_word(const Side& side, const TermRange& range,
              std::initializer_list<std::string_view> words) noexcept {
  for (const auto term : side.list(range)) {
    for (const auto word : words) {
      if (side.terms[term].text == word) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

NamePart name_part(const Side& side, const ColumnFeatures& column) noexcept {
  const auto& words = column.expanded;
  if (words.count == 0 || words.count > 4 || column.numbers != 0 ||
      !has_word(side, words, {"name", "first", "given", "forename", "last", "family", "surname"}) ||
      has_word(side, words,
               {"company", "account",  "organization", "business",   "product",  "file",
                "item",    "table",    "domain",       "host",       "campaign", "city",
                "country", "state",    "street",       "department", "industry", "date",
                "id",      "category", "employer"})) {
    return NamePart::none;
  }
  const bool name = has_word(side, words, {"name"});
  if (has_word(side, words, {"first", "given", "forename"}) && (name || words.count == 1)) {
    return NamePart::first;
  }
  if (has_word(side, words, {"last", "family", "surname"}) && (name || words.count == 1)) {
    return NamePart::last;
  }
  if (!name || has_word(side, words, {"middle", "user", "nick", "maiden", "short", "legal"})) {
    return NamePart::none;
  }
  if (has_word(
          side, words,
          {"full", "display", "client", "contact", "customer", "employee", "patient", "person"})) {
    return NamePart::full;
  }
  const auto& statistics = column.column->statistics;
  const bool persons = statistics &&
                       statistics->share(ValuePattern::person_name) >= persons_share &&
                       statistics->average_length.value_or(0) > 8;
  return words.count == 1 && persons ? NamePart::full : NamePart::none;
}

}  // namespace mapctl::matching
