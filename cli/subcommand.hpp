// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::cli {

// One subcommand of a command that has many, such as `mapctl registry status`.
class Subcommand {
 public:
  virtual ~Subcommand() = default;
  virtual std::string_view name() const noexcept = 0;
  virtual std::string_view summary() const noexcept = 0;  // as of Command
  virtual std::string_view example() const noexcept = 0;  // as of Command
  // Options and positionals of this subcommand. Touches no file and no server.
  virtual void declare(CLI::App& app) = 0;
  virtual ExitCode run(CommandContext& context) = 0;
};

// Adds it to its command's line, with its example.
CLI::App& declare(Subcommand& subcommand, CLI::App& command);

// The subcommands of one command, in the order of its help; one is given on a command line.
class Subcommands {
 public:
  explicit Subcommands(std::vector<std::unique_ptr<Subcommand>> subcommands)
      : subcommands_{std::move(subcommands)} {}
  // `without` is the subcommand that runs when none is named, if there may be none.
  void declare(CLI::App& command, std::string_view without = {});
  ExitCode run(CommandContext& context);

 private:
  std::vector<std::unique_ptr<Subcommand>> subcommands_;
  std::vector<CLI::App*> apps_{};
  std::string_view without_{};
};

}  // namespace mapctl::cli
