// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace mapctl::cli {

// The command line: global options and all commands on one CLI::App. What belongs to a command is
// declared when the command line names it.
class Program {
 public:
  Program();
  ~Program();

  enum class Outcome { run, answered };
  // With `answered`, help or the version was asked for and written to `out`. Throws Error::usage
  // for a wrong command line, offering the nearest option or command.
  Outcome parse(int argc, const char* const* argv, Output& out);

  Command& command() const noexcept { return *chosen_; }
  // Global flags that were given, by the name of their setting, and "config".
  const std::map<std::string, std::vector<std::string>>& flags() const noexcept { return flags_; }

  // With all that belongs to every command.
  CLI::App& whole();

 private:
  void declare(Command& command);

  std::unique_ptr<CLI::App> app_;
  std::vector<std::unique_ptr<Command>> commands_;
  std::map<std::string, std::vector<std::string>> flags_;
  std::set<const Command*> declared_;
  Command* chosen_ = nullptr;
};

}  // namespace mapctl::cli
