// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/duckdb/folder.hpp"
#include "connectors/duckdb/session.hpp"
#include "connectors/duckdb/source.hpp"

#include <stop_token>

namespace mapctl::connectors::duckdb {

// A JSON, JSON Lines or Parquet file: objects become dotted columns ("org_id.value"), lists stay
// lists. Throws Error: invalid_data naming file and, for JSON, line and column.
Source nested_source(Session& session, const DataFile& file, const FileOptions& options,
                     std::stop_token stop);

// What is wrong with a JSON file that DuckDB could not read, found by a strict parser; returns if
// nothing is, or the file is too big to be looked through.
void explain_json(const DataFile& file);

}  // namespace mapctl::connectors::duckdb
