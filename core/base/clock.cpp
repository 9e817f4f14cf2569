// SPDX-License-Identifier: Apache-2.0
#include "core/base/clock.hpp"

#include "core/base/error.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <optional>

namespace mapctl {
namespace {

std::optional<TimePoint> source_date_epoch() {
  const char* text = std::getenv("SOURCE_DATE_EPOCH");
  if (text == nullptr || *text == '\0') {
    return std::nullopt;
  }
  const std::string_view view{text};
  long long seconds = 0;
  const auto [end, problem] = std::from_chars(view.data(), view.data() + view.size(), seconds);
  constexpr long long end_of_9999 = 253'402'300'799;
  if (problem != std::errc{} || end != view.data() + view.size() || seconds < 0 ||
      seconds > end_of_9999) {
    throw Error{ErrorCode::configuration,
                fmt::format("SOURCE_DATE_EPOCH is '{}', which is not a number of seconds", view),
                "set it to whole seconds since 1970, or unset it"};
  }
  return TimePoint{std::chrono::seconds{seconds}};
}

class SystemClock final : public Clock {
 public:
  TimePoint now() const override {
    return fixed_ ? *fixed_
                  : std::chrono::time_point_cast<std::chrono::milliseconds>(
                        std::chrono::system_clock::now());
  }
  double elapsed() const override {
    if (fixed_) {
      return 0;
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
  bool fixed() const { return fixed_.has_value(); }

 private:
  std::optional<TimePoint> fixed_ = source_date_epoch();
};

const SystemClock& instance() {
  static const SystemClock clock;
  return clock;
}

}  // namespace

const Clock& system_clock() {
  return instance();
}

bool clock_is_fixed() {
  return instance().fixed();
}

std::string to_iso8601_seconds(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string to_iso8601(TimePoint time) {
  std::string text = to_iso8601_seconds(std::chrono::floor<std::chrono::seconds>(time));
  text.pop_back();
  const auto rest = time - std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{}.{:03}Z", text, rest.count());
}

}  // namespace mapctl
