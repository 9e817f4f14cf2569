// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/rules/units.hpp"

#include <cstdint>
#include <optional>

namespace mapctl::matching {

// What a reading of units rests on.
enum class UnitTrust : std::uint8_t {
  names,   // they tell enough, unless values speak against them
  values,  // a letter or a word of several meanings: values must agree
};

struct UnitPair {
  std::optional<Unit> have{}, want{};
  UnitTrust trust = UnitTrust::names;
};

// The units of two columns, short ones ("weight_g") read as the other column's dimension asks for.
// `have` and `want` are what unit_of() says of each by itself.
UnitPair units_of_pair(const Side& source, const ColumnFeatures& from,
                       const std::optional<Unit>& have, const Side& target,
                       const ColumnFeatures& to, const std::optional<Unit>& want) noexcept;

// "usd" of "price_usd_cents" and "usd_price"; empty where the name has none, or more than one.
std::string_view currency_of(const Side& side, const ColumnFeatures& column) noexcept;

// "salary_month", "annual_salary": what its amounts are for.
std::optional<Unit> pace_of(const Side& side, const ColumnFeatures& column) noexcept;

// An amount of money by its name, and a number.
bool is_money(const ColumnFeatures& column) noexcept;

}  // namespace mapctl::matching
