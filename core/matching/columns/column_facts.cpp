// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/column_facts.hpp"

#include "core/base/ascii.hpp"
#include "core/catalog/scanners.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace mapctl::matching {

using catalog::LogicalType;
using catalog::ValuePattern;

namespace {

constexpr double type_certainty = 0.95;  // share of values that makes a text column something else
constexpr double code_distinct_share = 0.2;
constexpr double code_length = 16;
constexpr std::size_t most_sample_bytes = 40;
constexpr std::size_t most_samples = 32;
// Fewer do not tell whether values come again.
constexpr double least_repeating_rows = 5;

TypeClass class_of_values(const catalog::ColumnStatistics& statistics) {
  const auto all = [&](ValuePattern pattern) {
    return statistics.share(pattern) >= type_certainty;
  };
  if (all(ValuePattern::iso_timestamp)) {
    return TypeClass::timestamp;
  }
  if (statistics.share(ValuePattern::iso_date) + statistics.share(ValuePattern::day_first_date) +
          statistics.share(ValuePattern::month_first_date) >=
      type_certainty) {
    return TypeClass::date;
  }
  if (all(ValuePattern::uuid)) {
    return TypeClass::code;
  }
  if (all(ValuePattern::integer_number)) {
    return statistics.share(ValuePattern::leading_zeros) > 0 ? TypeClass::code : TypeClass::integer;
  }
  if (statistics.share(ValuePattern::integer_number) +
          statistics.share(ValuePattern::decimal_number) +
          statistics.share(ValuePattern::grouped_number) >=
      type_certainty) {
    return TypeClass::decimal;
  }
  if (all(ValuePattern::boolean_word)) {
    return TypeClass::boolean;
  }
  if (statistics.rows > 20 && statistics.distinct_share() <= code_distinct_share &&
      statistics.average_length.value_or(code_length) < code_length) {
    return TypeClass::code;
  }
  return TypeClass::text;
}

void add_value_grams(std::string_view value, std::array<float, value_bins>& bins) {
  value = value.substr(0, most_sample_bytes);
  std::uint32_t window = '^';
  for (std::size_t at = 0; at <= value.size(); ++at) {
    char c = at < value.size() ? to_lower(value[at]) : '$';
    if (is_digit(c)) {
      c = '0';  // which digit says little, that there is one says much
    }
    window = ((window << 8U) | static_cast<unsigned char>(c)) & 0xFFFFFFU;
    bins[((window * 2654435761U) >> 16U) % value_bins] += 1;
  }
}

}  // namespace

TypeClass class_of(const catalog::Column& column) {
  switch (column.type.logical) {
    case LogicalType::boolean: return TypeClass::boolean;
    case LogicalType::integer: return TypeClass::integer;
    case LogicalType::floating: return TypeClass::decimal;
    case LogicalType::decimal:
      return column.type.scale == 0 ? TypeClass::integer : TypeClass::decimal;
    case LogicalType::binary: return TypeClass::binary;
    case LogicalType::date: return TypeClass::date;
    case LogicalType::time:
    case LogicalType::interval: return TypeClass::time;
    case LogicalType::timestamp: return TypeClass::timestamp;
    case LogicalType::uuid: return TypeClass::code;
    case LogicalType::json:
    case LogicalType::array:
    case LogicalType::object: return TypeClass::structured;
    case LogicalType::string:
    case LogicalType::unknown: break;
  }
  if (!column.allowed_values.empty() || !column.code_list.empty()) {
    return TypeClass::code;
  }
  if (column.statistics && column.statistics->distinct > 0) {
    return class_of_values(*column.statistics);
  }
  return column.type.logical == LogicalType::string ? TypeClass::text : TypeClass::unknown;
}

KeyRole key_of(const catalog::Table& table, const catalog::Column& column) {
  if (table.in_primary_key(column.name)) {
    return table.primary_key.size() == 1 ? KeyRole::primary : KeyRole::unique;
  }
  if (table.foreign_key_of(column.name) != nullptr) {
    return KeyRole::foreign;
  }
  // Small tables have many columns without equal values; a name must agree.
  const bool seen_unique = column.statistics && column.statistics->tells_rows_apart() &&
                           catalog::is_named_like_key(column.name.text);
  return column.unique || seen_unique ? KeyRole::unique : KeyRole::none;
}

// Numbers as numbers: which zeros are written behind a point is the system's choice, not theirs.
ValueFeatures value_features_of(const catalog::ColumnStatistics& statistics) {
  ValueFeatures features;
  for (const auto& [pattern, share] : statistics.patterns) {
    features.patterns[static_cast<std::size_t>(pattern)] = static_cast<float>(share);
  }
  std::size_t used = 0;
  std::size_t whole = 0;      // written with a fraction that is all zeros
  std::size_t fractions = 0;  // with any other
  std::size_t zeros = 0;      // characters of samples that say nothing, the point among them
  for (const auto& value : statistics.samples) {
    if (used == most_samples) {
      break;
    }
    ++used;
    const auto bare = catalog::scan::without_fraction_zeros(value);
    zeros += value.size() - bare.size();
    const bool has_point = bare.find('.') != bare.npos;
    whole += bare.size() < value.size() && !has_point ? 1 : 0;
    fractions += has_point ? 1 : 0;
    add_value_grams(bare, features.grams);
  }
  const double longer = used > 0 ? static_cast<double>(zeros) / static_cast<double>(used) : 0.0;
  used = 0;
  for (const auto& value : statistics.frequent) {
    if (used++ == most_samples) {
      break;
    }
    add_value_grams(catalog::scan::without_fraction_zeros(value.text), features.grams);
  }
  if (whole > 0 && fractions == 0) {
    auto& decimals = features.patterns[static_cast<std::size_t>(ValuePattern::decimal_number)];
    features.patterns[static_cast<std::size_t>(ValuePattern::integer_number)] += decimals;
    decimals = 0;
  }
  float length = 0;
  for (auto& value : features.grams) {
    value = std::sqrt(value);
    length += value * value;
  }
  features.has_grams = length > 0;
  for (auto& value : features.grams) {
    value /= features.has_grams ? std::sqrt(length) : 1.0F;
  }
  features.shape[0] = static_cast<float>(
      std::log2(1.0 + std::max(0.0, statistics.average_length.value_or(0.0) - longer)));
  features.shape[1] = static_cast<float>(statistics.distinct_share());
  features.shape[2] = static_cast<float>(statistics.null_share);
  features.has_sketch = !statistics.sketch.empty();
  const double filled = static_cast<double>(statistics.rows) * (1 - statistics.null_share);
  if (filled >= least_repeating_rows && statistics.distinct > 1) {
    features.repeated = std::max(0.0F, 1 - features.shape[1]);
  }
  return features;
}

}  // namespace mapctl::matching
