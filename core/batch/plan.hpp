// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/batch/outcome.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mapctl::batch {

// One piece of work, known to the batch only by its labels.
struct Job {
  std::string source{};  // for people and summaries: "crm: Account"
  std::string target{};
  std::string input_hash{};              // of all that decides the result; equal hash: same result
  std::vector<std::string> endpoints{};  // each takes one slot of its limit while the job runs
  // Set when there is nothing to run: done before (resumed), or known to be impossible (failed).
  std::optional<JobOutcome> settled{};
};

// What is to be done; data only, so that it can be printed before anything runs.
struct Plan {
  std::string name{};
  std::vector<Job> jobs{};                      // in the order of reports
  std::map<std::string, std::size_t> limits{};  // jobs at once, by endpoint; absent: no limit
};

}  // namespace mapctl::batch
