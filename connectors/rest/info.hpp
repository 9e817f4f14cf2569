// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"
#include "core/ports/connector_facts.hpp"

namespace mapctl::connectors::rest {

// What the connector `rest` is and takes; needs no HTTP client.
ports::ConnectorInfo info();
ports::ConnectorFacts facts();

}  // namespace mapctl::connectors::rest
