// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace mapctl::matching {

enum class Dimension : std::uint8_t {
  money,
  duration,
  period,  // months and years, which no fixed number of days makes
  share,
  size,
  mass,
  length,
  area,
  volume,
  temperature,
  power,
  energy,
  speed,
  pressure,
  voltage,
  current,
  frequency,
  data_rate,
  per_period,  // amounts a month, a year
  count,       // of thousands or millions of whatever it is
};

struct KnownUnit {
  std::string_view spelling;
  Dimension dimension;
  double worth;  // in the base unit of the dimension
  std::string_view name;
  // Others are units in declarations, and in names only beside a column in a unit of the same
  // dimension.
  bool in_names;
};

// By its spelling in small letters; null for what is no unit.
const KnownUnit* find_unit(std::string_view spelling) noexcept;

}  // namespace mapctl::matching
