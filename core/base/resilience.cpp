// SPDX-License-Identifier: Apache-2.0
#include "core/base/resilience.hpp"

#include "core/base/moment.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace mapctl {
namespace {

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty()
             ? std::optional{value}
             : std::nullopt;
}

}  // namespace

TokenBucket::TokenBucket(double rate, double burst)
    : interval_{1 / rate}, slack_{std::max(0.0, burst - 1) / rate} {}

double TokenBucket::reserve(double now) {
  const std::lock_guard lock{mutex_};
  const double place = std::max(next_, now - slack_);
  next_ = place + interval_;
  return std::max(0.0, place - now);
}

void TokenBucket::hold_until(double moment) {
  const std::lock_guard lock{mutex_};
  next_ = std::max(next_, moment);
}

double RetryRules::wait(unsigned failed, double random) const noexcept {
  const double full =
      std::min(max_backoff, std::ldexp(backoff, static_cast<int>(std::min(failed, 60U)) - 1));
  return full * (0.5 + random / 2);
}

bool CircuitBreaker::allows(double now) {
  const std::lock_guard lock{mutex_};
  if (!open_) {
    return true;
  }
  if (now < open_until_ || trying_) {
    return false;
  }
  trying_ = true;
  return true;
}

void CircuitBreaker::succeeded() {
  const std::lock_guard lock{mutex_};
  failures_ = 0;
  open_ = trying_ = false;
}

void CircuitBreaker::failed(double now) {
  const std::lock_guard lock{mutex_};
  ++failures_;
  if (trying_ || failures_ >= rules_.failures) {
    open_ = true;
    open_until_ = now + rules_.pause;
  }
  trying_ = false;
}

void CircuitBreaker::gave_up() {
  const std::lock_guard lock{mutex_};
  trying_ = false;
}

CircuitBreaker::State CircuitBreaker::state(double now) const {
  const std::lock_guard lock{mutex_};
  if (!open_) {
    return State::closed;
  }
  return now < open_until_ ? State::open : State::half_open;
}

double CircuitBreaker::seconds_left(double now) const {
  const std::lock_guard lock{mutex_};
  return open_ ? std::max(0.0, open_until_ - now) : 0;
}

unsigned CircuitBreaker::failures() const {
  const std::lock_guard lock{mutex_};
  return failures_;
}

std::string_view to_string(CircuitBreaker::State state) noexcept {
  switch (state) {
    case CircuitBreaker::State::closed: return "closed";
    case CircuitBreaker::State::open: return "open";
    case CircuitBreaker::State::half_open: return "half-open";
  }
  return "";
}

std::optional<TimePoint> parse_http_date(std::string_view text) {
  // "Wed, 21 Oct 2026 07:28:00 GMT"
  if (text.size() != 29 || text.substr(25) != " GMT" || text[3] != ',') {
    return std::nullopt;
  }
  const auto month = month_from(text.substr(8, 3));
  const auto day = number(text.substr(5, 2)), year = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2)), minute = number(text.substr(20, 2)),
             second = number(text.substr(23, 2));
  if (month == 0 || !day || !year || !hour || !minute || !second) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) {
    return std::nullopt;
  }
  return TimePoint{std::chrono::sys_days{date}} + std::chrono::hours{*hour} +
         std::chrono::minutes{*minute} + std::chrono::seconds{*second};
}

std::optional<double> parse_retry_after(std::string_view value, TimePoint now) {
  const std::string_view text = trim(value);
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc{} && end == text.data() + text.size() && std::isfinite(seconds)) {
    return std::max(0.0, seconds);
  }
  if (const auto date = parse_http_date(text)) {
    return std::max(0.0, std::chrono::duration<double>(*date - now).count());
  }
  return std::nullopt;
}

}  // namespace mapctl
