// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.hpp"

#include "cli/command.hpp"

namespace mapctl::cli {

std::vector<std::unique_ptr<Command>> make_commands() {
  std::vector<std::unique_ptr<Command>> commands;
#define MAPCTL_ADD_COMMAND(name) commands.push_back(make_##name##_command());
  MAPCTL_FOR_EACH_COMMAND(MAPCTL_ADD_COMMAND)
#undef MAPCTL_ADD_COMMAND
  return commands;
}

}  // namespace mapctl::cli
