// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector_facts.hpp"

#include <string_view>

namespace mapctl::cli {

// What the connector of that name tells of itself; needs nothing loaded. Empty for one that tells
// nothing.
ports::ConnectorFacts connector_facts(std::string_view connector);

}  // namespace mapctl::cli
