// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"
#include "core/base/json.hpp"
#include "core/jobs/batch_run.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mapctl::cli {

class LanguageModelChoice;

struct OutputRecord {
  std::string kind{};  // "xlsx", "html", ...
  std::string path{};
};

// The document mapctl.batch/1 (product.md, section 9): before the run ends `result` is null, and
// the status says running.
struct BatchSummary {
  std::string name{};
  const jobs::BatchRun* run = nullptr;
  const jobs::BatchResult* result = nullptr;
  std::string status = "running";
  std::vector<OutputRecord> outputs{};
  std::optional<ExitCode> exit_code{};
  const LanguageModelChoice* language_model = nullptr;
};
Json to_json(const BatchSummary& summary);

// One job of it.
Json to_json(const jobs::PairJob& job, const batch::JobOutcome& outcome);

}  // namespace mapctl::cli
