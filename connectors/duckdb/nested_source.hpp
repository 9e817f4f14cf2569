// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/duckdb/folder.hpp"
#include "connectors/duckdb/session.hpp"
#include "connectors/duckdb/source.hpp"

#include <stop_token>

namespace mapctl::connectors::duckdb {

// How much of a big file its columns and their types are told from.
enum class Looking { at_start, through };

// Whether looking at the start of the file does not settle its columns: it is a big one of text.
bool guesses_types(const DataFile& file);

// A JSON, JSON Lines or Parquet file: objects become dotted columns ("org_id.value"), lists stay
// lists. What a big file holds behind its start may be unlike the start; then reading throws
// DuckError, and looking through all of it helps. Throws Error: invalid_data naming file and, for
// JSON, line and column.
Source nested_source(Session& session, const DataFile& file, const FileOptions& options,
                     Looking looking, std::stop_token stop);

// What is wrong with a JSON file that DuckDB could not read, found by a strict parser; returns if
// nothing is, or the file is too big to be looked through.
void explain_json(const DataFile& file);

}  // namespace mapctl::connectors::duckdb
