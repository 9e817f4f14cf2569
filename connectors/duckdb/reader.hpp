// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/duckdb/options.hpp"
#include "connectors/duckdb/session.hpp"
#include "connectors/duckdb/source.hpp"
#include "core/ports/connector.hpp"

#include <filesystem>
#include <memory>
#include <stop_token>

namespace mapctl::connectors::duckdb {

// Rows of `source` in the order of the file, as text. Keeps the session alive.
std::unique_ptr<ports::RowReader> make_reader(std::shared_ptr<Session> session,
                                              const Source& source, std::filesystem::path file,
                                              FileOptions options, std::stop_token stop);

}  // namespace mapctl::connectors::duckdb
