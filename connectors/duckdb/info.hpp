// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

namespace mapctl::connectors::duckdb {

// What the connector `file` is and takes; needs no DuckDB.
ports::ConnectorInfo info();

}  // namespace mapctl::connectors::duckdb
