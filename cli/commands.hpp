// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

namespace mapctl::cli {

class Command;

// Each is defined in cli/commands/<name>.cpp.
std::unique_ptr<Command> make_init_command();
std::unique_ptr<Command> make_profile_command();
std::unique_ptr<Command> make_discover_command();
std::unique_ptr<Command> make_propose_command();
std::unique_ptr<Command> make_batch_command();
std::unique_ptr<Command> make_export_command();
std::unique_ptr<Command> make_registry_command();
std::unique_ptr<Command> make_connector_command();
std::unique_ptr<Command> make_doctor_command();
std::unique_ptr<Command> make_completion_command();

}  // namespace mapctl::cli
