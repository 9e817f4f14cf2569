// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/postgres/catalog.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mapctl::connectors::postgres {

// Which rows are read.
struct Selection {
  std::vector<ReadColumn> columns{};
  std::string from{};  // quoted, with TABLESAMPLE and the like
  std::string rest{};  // "WHERE ... LIMIT 10"
  // Bytes of a binary value that are looked at; nothing: all.
  std::optional<std::int64_t> binary_prefix{};
};

// The rows of one statement over a connection that is inside a transaction, in bounded memory.
// The connection must outlive it and is free again at the end or after an error.
class RowStream {
 public:
  virtual ~RowStream() = default;
  // False at the end. Views stay valid until the next call.
  virtual bool next(std::vector<std::optional<std::string_view>>& row) = 0;
};

// COPY ... TO STDOUT of PostgreSQL, in its binary form.
std::unique_ptr<RowStream> copy_rows(Connection& connection, const Selection& selection);
// Row by row as a SELECT gives them: Redshift has no COPY to a client.
std::unique_ptr<RowStream> select_rows(Connection& connection, const Selection& selection);
std::unique_ptr<RowStream> stream_rows(Connection& connection, Dialect dialect,
                                       const Selection& selection);

// Every row of one table over a connection of its own.
std::unique_ptr<ports::RowReader> make_reader(std::unique_ptr<Connection> connection,
                                              const Source& source, const catalog::TableRef& table,
                                              const std::stop_token& stop);

}  // namespace mapctl::connectors::postgres
