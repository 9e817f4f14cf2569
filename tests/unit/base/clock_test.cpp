// SPDX-License-Identifier: Apache-2.0
#include "core/base/clock.hpp"

#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "tests/support/catch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

using namespace mapctl;

namespace {

// What `work` returns in a child process with that SOURCE_DATE_EPOCH; the clock of this process
// stays unused.
template <class Work>
std::string in_child(const char* epoch, Work work) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    if (epoch != nullptr) {
      ::setenv("SOURCE_DATE_EPOCH", epoch, 1);
    } else {
      ::unsetenv("SOURCE_DATE_EPOCH");
    }
    std::string answer;
    try {
      answer = work();
    } catch (const Error& error) {
      answer = std::string{"error "} + to_string(error.code()) + ": " + error.what();
    }
    const bool written =
        ::write(ends[1], answer.data(), answer.size()) == static_cast<ssize_t>(answer.size());
    ::_exit(written ? 0 : 1);
  }
  ::close(ends[1]);
  std::string answer;
  char buffer[4096];
  for (ssize_t count = 0; (count = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    answer.append(buffer, static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  return answer;
}

}  // namespace

TEST_CASE("times are written as ISO 8601 in UTC", "[base][clock]") {
  using namespace std::chrono;
  const TimePoint time = sys_days{year{2026} / 1 / 31} + 8h + 5min + 9s + 123ms;
  CHECK(to_iso8601(time) == "2026-01-31T08:05:09.123Z");
  CHECK(to_iso8601_seconds(time) == "2026-01-31T08:05:09Z");
  CHECK(to_iso8601(TimePoint{}) == "1970-01-01T00:00:00.000Z");
  CHECK(to_iso8601(TimePoint{-1ms}) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("with SOURCE_DATE_EPOCH the clock stands still", "[base][clock]") {
  const auto look = [] {
    return to_iso8601(system_clock().now()) + (clock_is_fixed() ? " fixed " : " runs ") +
           std::to_string(system_clock().elapsed());
  };
  CHECK(in_child("1767225600", look) == "2026-01-01T00:00:00.000Z fixed 0.000000");
  CHECK(in_child("0", look) == "1970-01-01T00:00:00.000Z fixed 0.000000");
}

TEST_CASE("without SOURCE_DATE_EPOCH, or with an empty one, the clock runs", "[base][clock]") {
  const auto look = [] {
    const double before = system_clock().elapsed();
    const bool forward = system_clock().elapsed() >= before && before > 0;
    return std::string{clock_is_fixed() || !forward ? "fixed" : "runs"};
  };
  CHECK(in_child(nullptr, look) == "runs");
  CHECK(in_child("", look) == "runs");
}

TEST_CASE("a SOURCE_DATE_EPOCH that is no number is an error of configuration", "[base][clock]") {
  const auto look = [] { return to_iso8601(system_clock().now()); };
  for (const char* wrong :
       {"yesterday", "12x", " 12", "-1", "253402300800", "9223372036854775807"}) {
    CHECK(in_child(wrong, look) == std::string{"error configuration: SOURCE_DATE_EPOCH is '"} +
                                       wrong + "', which is not a number of seconds");
  }
}

TEST_CASE("with SOURCE_DATE_EPOCH two runs make the same ids, in order", "[base][clock]") {
  const auto make = [] {
    const std::string first = new_id();
    return first + "\n" + new_id();
  };
  const std::string ids = in_child("1767225600", make);
  CHECK(ids == in_child("1767225600", make));
  CHECK(ids != in_child("1767225601", make));
  CHECK(ids.substr(0, 36) < ids.substr(37));
  CHECK(ids[14] == '7');
  CHECK(in_child(nullptr, make) != in_child(nullptr, make));
}
