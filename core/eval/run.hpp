// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"
#include "core/eval/details.hpp"
#include "core/eval/metrics.hpp"
#include "core/eval/suite.hpp"
#include "core/matching/matcher.hpp"

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace mapctl::eval {

struct TaskResult {
  std::string task{};
  Figures figures{};
  std::vector<Detail> details{};  // empty where a document was read
};

struct SuiteResult {
  std::string suite{};
  Figures overall{};  // mean over the tasks
  std::vector<TaskResult> tasks{};
};

// What the matcher says about one task, and the columns by their numbers in it.
struct Judgement {
  Judged judged{};
  std::vector<ColumnKey> sources{}, targets{};
};

// All tables of a side are matched together, since the truth of a task reaches across them.
Judgement judge(const Task& task, const matching::Knowledge& knowledge,
                const matching::MatchOptions& match, std::stop_token stop);

// Runs the matcher over every task of a suite folder. Throws Error for files that are missing or
// damaged, cancelled when stopped.
SuiteResult run_suite(const std::filesystem::path& folder, const LoadOptions& load,
                      const matching::Knowledge& knowledge, const matching::MatchOptions& match,
                      const Clock& clock, std::stop_token stop);

}  // namespace mapctl::eval
