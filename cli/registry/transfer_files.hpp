// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

#include <string>

// Registries as files, for `registry export`, `import`, `backup` and `restore`.
namespace mapctl::cli {

// Writes the tenant, or all, to `path` ("-": standard output); `replace` overwrites a file.
void write_registry_file(CommandContext& context, const std::string& path, bool all_tenants,
                         bool replace);
// Reads such a file into the registry, which `create` makes when there is none.
void read_registry_file(CommandContext& context, const std::string& path, bool create);

}  // namespace mapctl::cli
