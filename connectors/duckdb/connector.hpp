// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

namespace mapctl::connectors::duckdb {

// Connector `file`: CSV, JSON, JSON Lines and Parquet files and folders of them.
const ports::ConnectorFactory& factory();

}  // namespace mapctl::connectors::duckdb
