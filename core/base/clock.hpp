// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace mapctl {

using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

// Where core takes the time from. Safe to use from several threads.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;  // wall time, UTC
  // Seconds since an arbitrary moment, for durations; never goes back.
  virtual double elapsed() const = 0;
};

// The machine's clock, or, with SOURCE_DATE_EPOCH set, that moment for ever (durations are then 0),
// so that equal runs give equal bytes. Throws Error::configuration when the variable is no number.
const Clock& system_clock();
bool clock_is_fixed();

// "2026-01-31T08:05:09.123Z" and, without milliseconds, "2026-01-31T08:05:09Z".
std::string to_iso8601(TimePoint time);
std::string to_iso8601_seconds(TimePoint time);

}  // namespace mapctl
