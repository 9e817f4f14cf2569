// SPDX-License-Identifier: Apache-2.0
// The main function of every test program. Catch2 2 has no SKIP and returns the number of failed
// assertions, which could be taken for "skipped": exit codes are made uniform here.
#if !defined(MAPCTL_CATCH2_V3)
#define CATCH_CONFIG_RUNNER
#endif
#include "tests/support/catch.hpp"

#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>

namespace {

constexpr int exit_failed = 1;
constexpr int exit_skipped = 4;

int skipped_cases = 0;
int run_cases = 0;
bool is_case_skipped = false;
bool is_failed = false;
bool is_run = false;

#if defined(MAPCTL_CATCH2_V3)
using ListenerBase = Catch::EventListenerBase;
#else
using ListenerBase = Catch::TestEventListenerBase;
#endif

class Counter final : public ListenerBase {
 public:
  using ListenerBase::ListenerBase;

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    ++run_cases;
    skipped_cases += std::exchange(is_case_skipped, false) ? 1 : 0;
    is_failed = is_failed || !stats.totals.assertions.allOk();
  }

  void testRunEnded(const Catch::TestRunStats& stats) override {
    is_run = true;
    is_failed = is_failed || stats.aborting;
  }
};

bool is_required(std::string_view need) {
  const char* value = std::getenv("MAPCTL_REQUIRE");
  std::string_view rest = value == nullptr ? "" : value;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const std::string_view name = rest.substr(0, comma);
    if (name == "all" || (!need.empty() && name == need)) {
      return true;
    }
    rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
  }
  return false;
}

}  // namespace

CATCH_REGISTER_LISTENER(Counter)

namespace mapctl::test {

void skip(std::string_view need, std::string_view reason) {
  if (is_required(need)) {
    FAIL("needed, but not available: " << reason);
  }
  is_case_skipped = true;
  std::cout << "skipped: " << reason << std::endl;
  // Catch2 ends the test case on this type without counting a failure.
  throw Catch::TestFailureException{};
}

void skip(std::string_view reason) {
  skip("", reason);
}

}  // namespace mapctl::test

int main(int argc, char* argv[]) {
  const int code = Catch::Session().run(argc, argv);
  if (!is_run) {
    return code;  // a listing, help, or wrong usage
  }
  if (is_failed || run_cases == 0) {
    return exit_failed;  // a filter that matches nothing is a mistake, not a success
  }
  if (skipped_cases == run_cases) {
    return exit_skipped;
  }
  return code == 0 ? 0 : exit_failed;
}
