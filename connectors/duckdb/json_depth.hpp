// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/duckdb/folder.hpp"

#include <filesystem>
#include <stop_token>

namespace mapctl::connectors::duckdb {

// Reads through the text of JSON `file`, which stands in `readable`, unpacking it if need be.
// Throws Error: invalid_data naming file and line where it is nested more deeply than
// most_json_depth, io, denied, cancelled.
void require_shallow(const DataFile& file, const std::filesystem::path& readable,
                     const std::stop_token& stop);

}  // namespace mapctl::connectors::duckdb
