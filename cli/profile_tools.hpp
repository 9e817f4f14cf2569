// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/subcommand.hpp"

#include <memory>

namespace mapctl::cli {

// Subcommands of `mapctl profile` that have a file of their own.
std::unique_ptr<Subcommand> make_profile_import();
std::unique_ptr<Subcommand> make_profile_secret();

}  // namespace mapctl::cli
