// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace mapctl::cli {

class CommandContext;

// Puts a profile of a REST system into `directory`, after the connector took it: `tried` is the
// same profile as it is tried elsewhere first. Throws Error::already_exists.
std::filesystem::path place_rest_profile(CommandContext& context,
                                         const std::filesystem::path& directory,
                                         const std::string& name, const std::string& yaml,
                                         const std::string& tried);

}  // namespace mapctl::cli
