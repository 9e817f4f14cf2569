// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mapctl::cli {

class CommandContext;

// What an endpoint is called wherever its name is shown or kept: as written, without the password
// of a URL, which the context remembers for opening it by that name. Throws what parse_endpoint()
// throws.
std::string name_endpoint(CommandContext& context, std::string_view written);

}  // namespace mapctl::cli
