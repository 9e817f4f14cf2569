// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/duckdb/engine.hpp"
#include "connectors/duckdb/handle.hpp"
#include "core/base/file.hpp"
#include "core/ports/sql_text.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::connectors::duckdb {

using ports::quote_identifier;
// Text as a SQL literal.
std::string quote_literal(std::string_view text);

// Rows of a running query; every column must be VARCHAR. Views stay valid until the next call.
class RowStream {
 public:
  RowStream(std::unique_ptr<ResultHandle> result, std::stop_token stop);
  // False at the end. Throws Error: cancelled, or what DuckDB reports (then native).
  bool next(std::vector<std::optional<std::string_view>>& row);

 private:
  bool fetch();

  std::unique_ptr<ResultHandle> result_;
  std::stop_token stop_;
  ChunkHandle chunk_;
  idx_t rows_ = 0;
  idx_t at_ = 0;
};

struct ResultColumn {
  std::string name{};
  LogicalTypeHandle type{};
};

// A connection to the process's DuckDB, made by the first query. Used by one thread at a time. A
// failing query throws DuckError, for the caller to translate: it knows which file it asked about.
class Session {
 public:
  Session() = default;

  // A name for `file` that holds neither quotes nor glob characters, for use in SQL. Keeps ".gz".
  std::string show(const std::filesystem::path& file);
  // A folder of its own, removed with the session.
  const std::filesystem::path& directory() const noexcept { return directory_.path(); }
  // To be held while a whole table is scanned.
  Engine::ScanPermit scan_permit(const std::stop_token& stop);

  // Allows the memory that rows of so many columns take, when it is more than the limit: DuckDB
  // works on blocks of some thousand rows.
  void make_room(std::size_t columns);

  // The columns that a query would have; reads only what binding needs.
  std::vector<ResultColumn> describe(const std::string& sql);
  // All rows; for small results.
  std::vector<std::vector<std::optional<std::string>>> rows(const std::string& sql,
                                                            std::stop_token stop);
  RowStream stream(const std::string& sql, std::stop_token stop);
  void execute(const std::string& sql);

 private:
  void open();
  duckdb_connection connection();
  StatementHandle prepare(const std::string& sql);
  std::unique_ptr<ResultHandle> run(const std::string& sql, std::stop_token stop, bool streaming);

  TemporaryDirectory directory_;
  std::int64_t megabytes_ = 0;  // asked for by make_room()
  std::shared_ptr<Engine> engine_;
  ConnectionHandle connection_;
  std::vector<std::filesystem::path> shown_;
};

}  // namespace mapctl::connectors::duckdb
