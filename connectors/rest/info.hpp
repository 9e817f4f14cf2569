// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

namespace mapctl::connectors::rest {

// What the connector `rest` is and takes; needs no HTTP client.
ports::ConnectorInfo info();

}  // namespace mapctl::connectors::rest
