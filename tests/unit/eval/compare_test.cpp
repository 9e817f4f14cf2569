// SPDX-License-Identifier: Apache-2.0
#include "core/eval/compare.hpp"

#include "core/base/error.hpp"
#include "core/eval/document.hpp"
#include "tests/support/catch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

using namespace mapctl;
using namespace mapctl::eval;

namespace {

SuiteResult suite(std::string name, int tasks, const std::function<double(int)>& mrr) {
  SuiteResult result;
  result.suite = std::move(name);
  std::vector<Figures> all;
  for (int task = 0; task < tasks; ++task) {
    Figures figures;
    figures.mrr = mrr(task);
    figures.ece = 0.1;
    result.tasks.push_back({fmt::format("task{:02}", task), figures});
    all.push_back(figures);
  }
  result.overall = mean(all);
  return result;
}

Change of(const std::vector<Change>& changes, std::string_view figure) {
  return *std::find_if(changes.begin(), changes.end(),
                       [&](const auto& change) { return change.figure == figure; });
}

}  // namespace

TEST_CASE("a gain in every task is more than chance", "[eval]") {
  const auto before = suite("s", 20, [](int) { return 0.5; });
  const auto after = suite("s", 20, [](int task) { return 0.6 + 0.001 * task; });
  const auto change = of(compare({before}, {after}), "mrr");
  CHECK(change.tasks == 20);
  CHECK(change.low > 0.09);
  CHECK(change.high < 0.13);
  CHECK(change.p < 0.001);
}

TEST_CASE("gains and losses that cancel out are chance", "[eval]") {
  const auto before = suite("s", 20, [](int) { return 0.5; });
  const auto after = suite("s", 20, [](int task) { return task % 2 == 0 ? 0.7 : 0.31; });
  const auto change = of(compare({before}, {after}), "mrr");
  CHECK(change.low < 0);
  CHECK(change.high > 0);
  CHECK(change.p > 0.5);
}

TEST_CASE("an equal run differs in nothing", "[eval]") {
  const auto run = suite("s", 5, [](int task) { return 0.1 * task; });
  const auto change = of(compare({run}, {run}), "mrr");
  CHECK(change.low == 0);
  CHECK(change.high == 0);
  CHECK(change.p == 1);
}

TEST_CASE("tasks are paired by suite and name, the others left out", "[eval]") {
  const auto before = suite("s", 3, [](int) { return 0.5; });
  const auto after = suite("s", 5, [](int task) { return task < 3 ? 0.5 : 0.0; });
  const auto change = of(compare({before}, {after}), "mrr");
  CHECK(change.tasks == 3);
  CHECK(change.after == 0.5);
  CHECK_THROWS_AS(compare({before}, {suite("other", 3, [](int) { return 0.5; })}), Error);
}

TEST_CASE("a comparison gives the same figures every time", "[eval]") {
  const auto before = suite("s", 7, [](int task) { return 0.1 * task; });
  const auto after = suite("s", 7, [](int task) { return task % 3 == 0 ? 0.5 : 0.2; });
  const auto one = of(compare({before}, {after}), "mrr");
  const auto two = of(compare({before}, {after}), "mrr");
  CHECK(one.low == two.low);
  CHECK(one.p == two.p);
}

TEST_CASE("the gate names each figure that is worse than tolerated", "[eval]") {
  const auto baseline = suite("s", 2, [](int) { return 0.5; });
  auto found = suite("s", 2, [](int) { return 0.48; });
  const auto missed = misses({baseline}, {found}, 0.005);
  REQUIRE(missed.size() == 1);
  CHECK(missed[0].figure == "mrr");
  CHECK(missed[0].wanted == 0.5);
  CHECK(misses({baseline}, {found}, 0.03).empty());
}

TEST_CASE("more calibration error is worse, less of it is not", "[eval]") {
  const auto baseline = suite("s", 2, [](int) { return 0.5; });
  auto found = baseline;
  found.overall.ece = 0.2;
  REQUIRE(misses({baseline}, {found}, 0.005).size() == 1);
  found.overall.ece = 0.01;
  CHECK(misses({baseline}, {found}, 0.005).empty());
}

TEST_CASE("a suite of the baseline that was not run is missed", "[eval]") {
  const auto missed = misses({suite("gone", 1, [](int) { return 0.5; })}, {}, 0.5);
  REQUIRE(missed.size() == 1);
  CHECK(missed[0].suite == "gone");
  CHECK(missed[0].figure == "suite");
}

TEST_CASE("a figure that the baseline does not have gates nothing", "[eval]") {
  const auto baseline =
      read_document(R"({"schema": "mapctl.eval/1", "suite": "s", "overall": {"mrr": 0.5},
                        "tasks": [{"task": "task00", "mrr": 0.4}]})",
                    "run.json");
  const auto found = suite("s", 2, [](int) { return 0.5; });
  CHECK(misses(baseline, {found}, 0).empty());
  const auto changes = compare(baseline, {found});
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].figure == "mrr");
}
