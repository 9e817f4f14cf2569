// SPDX-License-Identifier: Apache-2.0
#include "core/base/resilience.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <thread>
#include <vector>

namespace mapctl::test {
namespace {

TEST_CASE("a token bucket lets a burst through at once and the rest at its rate", "[resilience]") {
  TokenBucket bucket{2, 3};
  CHECK(bucket.reserve(100) == 0);
  CHECK(bucket.reserve(100) == 0);
  CHECK(bucket.reserve(100) == 0);
  CHECK(bucket.reserve(100) == Approx(0.5));
  CHECK(bucket.reserve(100) == Approx(1));
  CHECK(bucket.reserve(101.5) == 0);
  // Unused time is saved up for one burst only.
  int at_once = 0;
  while (bucket.reserve(1000) == 0) {
    ++at_once;
  }
  CHECK(at_once == 3);
}

TEST_CASE("threads share the places of a token bucket", "[resilience]") {
  TokenBucket bucket{10, 1};
  std::vector<double> waits(40);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (std::size_t k = 0; k < 10; ++k) {
          waits[i * 10 + k] = bucket.reserve(5);
        }
      });
    }
  }
  std::sort(waits.begin(), waits.end());
  for (std::size_t i = 0; i < waits.size(); ++i) {
    CHECK(waits[i] == Approx(0.1 * static_cast<double>(i)).margin(1e-9));
  }
}

TEST_CASE("a token bucket waits until the moment that the system named", "[resilience]") {
  TokenBucket bucket{1, 5};
  CHECK(bucket.reserve(10) == 0);
  bucket.hold_until(70);
  CHECK(bucket.reserve(11) == Approx(59));
}

TEST_CASE("waits between attempts double up to a bound and are spread", "[resilience]") {
  const RetryRules rules{5, 0.5, 4, 100};
  CHECK(rules.wait(1, 0) == Approx(0.25));
  CHECK(rules.wait(1, 0.999999) == Approx(0.5));
  CHECK(rules.wait(2, 1) == Approx(1));
  CHECK(rules.wait(4, 1) == Approx(4));
  CHECK(rules.wait(4000000000U, 1) == Approx(4));
}

TEST_CASE("a circuit breaker opens after failures in a row and closes after a good trial",
          "[resilience]") {
  CircuitBreaker breaker{{.failures = 3, .pause = 30}};
  for (int i = 0; i < 2; ++i) {
    REQUIRE(breaker.allows(0));
    breaker.failed(0);
  }
  breaker.succeeded();
  for (int i = 0; i < 3; ++i) {
    REQUIRE(breaker.allows(1));
    breaker.failed(1);
  }
  CHECK(breaker.state(1) == CircuitBreaker::State::open);
  CHECK_FALSE(breaker.allows(30));
  CHECK(breaker.seconds_left(11) == Approx(20));
  CHECK(to_string(breaker.state(31)) == "half-open");
  REQUIRE(breaker.allows(31));
  CHECK_FALSE(breaker.allows(31));  // one trial at a time
  breaker.failed(31);
  CHECK_FALSE(breaker.allows(60));
  REQUIRE(breaker.allows(61));
  breaker.gave_up();
  REQUIRE(breaker.allows(61));
  breaker.succeeded();
  CHECK(breaker.state(61) == CircuitBreaker::State::closed);
  CHECK(breaker.allows(61));
}

TEST_CASE("Retry-After is read as seconds and as a date", "[resilience]") {
  using namespace std::chrono;
  const TimePoint now = sys_days{2026y / October / 21} + 7h + 28min;
  CHECK(parse_retry_after("120", now) == 120);
  CHECK(parse_retry_after(" 1.5 ", now) == 1.5);
  CHECK(parse_retry_after("-3", now) == 0);
  CHECK(parse_retry_after("Wed, 21 Oct 2026 07:29:30 GMT", now) == 90);
  CHECK(parse_retry_after("Wed, 21 Oct 2026 07:00:00 GMT", now) == 0);
  CHECK_FALSE(parse_retry_after("soon", now));
  CHECK_FALSE(parse_retry_after("", now));
  CHECK_FALSE(parse_retry_after("Wed, 41 Oct 2026 07:00:00 GMT", now));
}

}  // namespace
}  // namespace mapctl::test
