// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

// How often, how soon again and whether at all a system is asked. Nothing here sleeps or reads a
// clock: callers give the time, in seconds from any moment, and do the waiting.
namespace mapctl {

// At most `rate` calls a second in the long run and `burst` at once. Safe to use from several
// threads, which then share the rate.
class TokenBucket {
 public:
  TokenBucket(double rate, double burst);
  // Takes one place in the line: how many seconds after `now` the call may be made.
  double reserve(double now);
  // No call before `moment`: the system said so.
  void hold_until(double moment);

 private:
  std::mutex mutex_;
  double interval_;
  double slack_;     // seconds that unused calls may be saved up for
  double next_ = 0;  // when the next place is free
};

struct RetryRules {
  unsigned attempts = 5;    // in all
  double backoff = 0.5;     // seconds, doubled each time
  double max_backoff = 30;  // what the system asks for itself may be longer
  double deadline = 300;    // from the first attempt to the start of the last

  // Seconds before the next attempt when `failed` have failed; `random` in [0, 1) spreads the
  // second half of it, so that clients that failed together do not come back together.
  double wait(unsigned failed, double random) const noexcept;
  bool operator==(const RetryRules&) const = default;
};

// Stops asking a system that failed several times in a row; after a pause one call may try again,
// and its end decides. Safe to use from several threads.
class CircuitBreaker {
 public:
  enum class State : std::uint8_t { closed, open, half_open };
  struct Rules {
    unsigned failures = 8;  // in a row
    double pause = 30;      // seconds
    bool operator==(const Rules&) const = default;
  };
  CircuitBreaker() = default;
  explicit CircuitBreaker(const Rules& rules) : rules_{rules} {}

  // Whether a call may be made. Who is told yes reports succeeded(), failed() or gave_up().
  bool allows(double now);
  void succeeded();
  void failed(double now);
  void gave_up();  // the call ended without telling anything about the system
  State state(double now) const;
  double seconds_left(double now) const;  // of the pause
  unsigned failures() const;              // in a row

 private:
  mutable std::mutex mutex_;
  Rules rules_{};
  unsigned failures_ = 0;
  double open_until_ = 0;
  bool open_ = false;
  bool trying_ = false;
};
std::string_view to_string(CircuitBreaker::State state) noexcept;

// "Wed, 21 Oct 2026 07:28:00 GMT", as the headers Date and Retry-After have it.
std::optional<TimePoint> parse_http_date(std::string_view text);

// What a Retry-After header asks for, in seconds: "120" or a date, seen from `now`, which is best
// the moment of the header Date: the system's clock may differ from ours. Never
// negative; nothing when it is neither.
std::optional<double> parse_retry_after(std::string_view value, TimePoint now);

}  // namespace mapctl
