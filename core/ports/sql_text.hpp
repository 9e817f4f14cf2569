// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mapctl::ports {

// A name between quotes, with those inside it doubled. Throws Error::invalid_data for a NUL byte,
// at which a database would take the name to end.
std::string quote_identifier(std::string_view name, char open = '"', char close = '"');

}  // namespace mapctl::ports
