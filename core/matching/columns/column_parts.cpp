// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/column_parts.hpp"

#include "core/matching/columns/name_part.hpp"
#include "core/matching/words/address_words.hpp"
#include "core/matching/words/spelling_list.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>
#include <utility>

namespace mapctl::matching {
namespace {

using Words = std::uint64_t;

enum class Word : std::uint8_t {
  added,
  address,
  at,
  amount,
  city,
  code,
  contact,
  cost,
  country,
  currency,
  customer,
  date,
  datetime,
  day,
  discount,
  email,
  employee,
  extended,
  family,
  fee,
  first,
  full,
  given,
  gross,
  house,
  id,
  ip,
  item,
  last,
  latitude,
  line,
  location,
  longitude,
  mail,
  middle,
  name,
  net,
  number,
  on,
  percent,
  person,
  postcode,
  price,
  quantity,
  rate,
  region,
  state,
  street,
  subtotal,
  surname,
  tax,
  time,
  timestamp,
  total,
  type,
  unit,
  url,
  user,
  value,
  web,
  zone,
};

struct Spelling {
  std::string_view text;
  Word word;
};

// Beside the words of addresses. Sorted by text.
constexpr std::array spellings{
    Spelling{"added", Word::added},
    Spelling{"address", Word::address},
    Spelling{"amount", Word::amount},
    Spelling{"at", Word::at},
    Spelling{"client", Word::customer},
    Spelling{"code", Word::code},
    Spelling{"contact", Word::contact},
    Spelling{"cost", Word::cost},
    Spelling{"currency", Word::currency},
    Spelling{"customer", Word::customer},
    Spelling{"date", Word::date},
    Spelling{"datetime", Word::datetime},
    Spelling{"day", Word::day},
    Spelling{"discount", Word::discount},
    Spelling{"display", Word::full},
    Spelling{"each", Word::unit},
    Spelling{"email", Word::email},
    Spelling{"employee", Word::employee},
    Spelling{"extended", Word::extended},
    Spelling{"family", Word::family},
    Spelling{"fee", Word::fee},
    Spelling{"first", Word::first},
    Spelling{"forename", Word::given},
    Spelling{"formatted", Word::full},
    Spelling{"full", Word::full},
    Spelling{"given", Word::given},
    Spelling{"gross", Word::gross},
    Spelling{"gst", Word::tax},
    Spelling{"house", Word::house},
    Spelling{"id", Word::id},
    Spelling{"identifier", Word::id},
    Spelling{"ip", Word::ip},
    Spelling{"item", Word::item},
    Spelling{"last", Word::last},
    Spelling{"lat", Word::latitude},
    Spelling{"line", Word::line},
    Spelling{"lng", Word::longitude},
    Spelling{"location", Word::location},
    Spelling{"lon", Word::longitude},
    Spelling{"long", Word::longitude},
    Spelling{"mail", Word::mail},
    Spelling{"middle", Word::middle},
    Spelling{"name", Word::name},
    Spelling{"net", Word::net},
    Spelling{"number", Word::number},
    Spelling{"on", Word::on},
    Spelling{"patient", Word::person},
    Spelling{"percent", Word::percent},
    Spelling{"percentage", Word::percent},
    Spelling{"person", Word::person},
    Spelling{"price", Word::price},
    Spelling{"quantity", Word::quantity},
    Spelling{"rate", Word::rate},
    Spelling{"rebate", Word::discount},
    Spelling{"state", Word::state},
    Spelling{"subtotal", Word::subtotal},
    Spelling{"surname", Word::surname},
    Spelling{"tax", Word::tax},
    Spelling{"time", Word::time},
    Spelling{"timestamp", Word::timestamp},
    Spelling{"total", Word::total},
    Spelling{"type", Word::type},
    Spelling{"unit", Word::unit},
    Spelling{"url", Word::url},
    Spelling{"user", Word::user},
    Spelling{"value", Word::value},
    Spelling{"vat", Word::tax},
    Spelling{"web", Word::web},
    Spelling{"zone", Word::zone},
};

static_assert(static_cast<unsigned>(Word::zone) < 64);

constexpr Words bit(Word word) noexcept {
  return Words{1} << static_cast<unsigned>(word);
}
constexpr Words all_of(std::initializer_list<Word> words) noexcept {
  Words result = 0;
  for (const Word word : words) {
    result |= bit(word);
  }
  return result;
}

constexpr SpellingList known_words{spellings, &Spelling::text};

Words word_of(std::string_view text) noexcept {
  if (const Spelling* const found = known_words.find(text); found != nullptr) {
    return bit(found->word);
  }
  const AddressWord* const of_address = find_address_word(text);
  if (of_address == nullptr || !of_address->written) {
    return 0;
  }
  switch (of_address->part) {
    case AddressPart::none: break;
    case AddressPart::street: return bit(Word::street);
    case AddressPart::region: return bit(Word::region);
    case AddressPart::city: return bit(Word::city);
    case AddressPart::country: return bit(Word::country);
    case AddressPart::longitude: return bit(Word::longitude);
    case AddressPart::latitude: return bit(Word::latitude);
    case AddressPart::postcode: return bit(Word::postcode);
  }
  return 0;
}

constexpr Words naming = all_of({Word::first, Word::given, Word::middle, Word::last, Word::family,
                                 Word::surname, Word::name, Word::full, Word::contact, Word::person,
                                 Word::customer, Word::employee, Word::user});
constexpr Words placing = all_of(
    {Word::address, Word::location, Word::house, Word::number, Word::street, Word::line, Word::city,
     Word::state, Word::region, Word::postcode, Word::code, Word::country, Word::full, Word::name});
constexpr Words timing = all_of(
    {Word::date, Word::day, Word::time, Word::timestamp, Word::datetime, Word::at, Word::on});
constexpr Words pricing =
    all_of({Word::amount,   Word::price,    Word::cost,     Word::total, Word::value, Word::fee,
            Word::currency, Word::code,     Word::quantity, Word::unit,  Word::item,  Word::line,
            Word::extended, Word::subtotal, Word::gross,    Word::net,   Word::added, Word::tax,
            Word::discount, Word::percent,  Word::rate});

// The words that say of which part a column is, and so do not say what it is about.
Words structure_of(Part part) noexcept {
  switch (part) {
    case Part::none: return 0;
    case Part::first_name:
    case Part::middle_name:
    case Part::last_name:
    case Part::full_name: return naming;
    case Part::street:
    case Part::house_number:
    case Part::city:
    case Part::region:
    case Part::postcode:
    case Part::country:
    case Part::address: return placing;
    case Part::date:
    case Part::time:
    case Part::timestamp: return timing;
    default: return pricing;
  }
}

bool is_numeric(TypeClass type) noexcept {
  return type == TypeClass::decimal || type == TypeClass::integer;
}
bool may_be_text(TypeClass type) noexcept {
  return type == TypeClass::text || type == TypeClass::code || type == TypeClass::unknown;
}

// "08:30" or "08:30:15".
bool is_time_of_day(std::string_view text) noexcept {
  if (text.size() < 4 || text.size() > 8 || text.find(':') == text.npos) {
    return false;
  }
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || c == ':'; });
}

