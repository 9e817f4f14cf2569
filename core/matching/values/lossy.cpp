// SPDX-License-Identifier: Apache-2.0
#include "core/matching/values/lossy.hpp"

#include "core/base/text.hpp"
#include "core/catalog/types.hpp"
#include "core/matching/values/date_forms.hpp"
#include "core/matching/values/value_codes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mapctl::matching {
namespace {

using catalog::Column;
using catalog::ColumnStatistics;
using catalog::LogicalType;
using catalog::ValuePattern;
using Warnings = std::vector<std::string>;

constexpr double notable_share = 0.0005;
// The number of distinct values is an estimate; that many per cent below is still "all different".
constexpr double unique_share = 0.97;
constexpr std::size_t most_named_values = 3;

std::string percent(double share) {
  const double value = 100 * share;
  return value < 1 ? "under 1 %" : fmt::format("{:.0f} %", value);
}

bool is_textual(const Column& column) noexcept {
  return column.type.logical == LogicalType::string || column.type.logical == LogicalType::unknown;
}

// Whether a code map stands in for all values.
bool has_code_map(const Column& from, const std::vector<CodeMatch>& matches) {
  return !matches.empty() &&
         from.statistics->distinct <= static_cast<std::int64_t>(from.statistics->frequent.size());
}

void check_length(const Column& from, const Column& to, Warnings& warnings) {
  if (to.type.logical != LogicalType::string || !to.type.length) {
    return;
  }
  const auto limit = *to.type.length;
  const std::string_view unit = to.type.length_in_bytes ? "bytes" : "characters";
  if (from.statistics) {
    const auto longest = from.statistics->longest.value_or(0);
    if (longest <= limit) {
      return;
    }
    const bool codes = takes_codes(to);
    if (codes && has_code_map(from, match_codes(from, to))) {
      return;  // what it leaves over is told as such
    }
    warnings.push_back(
        fmt::format("values up to {} characters do not fit {} {}{}", longest, limit, unit,
                    codes && match_codes(from, to).empty() ? ": a code map is needed" : ""));
  } else if (from.type.length && *from.type.length > limit) {
    warnings.push_back(fmt::format("declared up to {} characters, the target takes {} {}",
                                   *from.type.length, limit, unit));
  }
}

void check_decimal(const Column& from, const Column& to, Warnings& warnings) {
  if (to.type.logical != LogicalType::decimal || !to.type.precision) {
    return;
  }
  const int scale = to.type.scale.value_or(0);
  const int before = *to.type.precision - scale;
  int digits = 0;
  int fraction = 0;
  if (from.statistics) {
    digits = from.statistics->integer_digits;
    fraction = from.statistics->fraction_digits;
  } else if (from.type.precision) {
    fraction = from.type.scale.value_or(0);
    digits = *from.type.precision - fraction;
  }
  if (digits > before) {
    warnings.push_back(
        fmt::format("numbers with {} digits before the point do not fit decimal({},{})", digits,
                    *to.type.precision, scale));
  }
  if (fraction > scale) {
    warnings.push_back(
        fmt::format("{} digits behind the point are rounded to {}", fraction, scale));
  }
}

void check_integer(const Column& from, const Column& to, Warnings& warnings) {
  if (to.type.logical != LogicalType::integer) {
    return;
  }
  if (from.statistics) {
    if (from.statistics->fraction_digits > 0) {
      warnings.emplace_back("fractions are lost: the target takes whole numbers");
    }
    if (from.statistics->share(ValuePattern::leading_zeros) > notable_share) {
      warnings.push_back(fmt::format("leading zeros are lost ({} of the values)",
                                     percent(from.statistics->share(ValuePattern::leading_zeros))));
    }
  } else if (from.type.logical == LogicalType::floating ||
             (from.type.logical == LogicalType::decimal && from.type.scale.value_or(0) > 0)) {
    warnings.emplace_back("fractions are lost: the target takes whole numbers");
  }
  if (!to.type.bits || *to.type.bits >= 64) {
    return;
  }
  const int bits = *to.type.bits;
  if (from.statistics && from.statistics->quantiles.size() >= 2) {
    const double high = std::ldexp(1.0, to.type.is_unsigned ? bits : bits - 1) - 1;
    const double low = to.type.is_unsigned ? 0.0 : -high - 1;
    const double least = from.statistics->quantiles.front();
    const double most = from.statistics->quantiles.back();
    if (most > high || least < low) {
      warnings.push_back(
          fmt::format("values from {:.0f} to {:.0f} do not fit {} bits", least, most, bits));
    }
  } else if (!from.statistics && from.type.logical == LogicalType::integer && from.type.bits &&
             *from.type.bits > bits) {
    warnings.push_back(
        fmt::format("declared with {} bits, the target has {}", *from.type.bits, bits));
  }
}

void check_declared_range(const Column& from, const Column& to, Warnings& warnings) {
  if (!from.statistics || from.statistics->quantiles.size() < 2) {
    return;
  }
  const double least = from.statistics->quantiles.front();
  const double most = from.statistics->quantiles.back();
  if (to.minimum && least < *to.minimum) {
    warnings.push_back(
        fmt::format("the least value {:g} is below the target's minimum {:g}", least, *to.minimum));
  }
  if (to.maximum && most > *to.maximum) {
    warnings.push_back(fmt::format("the greatest value {:g} is above the target's maximum {:g}",
                                   most, *to.maximum));
  }
}

// How much of a text column is of the kind that the target takes.
struct Taken {
  double share = 1;
  std::string_view kind{};  // empty where the target takes all texts, or nothing is known
};

Taken taken_values(const Column& from, const Column& to) {
  if (!is_textual(from) || !from.statistics || from.statistics->distinct == 0) {
    return {};
  }
  const auto share = [&](ValuePattern pattern) { return from.statistics->share(pattern); };
  Taken taken;
  if (catalog::is_number(to.type.logical)) {
    taken = {share(ValuePattern::integer_number) + share(ValuePattern::decimal_number) +
                 share(ValuePattern::grouped_number) + share(ValuePattern::percentage),
             "numbers"};
  } else if (to.type.logical == LogicalType::date || to.type.logical == LogicalType::timestamp) {
    taken = {share(ValuePattern::iso_date) + share(ValuePattern::iso_timestamp) +
                 share(ValuePattern::day_first_date) + share(ValuePattern::month_first_date),
             "dates"};
    if (share(ValuePattern::integer_number) > 0.5 && !date_format_of(from).empty()) {
      taken.share += share(ValuePattern::integer_number);
    }
  } else if (to.type.logical == LogicalType::boolean) {
    taken = {share(ValuePattern::boolean_word), "yes or no"};
  } else if (to.type.logical == LogicalType::uuid) {
    taken = {share(ValuePattern::uuid), "UUIDs"};
  } else {
    return {};
  }
  // Words that a code map stands in for are as good.
  if (taken.share < 0.5) {
    const bool boolean = to.type.logical == LogicalType::boolean;
    if (boolean || catalog::is_number(to.type.logical)) {
      taken.share = std::max(
          taken.share, covered_share(from, boolean ? match_booleans(from) : match_codes(from, to)));
    }
  }
  taken.share = std::clamp(taken.share, 0.0, 1.0);
  return taken;
}

void check_kind(const Column& from, const Column& to, Warnings& warnings) {
  const auto [taken, what] = taken_values(from, to);
  if (what.empty()) {
    return;
  }
  const auto share = [&](ValuePattern pattern) { return from.statistics->share(pattern); };
  const double bad = 1 - taken;
  if (bad > notable_share) {
    const double words = share(ValuePattern::null_word);
    warnings.push_back(
        words > notable_share && words >= bad * 0.9
            ? fmt::format("{} of the values spell out 'nothing' and are no {}", percent(bad), what)
            : fmt::format("{} of the values are no {}", percent(bad), what));
  }
  const double day_first = share(ValuePattern::day_first_date);
  const double month_first = share(ValuePattern::month_first_date);
  if (what == "dates" && day_first > notable_share && month_first > notable_share) {
    // The profiler gives both orders the same share where no date tells.
    warnings.emplace_back(day_first == month_first
                              ? "whether the day or the month comes first cannot be told from the "
                                "dates"
                              : "some dates are written day first, others month first");
  }
}

// Numbers that nobody knows how to read as dates: "200506", or the days that spreadsheets count.
bool are_numbers_no_dates(const Column& from, const Column& to) {
  const auto want = to.type.logical;
  return (want == LogicalType::date || want == LogicalType::timestamp) &&
         catalog::is_number(from.type.logical) && from.statistics &&
         from.statistics->distinct > 0 && date_format_of(from).empty();
}

void check_missing(const Column& from, const Column& to, Warnings& warnings) {
  if (to.nullable || to.default_value) {
    return;
  }
  if (from.statistics) {
    if (from.statistics->null_share > 0) {
      warnings.push_back(fmt::format("{} of the values are missing, the target needs one",
                                     percent(from.statistics->null_share)));
    }
  } else if (to.required && from.nullable && from.type.logical != LogicalType::unknown) {
    warnings.emplace_back("the source may hold no value, the target needs one");
  }
}

void check_unique(const catalog::Table& target, const Column& from, const Column& to,
                  Warnings& warnings) {
  if (const double share = once_share(from, target, to); share < unique_share) {
    warnings.push_back(
        fmt::format("values repeat ({} are distinct), the target takes each once", percent(share)));
  }
}

void check_codes(const Column& from, const Column& to, Warnings& warnings) {
  if (!from.statistics || from.statistics->frequent.empty() || from.personal) {
    return;
  }
  std::size_t unknown = 0;
  std::string named;
  const auto matches = match_codes(from, to);
  // Without a list the map says what the target takes.
  if (to.allowed_values.empty() && (matches.empty() || !takes_codes(to))) {
    return;
  }
  for (const auto& value : from.statistics->frequent) {
    const auto same = [&](const std::string& allowed) {
      return equal_ignoring_case(allowed, value.text);
    };
    const auto becomes = [&](const CodeMatch& match) { return match.from == value.text; };
    if (std::none_of(to.allowed_values.begin(), to.allowed_values.end(), same) &&
        std::none_of(matches.begin(), matches.end(), becomes)) {
      if (unknown < most_named_values) {
        named += fmt::format("{}'{}'", unknown == 0 ? "" : ", ", value.text);
      }
      ++unknown;
    }
  }
  if (unknown > 0) {
    const auto more = unknown > most_named_values
                          ? fmt::format(" and {} more", unknown - most_named_values)
                          : std::string{};
    warnings.push_back(fmt::format("not among the target's codes: {}{}", named, more));
  }
}

void check_time(const Column& from, const Column& to, Warnings& warnings) {
  if (to.type.logical == LogicalType::date &&
      (from.type.logical == LogicalType::timestamp ||
       (from.statistics && from.statistics->share(ValuePattern::iso_timestamp) > notable_share))) {
    warnings.emplace_back("the time of day is lost");
  }
  if (to.type.logical == LogicalType::timestamp && from.type.logical == LogicalType::timestamp &&
      from.type.time_zone && !to.type.time_zone) {
    warnings.emplace_back("the time zone is lost");
  }
  if (to.type.logical == LogicalType::timestamp && to.type.time_zone &&
      from.type.logical == LogicalType::timestamp && !from.type.time_zone) {
    warnings.emplace_back("no time zone: taken as UTC");
  }
}

void check_whole_types(const Column& from, const Column& to, Warnings& warnings) {
  const auto have = from.type.logical;
  const auto want = to.type.logical;
  const bool temporal_number =
      (catalog::is_temporal(have) && (catalog::is_number(want) || want == LogicalType::boolean)) ||
      (have == LogicalType::boolean && catalog::is_temporal(want));
  const bool time_as_date =
      have == LogicalType::time && (want == LogicalType::date || want == LogicalType::timestamp);
  if (temporal_number || time_as_date) {
    warnings.push_back(
        fmt::format("{} cannot become {}", catalog::to_string(have), catalog::to_string(want)));
  }
  if (!from.unit.empty() && !to.unit.empty() && !equal_ignoring_case(from.unit, to.unit)) {
    warnings.push_back(fmt::format("units differ: {} and {}", from.unit, to.unit));
  }
}

}  // namespace

std::vector<std::string> lossy_warnings(const Column& from, const catalog::Table& target,
                                        const Column& to) {
  Warnings warnings;
  check_whole_types(from, to, warnings);
  check_kind(from, to, warnings);
  if (are_numbers_no_dates(from, to)) {
    warnings.emplace_back("the numbers have no known form of date");
  }
  check_length(from, to, warnings);
  check_decimal(from, to, warnings);
  check_integer(from, to, warnings);
  check_declared_range(from, to, warnings);
  check_missing(from, to, warnings);
  check_unique(target, from, to, warnings);
  check_codes(from, to, warnings);
  check_time(from, to, warnings);
  return warnings;
}

double taken_share(const Column& from, const Column& to) {
  return are_numbers_no_dates(from, to) ? 0 : taken_values(from, to).share;
}

double once_share(const Column& from, const catalog::Table& target, const Column& to) {
  const bool unique =
      to.unique || (target.primary_key.size() == 1 && target.primary_key.front() == to.name);
  return unique && from.statistics && from.statistics->rows > 1 && from.statistics->null_share < 1
             ? from.statistics->distinct_share()
             : 1;
}

}  // namespace mapctl::matching
