// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"
#include "core/ports/connector_facts.hpp"

namespace mapctl::connectors::postgres {

// What the connector is and takes, known without libpq.
ports::ConnectorInfo info();
ports::ConnectorFacts facts();

}  // namespace mapctl::connectors::postgres
