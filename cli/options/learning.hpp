// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

#include <optional>

namespace mapctl::cli {

// What reviewers decided teaches what a confidence means. Nothing is changed unless it is asked
// for, and what was can be brought back.
struct LearningOptions {
  bool learn = false;
  bool apply = false;
  std::optional<int> roll_back{};

  void declare(CLI::App& app);
  bool asked() const noexcept { return learn || roll_back; }
  ExitCode run(CommandContext& context) const;
};

}  // namespace mapctl::cli
