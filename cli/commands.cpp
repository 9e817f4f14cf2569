// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.hpp"

#include "cli/command.hpp"

namespace mapctl::cli {

std::vector<std::unique_ptr<Command>> make_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(make_init_command());
  commands.push_back(make_profile_command());
  commands.push_back(make_discover_command());
  commands.push_back(make_propose_command());
  commands.push_back(make_batch_command());
  commands.push_back(make_export_command());
  commands.push_back(make_registry_command());
  commands.push_back(make_connector_command());
  commands.push_back(make_doctor_command());
  commands.push_back(make_completion_command());
  return commands;
}

}  // namespace mapctl::cli