bool has_times(const catalog::Column& column) noexcept {
  if (!column.statistics) {
    return true;  // nothing speaks against it
  }
  std::size_t values = 0;
  std::size_t times = 0;
  for (const auto& value : column.statistics->first_rows) {
    values += value.empty() ? 0 : 1;
    times += is_time_of_day(value) ? 1 : 0;
  }
  return values > 0 && times * 10 >= values * 9;
}

Part place_of(Words words, TypeClass type) noexcept {
  const auto has = [&](Word word) { return (words & bit(word)) != 0; };
  if (has(Word::number) && (has(Word::house) || has(Word::street))) {
    return Part::house_number;
  }
  const bool other = (words & all_of({Word::email, Word::mail, Word::ip, Word::web, Word::url,
                                      Word::id, Word::type})) != 0 ||
                     // "street_name" is the street without its number.
                     (has(Word::name) && !has(Word::street));
  if (other || is_numeric(type)) {
    return has(Word::postcode) ? Part::postcode : Part::none;
  }
  if (!may_be_text(type)) {
    return Part::none;
  }
  // "city_state_zip", "city_line"
  if (has(Word::city) && (words & all_of({Word::postcode, Word::state, Word::line})) != 0) {
    return Part::address;
  }
  return has(Word::postcode)                         ? Part::postcode
         : has(Word::city)                           ? Part::city
         : has(Word::street)                         ? Part::street
         : has(Word::country)                        ? Part::country
         : has(Word::address) && has(Word::line)     ? Part::street
         : has(Word::address) && has(Word::state)    ? Part::region
         : has(Word::region)                         ? Part::region
         : words == bit(Word::state)                 ? Part::region
         : has(Word::address) || has(Word::location) ? Part::address
                                                     : Part::none;
}

