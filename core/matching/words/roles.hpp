// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/statistics.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace mapctl::matching {

// What a column holds by its name, mostly by the last word: "user_id" is an identifier. The names
// are those of profiles/lexicon/roles.tsv.
enum class NameRole : std::uint8_t {
  none,
  identifier,
  number,
  code,
  name,
  text,
  amount,
  quantity,
  rate,
  moment,
  flag,
  email,
  phone,
  url,
  place,
  currency,
  status,
  kind,
  actor,    // who did it, as a name, key or address: "created_by"
  several,  // things of no role of their own: "genres"
};
inline constexpr std::size_t name_role_count = static_cast<std::size_t>(NameRole::several) + 1;
std::string_view to_string(NameRole role) noexcept;
// With its article, for sentences: "an identifier".
std::string_view described(NameRole role) noexcept;
std::optional<NameRole> name_role_from(std::string_view word) noexcept;

// 1: the same role, -1: roles that exclude each other, 0 where one is not known. Symmetric.
float role_agreement(NameRole left, NameRole right) noexcept;

// What nearly all values of a column are.
enum class ValueKind : std::uint8_t {
  unknown,
  moment,
  flag,
  decimal,
  integer,
  email,
  phone,
  url,
  uuid,
  country,
  currency,
  words,  // running text: several words a value
};
std::string_view described(ValueKind kind) noexcept;
ValueKind value_kind_of(const catalog::ColumnStatistics& statistics);

// How well such values suit a column of that role, -1 .. 1; 0 where nothing is known.
float values_suit(ValueKind values, NameRole role) noexcept;

}  // namespace mapctl::matching
