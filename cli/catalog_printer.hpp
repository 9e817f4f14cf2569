// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"

#include <string>

namespace mapctl::cli {

class CommandContext;

// What `discover` prints, in the format the context asks for. `endpoint` is the name that people
// know the system by.
void print_catalog(CommandContext& context, const std::string& endpoint,
                   const catalog::Catalog& catalog, bool statistics);
void print_personal(CommandContext& context, const std::string& endpoint,
                    const catalog::Catalog& catalog);
void print_changes(CommandContext& context, const std::string& endpoint,
                   const catalog::Catalog& before, const catalog::Catalog& after);

}  // namespace mapctl::cli