Part figure_of(Words words, TypeClass type, bool of_lines) noexcept {
  const auto has = [&](Word word) { return (words & bit(word)) != 0; };
  if (has(Word::id) || has(Word::type) || has(Word::name)) {
    return Part::none;
  }
  if (has(Word::currency)) {
    return may_be_text(type) ? Part::currency : Part::none;
  }
  const bool share = has(Word::percent) || has(Word::rate);
  if (has(Word::discount)) {
    return Part::discount;
  }
  if (has(Word::code) || has(Word::number)) {
    return Part::none;
  }
  if (has(Word::gross) && !has(Word::net) && !share) {
    return Part::gross;
  }
  if (has(Word::net) && !share && !has(Word::price)) {
    return Part::net;
  }
  if (has(Word::tax)) {
    return share ? Part::tax_rate : has(Word::total) ? Part::none : Part::tax;
  }
  if (share) {
    return Part::none;
  }
  if (has(Word::quantity)) {
    return is_numeric(type) || type == TypeClass::unknown ? Part::quantity : Part::none;
  }
  if (has(Word::price) && (has(Word::unit) || has(Word::item) || words == bit(Word::price))) {
    return Part::unit_price;
  }
  const bool sum = has(Word::total) || has(Word::amount) || has(Word::subtotal);
  if (has(Word::extended) || (sum && (has(Word::line) || of_lines))) {
    return Part::line_total;
  }
  return sum || has(Word::price) || has(Word::cost) || has(Word::fee) || has(Word::value)
             ? Part::amount
             : Part::none;
}

Part part_of(const Side& side, const ColumnFeatures& column, Words words, bool persons,
             bool of_lines) {
  switch (column.type) {
    case TypeClass::timestamp: return Part::timestamp;
    case TypeClass::date: return Part::date;
    case TypeClass::time: return Part::time;
    case TypeClass::boolean:
    case TypeClass::binary:
    case TypeClass::structured:
    case TypeClass::record: return Part::none;
    default: break;
  }
  // "lng" alone is read as a word of other things.
  if (column.type == TypeClass::decimal && column.raw.count <= 2) {
    if (side.has_word(column.raw, {"lat"})) {
      return Part::latitude;
    }
    if (side.has_word(column.raw, {"lng", "lon"})) {
      return Part::longitude;
    }
  }
  if (words == 0) {
    return Part::none;
  }
  const auto has = [&](Word word) { return (words & bit(word)) != 0; };
  if (column.type == TypeClass::text || column.type == TypeClass::code ||
      column.type == TypeClass::unknown) {
    if (has(Word::time) && !has(Word::zone) && !has(Word::date) && has_times(*column.column)) {
      return Part::time;
    }
    if ((words & naming) != 0 && !has(Word::street)) {
      if (has(Word::middle)) {
        return has(Word::name) || column.expanded.count == 1 ? Part::middle_name : Part::none;
      }
      switch (name_part(side, column)) {
        case NamePart::first: return Part::first_name;
        case NamePart::last: return Part::last_name;
        case NamePart::full: return Part::full_name;
        case NamePart::none: break;
      }
      if (has(Word::name)) {
        return persons && column.expanded.count == 1 ? Part::full_name : Part::none;
      }
    }
  }
  if (is_numeric(column.type) && (has(Word::latitude) || has(Word::longitude))) {
    return has(Word::latitude) ? Part::latitude : Part::longitude;
  }
  if (column.numbers == 0 || has(Word::street) || has(Word::address)) {
    if (const Part place = place_of(words, column.type); place != Part::none) {
      return place;
    }
  }
  return column.numbers == 0 ? figure_of(words, column.type, of_lines) : Part::none;
}

