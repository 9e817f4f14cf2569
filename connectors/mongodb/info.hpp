// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"
#include "core/ports/connector_facts.hpp"

namespace mapctl::connectors::mongodb {

// What the connector is called, can do and takes: known to programs that do not have it.
ports::ConnectorInfo info();
ports::ConnectorFacts facts();

}  // namespace mapctl::connectors::mongodb
