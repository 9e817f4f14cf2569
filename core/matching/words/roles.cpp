// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/roles.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace mapctl::matching {
namespace {

using catalog::ValuePattern;

constexpr std::array<std::string_view, name_role_count> role_names{
    "none",     "identifier", "number", "code", "name",  "text",   "amount",
    "quantity", "rate",       "moment", "flag", "email", "phone",  "url",
    "place",    "currency",   "status", "kind", "actor", "several"};
constexpr std::array<std::string_view, name_role_count> role_descriptions{
    "nothing in particular",
    "an identifier",
    "a number that names something",
    "a code",
    "a name",
    "running text",
    "an amount",
    "a quantity",
    "a rate",
    "a date or time",
    "a yes or no",
    "an e-mail address",
    "a telephone number",
    "a web address",
    "a part of an address",
    "a currency",
    "a status",
    "a kind or class",
    "someone who did it",
    "several things"};

constexpr double nearly_all = 0.9;
constexpr double most_of_values = 0.6;
constexpr std::size_t fewest_samples = 3;

struct Related {
  NameRole left, right;
  float agreement;
};
// Roles that often stand for each other or that people mix up; all other pairs exclude each other.
constexpr Related related_roles[] = {
    {NameRole::identifier, NameRole::number, 0.3F},
    {NameRole::identifier, NameRole::code, 0.3F},
    {NameRole::identifier, NameRole::place, -0.4F},
    {NameRole::identifier, NameRole::currency, -0.4F},
    {NameRole::identifier, NameRole::status, -0.4F},
    {NameRole::identifier, NameRole::kind, -0.4F},
    {NameRole::identifier, NameRole::email, -0.5F},
    {NameRole::number, NameRole::code, 0.3F},
    {NameRole::number, NameRole::phone, 0.0F},
    {NameRole::number, NameRole::quantity, 0.0F},
    {NameRole::number, NameRole::place, -0.5F},
    {NameRole::number, NameRole::amount, -0.5F},
    {NameRole::code, NameRole::name, -0.3F},
    {NameRole::code, NameRole::kind, 0.0F},
    {NameRole::code, NameRole::status, 0.0F},
    {NameRole::code, NameRole::place, 0.0F},
    {NameRole::code, NameRole::currency, 0.3F},
    {NameRole::name, NameRole::text, 0.0F},
    {NameRole::name, NameRole::kind, -0.2F},
    {NameRole::name, NameRole::place, -0.4F},
    {NameRole::name, NameRole::status, -0.5F},
    {NameRole::text, NameRole::kind, -0.4F},
    {NameRole::text, NameRole::place, -0.4F},
    {NameRole::text, NameRole::status, -0.6F},
    {NameRole::amount, NameRole::quantity, -0.5F},
    {NameRole::amount, NameRole::rate, -0.4F},
    {NameRole::amount, NameRole::currency, -0.6F},
    {NameRole::quantity, NameRole::rate, -0.6F},
    {NameRole::flag, NameRole::status, 0.0F},
    {NameRole::flag, NameRole::kind, -0.6F},
    {NameRole::status, NameRole::kind, -0.2F},
    {NameRole::currency, NameRole::kind, -0.6F},
    {NameRole::actor, NameRole::identifier, 0.0F},
    {NameRole::actor, NameRole::number, 0.0F},
    {NameRole::actor, NameRole::name, 0.0F},
    {NameRole::actor, NameRole::email, 0.0F},
    {NameRole::actor, NameRole::code, -0.3F},
    {NameRole::actor, NameRole::text, -0.4F},
};
// What is one thing by nature, and therefore hardly several.
constexpr NameRole single_roles[] = {NameRole::rate, NameRole::moment, NameRole::flag,
                                     NameRole::email, NameRole::currency};
constexpr float single_and_several = -0.5F;

using RoleTable = std::array<std::array<float, name_role_count>, name_role_count>;

constexpr RoleTable role_table() {
  RoleTable table{};
  for (std::size_t left = 1; left < name_role_count; ++left) {
    for (std::size_t right = 1; right < name_role_count; ++right) {
      table[left][right] = left == right ? 1.0F : -1.0F;
    }
  }
  for (const auto& related : related_roles) {
    const auto left = static_cast<std::size_t>(related.left);
    const auto right = static_cast<std::size_t>(related.right);
    table[left][right] = table[right][left] = related.agreement;
  }
  constexpr auto several = static_cast<std::size_t>(NameRole::several);
  table[several].fill(0);
  for (auto& others : table) {
    others[several] = 0;
  }
  for (const auto role : single_roles) {
    const auto single = static_cast<std::size_t>(role);
    table[several][single] = table[single][several] = single_and_several;
  }
  return table;
}
constexpr RoleTable roles = role_table();

// "457 lbs." and "May 29, 1953" are figures and dates. Masked digits and letters look alike.
bool has_more_letters(std::string_view value) noexcept {
  const auto digits =
      std::count_if(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
  const auto letters = std::count_if(value.begin(), value.end(), [](char c) {
    return (c < '0' || c > '9') && c != ' ' && c != '.' && c != ',' && c != '/' && c != '-';
  });
  return letters > digits;
}

// Share of the shown values that are several words; masked values keep their spaces.
bool mostly_words(const catalog::ColumnStatistics& statistics) {
  std::size_t all = 0;
  std::size_t several = 0;
  const auto look = [&](const std::string& value) {
    ++all;
    several += value.find(' ') != std::string::npos && has_more_letters(value) ? 1U : 0U;
  };
  std::for_each(statistics.samples.begin(), statistics.samples.end(), look);
  for (const auto& value : statistics.frequent) {
    look(value.text);
  }
  return all >= fewest_samples &&
         static_cast<double>(several) >= most_of_values * static_cast<double>(all);
}

}  // namespace

std::string_view to_string(NameRole role) noexcept {
  return role_names[static_cast<std::size_t>(role)];
}

std::string_view described(NameRole role) noexcept {
  return role_descriptions[static_cast<std::size_t>(role)];
}

std::optional<NameRole> name_role_from(std::string_view word) noexcept {
  const auto found = std::find(role_names.begin() + 1, role_names.end(), word);
  if (found == role_names.end()) {
    return std::nullopt;
  }
  return static_cast<NameRole>(found - role_names.begin());
}

float role_agreement(NameRole left, NameRole right) noexcept {
  return roles[static_cast<std::size_t>(left)][static_cast<std::size_t>(right)];
}

std::string_view described(ValueKind kind) noexcept {
  switch (kind) {
    case ValueKind::unknown: break;
    case ValueKind::moment: return "dates or times";
    case ValueKind::flag: return "yes or no";
    case ValueKind::decimal: return "numbers with fractions";
    case ValueKind::integer: return "whole numbers";
    case ValueKind::email: return "e-mail addresses";
    case ValueKind::phone: return "telephone numbers";
    case ValueKind::url: return "web addresses";
    case ValueKind::uuid: return "UUIDs";
    case ValueKind::country: return "country codes";
    case ValueKind::currency: return "currency codes";
    case ValueKind::words: return "several words each";
  }
  return "of many kinds";
}

ValueKind value_kind_of(const catalog::ColumnStatistics& statistics) {
  if (statistics.distinct == 0) {
    return ValueKind::unknown;
  }
  const auto share = [&](ValuePattern pattern) { return statistics.share(pattern); };
  const double day_or_month =
      std::max(share(ValuePattern::day_first_date), share(ValuePattern::month_first_date));
  if (share(ValuePattern::iso_timestamp) + share(ValuePattern::iso_date) + day_or_month >=
      nearly_all) {
    return ValueKind::moment;
  }
  const double whole = share(ValuePattern::integer_number);
  const double numbers =
      whole + share(ValuePattern::decimal_number) + share(ValuePattern::grouped_number);
  if (share(ValuePattern::boolean_word) >= nearly_all && whole < nearly_all) {
    return ValueKind::flag;
  }
  if (whole >= nearly_all) {
    return ValueKind::integer;
  }
  if (numbers >= nearly_all) {
    return ValueKind::decimal;
  }
  if (share(ValuePattern::email) >= nearly_all) {
    return ValueKind::email;
  }
  if (share(ValuePattern::url) >= nearly_all) {
    return ValueKind::url;
  }
  if (share(ValuePattern::uuid) >= nearly_all) {
    return ValueKind::uuid;
  }
  if (share(ValuePattern::currency_code) >= nearly_all) {
    return ValueKind::currency;
  }
  if (share(ValuePattern::country_code) >= nearly_all) {
    return ValueKind::country;
  }
  if (share(ValuePattern::phone) >= nearly_all) {
    return ValueKind::phone;
  }
  return mostly_words(statistics) && share(ValuePattern::phone) == 0 ? ValueKind::words
                                                                     : ValueKind::unknown;
}

float values_suit(ValueKind values, NameRole role) noexcept {
  using enum NameRole;
  if (role == none || role == several) {
    return 0;
  }
  if (role == actor) {
    return values == ValueKind::moment || values == ValueKind::flag ||
                   values == ValueKind::decimal || values == ValueKind::url
               ? -1.0F
               : 0.0F;
  }
  switch (values) {
    case ValueKind::unknown: return 0;
    case ValueKind::moment: return role == moment ? 1.0F : role == text ? -0.5F : -1.0F;
    case ValueKind::flag:
      switch (role) {
        case flag: return 1;
        case status: return 0;
        case kind: return -0.3F;
        case code:
        case text: return -0.5F;
        default: return -1;
      }
    case ValueKind::decimal:
      switch (role) {
        case amount:
        case quantity:
        case rate: return 0.5F;
        case place:
        case number: return 0;
        case identifier:
        case code: return -0.5F;
        default: return -1;
      }
    case ValueKind::integer:
      switch (role) {
        case identifier:
        case number:
        case amount:
        case quantity:
        case rate: return 0.3F;
        case code:
        case phone:
        case place: return 0;
        case moment:
        case flag:
        case status:
        case kind: return -0.3F;
        default: return -0.8F;
      }
    case ValueKind::email:
      switch (role) {
        case email: return 1;
        case text: return -0.3F;
        case identifier: return -0.5F;
        case name: return -0.7F;
        default: return -1;
      }
    case ValueKind::phone:
      switch (role) {
        case phone: return 1;
        case number:
        case code: return -0.3F;
        case identifier:
        case text: return -0.5F;
        default: return -1;
      }
    case ValueKind::url: return role == url ? 1.0F : role == text ? -0.3F : -0.8F;
    case ValueKind::uuid:
      return role == identifier ? 1.0F : role == code || role == number ? -0.2F : -1.0F;
    case ValueKind::country:
      switch (role) {
        case place: return 0.5F;
        case code: return 0;
        case currency:
        case kind: return -0.5F;
        default: return -0.8F;
      }
    case ValueKind::currency:
      return role == currency ? 1.0F : role == code ? 0.0F : role == place ? -0.6F : -1.0F;
    case ValueKind::words:
      switch (role) {
        case name:
        case text: return 0.3F;
        case place:
        case kind: return 0;
        case status: return -0.2F;
        case code:
        case currency: return -0.4F;
        case number:
        case identifier: return -0.8F;
        default: return -1;
      }
  }
  return 0;
}

}  // namespace mapctl::matching
