// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

namespace mapctl::cli {

class Subcommand;

// The one list of `mapctl review`, in the order of its help.
#define MAPCTL_FOR_EACH_REVIEW_SUBCOMMAND(SUBCOMMAND) \
  SUBCOMMAND(list)                                    \
  SUBCOMMAND(stats)                                   \
  SUBCOMMAND(approve)                                 \
  SUBCOMMAND(reject)                                  \
  SUBCOMMAND(not_used)                                \
  SUBCOMMAND(flag)                                    \
  SUBCOMMAND(reopen)                                  \
  SUBCOMMAND(assign)                                  \
  SUBCOMMAND(edit)                                    \
  SUBCOMMAND(import)                                  \
  SUBCOMMAND(tui)

#define MAPCTL_DECLARE_SUBCOMMAND(name) std::unique_ptr<Subcommand> make_review_##name();
MAPCTL_FOR_EACH_REVIEW_SUBCOMMAND(MAPCTL_DECLARE_SUBCOMMAND)
#undef MAPCTL_DECLARE_SUBCOMMAND

}  // namespace mapctl::cli
