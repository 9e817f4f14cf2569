// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

namespace mapctl::cli {

class Command;

// The one list, in the order in which `mapctl --help` shows it. A line here is all that a new
// cli/commands/<name>.cpp, which defines make_<name>_command(), needs in C++.
#define MAPCTL_FOR_EACH_COMMAND(COMMAND) \
  COMMAND(init)                          \
  COMMAND(profile)                       \
  COMMAND(discover)                      \
  COMMAND(propose)                       \
  COMMAND(batch)                         \
  COMMAND(export)                        \
  COMMAND(migrate_yaml)                  \
  COMMAND(registry)                      \
  COMMAND(tenant)                        \
  COMMAND(user)                          \
  COMMAND(eval)                          \
  COMMAND(review)                        \
  COMMAND(connector)                     \
  COMMAND(doctor)                        \
  COMMAND(completion)

#define MAPCTL_DECLARE_COMMAND(name) std::unique_ptr<Command> make_##name##_command();
MAPCTL_FOR_EACH_COMMAND(MAPCTL_DECLARE_COMMAND)
#undef MAPCTL_DECLARE_COMMAND

}  // namespace mapctl::cli
