// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace mapctl::cli {

class CommandContext;

// Throws Error::usage for what cannot be a profile's name, Error::already_exists for one that is in
// `directory`.
void check_place(const std::filesystem::path& directory, const std::string& name);

// Puts a profile of a REST system into `directory`, after the connector took it: `tried` is the
// same profile as it is tried elsewhere first. Throws as check_place().
std::filesystem::path place_rest_profile(CommandContext& context,
                                         const std::filesystem::path& directory,
                                         const std::string& name, const std::string& yaml,
                                         const std::string& tried);

}  // namespace mapctl::cli
