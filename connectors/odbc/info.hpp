// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"
#include "core/ports/connector_facts.hpp"

namespace mapctl::connectors::odbc {

// What the connector `odbc` is and takes; needs no ODBC.
ports::ConnectorInfo info();
ports::ConnectorFacts facts();

}  // namespace mapctl::connectors::odbc
