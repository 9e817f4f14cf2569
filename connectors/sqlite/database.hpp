// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/sqlite/handle.hpp"
#include "core/ports/sql_text.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>

namespace mapctl::connectors::sqlite {

// An open database that waits for locks in small steps and lets a stop request end both the
// waiting and a statement that runs. Stays where it is: SQLite's callbacks point to it.
class Database {
 public:
  // `flags` are those of sqlite3_open_v2. Throws Error, naming the path.
  Database(const std::filesystem::path& path, int flags, std::chrono::milliseconds busy_timeout);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Reads the header, so that a wrong file is found at once. A file in write-ahead mode needs its
  // side files, which cannot be made where the directory is read-only: if nobody has left a log
  // there, the file is from now on read as one that does not change.
  void read_header();

  sqlite3* raw() const noexcept { return handle_.get(); }
  // From now on, requests on this token end what runs.
  void watch(std::stop_token stop);
  StatementHandle prepare(std::string_view sql);
  void execute(const char* sql);  // no results
  // The current error of the database.
  [[noreturn]] void fail(int code) const;
  const std::string& object() const noexcept { return object_; }  // "database 'x.db'"

 private:
  DatabaseHandle open(const std::string& name, int flags);
  void try_header();
  bool has_log() const;
  static int on_busy(void* self, int attempts) noexcept;
  static int on_progress(void* self) noexcept;

  std::filesystem::path path_;
  std::string object_;
  std::chrono::milliseconds busy_timeout_;
  std::chrono::steady_clock::time_point waiting_since_{};
  std::stop_token stop_{};
  bool stopped_while_waiting_ = false;
  DatabaseHandle handle_{};
};

// The rows of one statement. The database must outlive it.
class Rows {
 public:
  Rows(Database& database, std::string_view sql)
      : database_{&database}, statement_{database.prepare(sql)} {}
  void bind(int parameter, std::int64_t value);
  bool step();  // false at the end; throws Error
  void reset() noexcept { sqlite3_reset(statement_.get()); }
  int columns() const noexcept { return sqlite3_column_count(statement_.get()); }
  bool is_null(int column) const noexcept;
  bool is_blob(int column) const noexcept;
  // Valid until the next step; of a blob its bytes.
  std::string_view text(int column) const noexcept;
  std::string string(int column) const { return std::string{text(column)}; }
  std::int64_t integer(int column) const noexcept;

 private:
  Database* database_;
  StatementHandle statement_;
};

using ports::quote_identifier;

}  // namespace mapctl::connectors::sqlite
