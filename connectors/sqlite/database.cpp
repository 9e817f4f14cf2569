// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/database.hpp"

#include "connectors/sqlite/errors.hpp"
#include "core/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

namespace mapctl::connectors::sqlite {
namespace {

// Virtual machine steps between two looks at the stop token: well under a millisecond.
constexpr int progress_steps = 20'000;

// SQLite counts its memory under one lock for all connections, which threads then wait for. It is
// refused when SQLite is already in use; it then goes on counting.
void count_no_memory() noexcept {
  static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(once);
}

std::string immutable_uri(const std::filesystem::path& path) {
  std::string uri = "file:";
  for (const char c : path.string()) {
    if (c == '?' || c == '#' || c == '%') {
      uri += fmt::format("%{:02X}", static_cast<unsigned>(c));
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

Database::Database(const std::filesystem::path& path, int flags,
                   std::chrono::milliseconds busy_timeout)
    : path_{path},
      object_{fmt::format("database '{}'", path.string())},
      busy_timeout_{busy_timeout} {
  count_no_memory();
  std::error_code gone;
  if (std::filesystem::is_other(path, gone)) {
    // Opening a pipe waits for whoever writes to it.
    throw Error{ErrorCode::invalid_data, fmt::format("{} is a pipe, socket or device", object_),
                "name a database file"};
  }
  handle_ = open(path.string(), flags);
}

DatabaseHandle Database::open(const std::string& name, int flags) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  DatabaseHandle handle{raw};
  if (raw == nullptr) {
    throw to_error(SQLITE_NOMEM, 0, object_, "out of memory");
  }
  sqlite3_extended_result_codes(raw, 1);
  if (code != SQLITE_OK) {
    throw to_error(sqlite3_extended_errcode(raw), sqlite3_system_errno(raw), object_,
                   sqlite3_errmsg(raw));
  }
  sqlite3_busy_handler(raw, &Database::on_busy, this);
  // A file may have been made by somebody else: its schema must not run code of its choice.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  return handle;
}

void Database::try_header() {
  Rows rows{*this, "SELECT count(*) FROM sqlite_schema"};
  rows.step();
}

bool Database::has_log() const {
  std::error_code ignored;
  return std::filesystem::file_size(path_.string() + "-wal", ignored) > 0 && !ignored;
}

void Database::read_header() {
  try {
    try_header();
  } catch (const Error& problem) {
    if (problem.code() != ErrorCode::denied || has_log()) {
      throw;
    }
    handle_ = open(immutable_uri(path_), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    watch(stop_);
    try_header();
  }
}

void Database::watch(std::stop_token stop) {
  stop_ = std::move(stop);
  stopped_while_waiting_ = false;
  if (stop_.stop_possible()) {
    sqlite3_progress_handler(raw(), progress_steps, &Database::on_progress, this);
  } else {
    sqlite3_progress_handler(raw(), 0, nullptr, nullptr);
  }
}

StatementHandle Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(raw(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) {
    fail(code);
  }
  return StatementHandle{statement};
}

void Database::execute(const char* sql) {
  const int code = sqlite3_exec(raw(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) {
    fail(code);
  }
}

void Database::fail(int code) const {
  const int extended = sqlite3_extended_errcode(raw());
  const bool describes = (extended & 0xFF) == (code & 0xFF);
  if ((code & 0xFF) == SQLITE_BUSY && stopped_while_waiting_) {
    throw to_error(SQLITE_INTERRUPT, 0, object_, "interrupted");
  }
  throw to_error(describes ? extended : code, sqlite3_system_errno(raw()), object_,
                 describes ? sqlite3_errmsg(raw()) : sqlite3_errstr(code));
}

int Database::on_busy(void* self, int attempts) noexcept {
  auto& database = *static_cast<Database*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (attempts == 0) {
    database.waiting_since_ = now;
  }
  if (database.stop_.stop_requested()) {
    database.stopped_while_waiting_ = true;
    return 0;
  }
  const auto left = database.busy_timeout_ - (now - database.waiting_since_);
  if (left <= std::chrono::milliseconds{0}) {
    return 0;
  }
  // Short first, as most writers hold the lock for a few milliseconds.
  const auto pause = std::chrono::microseconds{std::min(200 << std::min(attempts, 7), 20'000)};
  std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(pause, left));
  return 1;
}

int Database::on_progress(void* self) noexcept {
  return static_cast<Database*>(self)->stop_.stop_requested() ? 1 : 0;
}

void Rows::bind(int parameter, std::int64_t value) {
  const int code = sqlite3_bind_int64(statement_.get(), parameter, value);
  if (code != SQLITE_OK) {
    database_->fail(code);
  }
}

bool Rows::step() {
  const int code = sqlite3_step(statement_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) {
    database_->fail(code);
  }
  return code == SQLITE_ROW;
}

bool Rows::is_null(int column) const noexcept {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

bool Rows::is_blob(int column) const noexcept {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_BLOB;
}

std::string_view Rows::text(int column) const noexcept {
  const void* bytes = is_blob(column) ? sqlite3_column_blob(statement_.get(), column)
                                      : sqlite3_column_text(statement_.get(), column);
  if (bytes == nullptr) {
    return {};
  }
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::int64_t Rows::integer(int column) const noexcept {
  return sqlite3_column_int64(statement_.get(), column);
}

}  // namespace mapctl::connectors::sqlite
