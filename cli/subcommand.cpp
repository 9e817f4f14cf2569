// SPDX-License-Identifier: Apache-2.0
#include "cli/subcommand.hpp"

#include "core/base/error.hpp"

#include <CLI/CLI.hpp>

#include <string>

namespace mapctl::cli {

CLI::App& declare(Subcommand& subcommand, CLI::App& command) {
  CLI::App* app =
      command.add_subcommand(std::string{subcommand.name()}, std::string{subcommand.summary()});
  app->footer(std::string{subcommand.example()});
  subcommand.declare(*app);
  return *app;
}

void Subcommands::declare(CLI::App& command, std::string_view without) {
  without_ = without;
  command.require_subcommand(without.empty() ? 1 : 0, 1);
  for (const auto& subcommand : subcommands_) {
    apps_.push_back(&cli::declare(*subcommand, command));
  }
}

ExitCode Subcommands::run(CommandContext& context) {
  for (std::size_t i = 0; i < apps_.size(); ++i) {
    if (apps_[i]->parsed()) {
      return subcommands_[i]->run(context);
    }
  }
  for (const auto& subcommand : subcommands_) {
    if (!without_.empty() && subcommand->name() == without_) {
      return subcommand->run(context);
    }
  }
  throw Error{ErrorCode::internal, "no subcommand was given"};
}

}  // namespace mapctl::cli