bool akin(std::string_view a, std::string_view b) noexcept {
  const auto shorter = std::min(a.size(), b.size());
  std::size_t common = 0;
  while (common < shorter && a[common] == b[common]) {
    ++common;
  }
  return a == b || common >= std::max<std::size_t>(4, shorter < 2 ? 0 : shorter - 2);
}

}  // namespace

bool same_subject(const Subject& left, const Subject& right) noexcept {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), akin);
}

bool is_of_persons(const Side& side, const TableFeatures& table) noexcept {
  if (side.has_word(
          table.name,
          {"contact",    "contacts", "person",    "persons",   "people",    "employee", "employees",
           "user",       "users",    "lead",      "leads",     "staff",     "member",   "members",
           "patient",    "patients", "student",   "students",  "author",    "authors",  "passenger",
           "passengers", "attendee", "attendees", "applicant", "applicants"})) {
    return true;
  }
  constexpr std::uint32_t most_words = 2;  // "first name", but not "buyer first name"
  const std::span columns{side.columns.data() + table.first_column, table.column_count};
  const auto has = [&](NamePart part) {
    return std::any_of(columns.begin(), columns.end(), [&](const ColumnFeatures& column) {
      return column.expanded.count <= most_words && name_part(side, column) == part;
    });
  };
  return has(NamePart::first) && has(NamePart::last);
}

ColumnParts::ColumnParts(const Side& side) {
  const bool persons = !side.tables.empty() && is_of_persons(side, side.tables.front());
  const bool of_lines = !side.tables.empty() &&
                        side.has_word(side.tables.front().name,
                                      {"line", "lines", "item", "items", "detail", "details"});
  parts_.resize(side.columns.size());
  if (!side.tables.empty()) {
    for (const auto term : side.list(side.tables.front().name)) {
      table_words_.push_back(side.terms[term].text);
    }
  }
  std::vector<Words> of_terms;
  for (std::size_t number = 0; number < parts_.size(); ++number) {
    const ColumnFeatures& column = side.columns[number];
    const auto terms = side.list(column.expanded);
    of_terms.clear();
    Words words = 0;
    for (const auto term : terms) {
      of_terms.push_back(word_of(side.terms[term].text));
      words |= of_terms.back();
    }
    ColumnPart& found = parts_[number];
    found.part = part_of(side, column, words, persons, of_lines);
    if (found.part == Part::none) {
      continue;
    }
    by_part_[static_cast<std::size_t>(found.part)].push_back(static_cast<std::uint32_t>(number));
    const auto of_table = side.list(side.tables[column.table].name);
    for (std::size_t at = 0; at < terms.size(); ++at) {
      const Term& term = side.terms[terms[at]];
      // A word of the table's name does not tell its columns apart.
      const bool common = std::any_of(of_table.begin(), of_table.end(), [&](std::uint32_t other) {
        return side.terms[other].hash == term.hash;
      });
      if ((of_terms[at] & structure_of(found.part)) == 0 && !common && !term.number) {
        found.subject.push_back(term.text);
      }
    }
  }
}

std::optional<std::uint32_t> ColumnParts::find(Part part, const Subject& subject,
                                               const Subject& about) const noexcept {
  const auto& columns = of(part);
  std::optional<std::uint32_t> same;
  for (const auto column : columns) {
    if (same_subject(parts_[column].subject, subject)) {
      if (same) {
        return std::nullopt;
      }
      same = column;
    }
  }
  if (same || columns.size() != 1) {
    return same;
  }
  const auto says_nothing = [&](const Subject& words) {
    return std::all_of(words.begin(), words.end(), [&](std::string_view word) {
      return std::any_of(about.begin(), about.end(),
                         [&](std::string_view known) { return akin(word, known); });
    });
  };
  return says_nothing(subject) && says_nothing(parts_[columns.front()].subject)
             ? std::optional{columns.front()}
             : std::nullopt;
}

}  // namespace mapctl::matching
