// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

namespace mapctl::cli {

class Subcommand;

// The one list of `mapctl registry`, in the order of its help. A line here and a name in
// MAPCTL_REGISTRY_SUBCOMMANDS of cli/CMakeLists.txt is all that a new cli/registry/<name>.cpp,
// which defines make_registry_<name>(), needs.
#define MAPCTL_FOR_EACH_REGISTRY_SUBCOMMAND(SUBCOMMAND) \
  SUBCOMMAND(status)                                    \
  SUBCOMMAND(migrate)                                   \
  SUBCOMMAND(runs)                                      \
  SUBCOMMAND(lookup)                                    \
  SUBCOMMAND(similar)                                   \
  SUBCOMMAND(baseline)                                  \
  SUBCOMMAND(audit)                                     \
  SUBCOMMAND(verify)                                    \
  SUBCOMMAND(retention)                                 \
  SUBCOMMAND(history)                                   \
  SUBCOMMAND(diff)                                      \
  SUBCOMMAND(rollback)                                  \
  SUBCOMMAND(conflicts)                                 \
  SUBCOMMAND(flag)                                      \
  SUBCOMMAND(share)                                     \
  SUBCOMMAND(lineage)                                   \
  SUBCOMMAND(export)                                    \
  SUBCOMMAND(import)                                    \
  SUBCOMMAND(backup)                                    \
  SUBCOMMAND(restore)

#define MAPCTL_DECLARE_SUBCOMMAND(name) std::unique_ptr<Subcommand> make_registry_##name();
MAPCTL_FOR_EACH_REGISTRY_SUBCOMMAND(MAPCTL_DECLARE_SUBCOMMAND)
#undef MAPCTL_DECLARE_SUBCOMMAND

}  // namespace mapctl::cli
