// SPDX-License-Identifier: Apache-2.0
#include "core/eval/run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/knowledge.hpp"
#include "tests/support/source_path.hpp"

#include <filesystem>
#include <string_view>

using namespace mapctl;

// The shipped weights were learned from these pairs, so the figures are no measure of quality; they
// fall where a change of a signal, a word list or the weights does harm.
TEST_CASE("the shipped matcher is as good as it was on the pairs written for it", "[eval]") {
  struct Least {
    std::string_view suite{};
    double recall_at_gt = 0, mrr = 0, precision = 0, f1 = 0;
  };
  for (const auto& least :
       {Least{"systems", 0.72, 0.84, 0.87, 0.69}, Least{"open_data", 0.68, 0.81, 0.80, 0.64},
        Least{"short", 0.92, 0.95, 0.97, 0.91}, Least{"unseen", 0.69, 0.84, 0.87, 0.68}}) {
    const auto suite = eval::run_suite(
        std::filesystem::path{test::source_path("tests/bench/train/suites")} / least.suite, {},
        test::shipped_knowledge(), {}, system_clock(), {});
    INFO(least.suite);
    CHECK(suite.overall.recall_at_gt >= least.recall_at_gt);
    CHECK(suite.overall.mrr >= least.mrr);
    CHECK(suite.overall.precision >= least.precision);
    CHECK(suite.overall.f1 >= least.f1);
  }
}
