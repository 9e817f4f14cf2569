// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/name_part.hpp"

namespace mapctl::matching {
namespace {

constexpr double persons_share = 0.5;  // of the values, to be names of persons

}  // namespace

NamePart name_part(const Side& side, const ColumnFeatures& column) noexcept {
  const auto& words = column.expanded;
  if (words.count == 0 || words.count > 4 || column.numbers != 0 ||
      !side.has_word(words, {"name", "first", "given", "forename", "last", "family", "surname"}) ||
      side.has_word(words, {"company", "account",  "organization", "business",   "product",  "file",
                            "item",    "table",    "domain",       "host",       "campaign", "city",
                            "country", "state",    "street",       "department", "industry", "date",
                            "id",      "category", "employer",     "identifier"})) {
    return NamePart::none;
  }
  const bool name = side.has_word(words, {"name"});
  if (side.has_word(words, {"first", "given", "forename"}) && (name || words.count == 1)) {
    return NamePart::first;
  }
  if (side.has_word(words, {"last", "family", "surname"}) && (name || words.count == 1)) {
    return NamePart::last;
  }
  if (!name || side.has_word(words, {"middle", "user", "nick", "maiden", "short", "legal"})) {
    return NamePart::none;
  }
  if (side.has_word(words, {"full", "display", "client", "contact", "customer", "employee",
                            "patient", "person"})) {
    return NamePart::full;
  }
  const auto& statistics = column.column->statistics;
  const bool persons = statistics &&
                       statistics->share(catalog::ValuePattern::person_name) >= persons_share &&
                       statistics->average_length.value_or(0) > 8;
  return words.count == 1 && persons ? NamePart::full : NamePart::none;
}

}  // namespace mapctl::matching
