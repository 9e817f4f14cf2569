// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/config/profile.hpp"

#include <string_view>

namespace mapctl::cli {

class CommandContext;

// Throws Error::denied when the profile names roles under access:, the registry has users with
// roles, and the user of this run has none of those named. Admins may use every profile.
void check_profile_access(const CommandContext& context, const config::Profile& profile);

// Notes that a secret is about to be read: which reference, where it stands, for whom; never its
// value. Goes to the debug log, and as a line of JSON to the file that MAPCTL_SECRET_AUDIT names,
// without which nothing is read: throws Error::io. Values without references are not noted.
void note_secret_use(const CommandContext& context, const config::Profile& profile,
                     std::string_view key, const config::ProfileValue& value);

}  // namespace mapctl::cli
