// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"
#include "core/ports/connector_facts.hpp"

namespace mapctl::connectors::duckdb {

// What the connector `file` is and takes; needs no DuckDB.
ports::ConnectorInfo info();
ports::ConnectorFacts facts();

}  // namespace mapctl::connectors::duckdb
