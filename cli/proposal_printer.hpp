// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/proposal.hpp"

#include <string_view>
#include <vector>

namespace mapctl::cli {

class CommandContext;

// Prints proposals in the format asked for. `explain` adds the evidence in words to the table; the
// JSON forms always hold it.
void print_proposals(CommandContext& context, std::string_view source, std::string_view target,
                     const std::vector<mapping::PairProposal>& proposals, bool explain);

}  // namespace mapctl::cli
