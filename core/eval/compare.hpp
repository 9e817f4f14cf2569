// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/eval/run.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace mapctl::eval {

// How one figure moved between two runs over the tasks both have.
struct Change {
  std::string figure{};
  double before = 0, after = 0;  // means over the tasks
  double low = 0, high = 0;      // of the difference, 95 %
  double p = 1;                  // of a difference this great or greater by chance, both directions
  std::size_t tasks = 0;
};

// Paired bootstrap: tasks are drawn with replacement, in both runs the same ones, 10,000 times from
// a fixed seed. Tasks are paired by suite and name; suites count by their number of tasks. Throws
// Error::invalid_data when the runs have no task in common.
std::vector<Change> compare(const std::vector<SuiteResult>& before,
                            const std::vector<SuiteResult>& after);

// A figure of a suite that is worse than the baseline by more than is tolerated.
struct Miss {
  std::string suite{}, figure{};
  double wanted = 0, found = 0;
};

// Every suite of the baseline must have been run: one that is missing is a miss of figure "suite".
std::vector<Miss> misses(const std::vector<SuiteResult>& baseline,
                         const std::vector<SuiteResult>& found, double tolerance);

Json to_json(const std::vector<Change>& changes);
Json to_json(const std::vector<Miss>& misses);

}  // namespace mapctl::eval
