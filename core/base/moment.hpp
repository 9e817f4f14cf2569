// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Moments as systems write them, in UTC.
namespace mapctl {

struct Moment {
  std::int64_t microseconds = 0;  // since 1970
  auto operator<=>(const Moment&) const = default;
};

// "2026-01-31", "2026-01-31T08:05:09.123+02:00" and close relatives; digits alone are seconds since
// 1970, or milliseconds from twelve digits on.
std::optional<Moment> parse_moment(std::string_view text);

// By a format of strftime: %Y %y %m %d %H %I %M %S %f %p %z %Z %j %b %B %a %A %T %F %%, and %s
// (seconds since 1970), %ms, %s_as_float and %epoch_microseconds. The whole text must fit; years
// before 1 and after 9999 do not.
std::optional<Moment> parse_moment(std::string_view text, std::string_view format);
std::string format_moment(Moment moment, std::string_view format);
// The first letter of a part that formats do not have: "%Q"; nothing for a good format.
std::optional<std::string> unknown_format_part(std::string_view format);

// 1 to 12 for an English name in full or its first three letters, in any case; 0 for all else.
int month_from(std::string_view name) noexcept;

// A length of time whose months depend on where it begins.
struct Period {
  int months = 0;
  std::int64_t microseconds = 0;
  bool empty() const noexcept { return months == 0 && microseconds == 0; }
};
// "P1Y2M3DT4H5M6S", "P2W", "PT0.000001S". Nothing for more than ten thousand years, too.
std::optional<Period> parse_period(std::string_view text);
// A day that a month does not have becomes its last one.
Moment plus(Moment moment, const Period& period);
Moment minus(Moment moment, const Period& period);

}  // namespace mapctl
