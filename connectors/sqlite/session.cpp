// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/session.hpp"

#include "connectors/sqlite/database.hpp"
#include "connectors/sqlite/handle.hpp"
#include "connectors/sqlite/write_queue.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <string>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mapctl::connectors::sqlite {
namespace {

// Values up to this size are copied into the statement's own buffers, which are kept from row to
// row; SQLite copies larger ones and frees them.
constexpr std::size_t kept_value_size = 64 * 1024;
constexpr std::size_t idle_statements = 64;

// What the connection and the statements taken from it share; statements go back here when they
// are given up, so that preparing the same text again costs nothing.
struct Connection {
  Connection(const std::filesystem::path& path, int flags, std::chrono::milliseconds busy_timeout)
      : database{path, flags, busy_timeout} {}

  StatementHandle take(std::string_view sql) {
    const auto found = idle.find(std::string{sql});
    if (found == idle.end()) {
      return database.prepare(sql);
    }
    StatementHandle statement = std::move(found->second);
    idle.erase(found);
    return statement;
  }

  void give_back(StatementHandle statement) noexcept {
    try {
      if (idle.size() < idle_statements) {
        sqlite3_clear_bindings(statement.get());
        idle.emplace(sqlite3_sql(statement.get()), std::move(statement));
      }
    } catch (const std::exception&) {
      // Not cached, then; the handle finalizes it.
    }
  }

  Database database;
  std::unordered_multimap<std::string, StatementHandle> idle{};
};

class Statement final : public ports::SqlStatement {
 public:
  using ports::SqlStatement::bind;

  Statement(std::shared_ptr<Connection> connection, std::string_view sql)
      : connection_{std::move(connection)}, handle_{connection_->take(sql)} {
    number_parameters();
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() override {
    sqlite3_reset(handle_.get());
    connection_->give_back(std::move(handle_));
  }

  void bind(int parameter, std::string_view value) override {
    const int index = index_of(parameter);
    int code = SQLITE_OK;
    if (value.size() > kept_value_size) {
      code = sqlite3_bind_text64(handle_.get(), index, value.data(), value.size(), SQLITE_TRANSIENT,
                                 SQLITE_UTF8);
    } else {
      std::string& kept = values_[static_cast<std::size_t>(index)];
      kept.assign(value);
      code = sqlite3_bind_text64(handle_.get(), index, kept.data(), kept.size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    }
    check(code);
  }
  void bind(int parameter, std::int64_t value) override {
    check(sqlite3_bind_int64(handle_.get(), index_of(parameter), value));
  }
  void bind(int parameter, double value) override {
    check(sqlite3_bind_double(handle_.get(), index_of(parameter), value));
  }
  void bind_null(int parameter) override {
    check(sqlite3_bind_null(handle_.get(), index_of(parameter)));
  }
  void bind_bytes(int parameter, std::string_view bytes) override {
    // A null pointer would bind null.
    check(sqlite3_bind_blob64(handle_.get(), index_of(parameter), bytes.empty() ? "" : bytes.data(),
                              bytes.size(), SQLITE_TRANSIENT));
  }

  bool step() override {
    const int code = sqlite3_step(handle_.get());
    if (code == SQLITE_ROW) {
      return true;
    }
    if (code != SQLITE_DONE) {
      fail(code);
    }
    sqlite3_reset(handle_.get());
    return false;
  }
  void reset() override { sqlite3_reset(handle_.get()); }

  bool is_null(int column) const override {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
  }
  std::string_view text(int column) const override {
    const unsigned char* bytes = sqlite3_column_text(handle_.get(), column);
    if (bytes == nullptr) {
      return {};
    }
    return {reinterpret_cast<const char*>(bytes),
            static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
  }
  std::int64_t integer(int column) const override {
    return sqlite3_column_int64(handle_.get(), column);
  }
  double real(int column) const override { return sqlite3_column_double(handle_.get(), column); }
  std::string_view bytes(int column) const override {
    const void* bytes = sqlite3_column_blob(handle_.get(), column);
    if (bytes == nullptr) {
      return {};
    }
    return {static_cast<const char*>(bytes),
            static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
  }

 private:
  // To SQLite "$3" is a name; its index follows the order of first use.
  void number_parameters() {
    const int count = sqlite3_bind_parameter_count(handle_.get());
    values_.resize(static_cast<std::size_t>(count) + 1);
    for (int index = 1; index <= count; ++index) {
      const char* name = sqlite3_bind_parameter_name(handle_.get(), index);
      std::size_t number = 0;
      if (name != nullptr && *name == '$') {
        std::from_chars(name + 1, name + std::strlen(name), number);
      }
      if (number == 0) {
        throw Error{ErrorCode::internal, "a parameter is not written as $1, $2 ..."};
      }
      if (indexes_.size() <= number) {
        indexes_.resize(number + 1, 0);
      }
      indexes_[number] = index;
    }
  }

  int index_of(int parameter) const {
    const auto number = static_cast<std::size_t>(parameter);
    if (parameter < 1 || number >= indexes_.size() || indexes_[number] == 0) {
      throw Error{ErrorCode::internal,
                  fmt::format("the statement has no parameter ${}", parameter)};
    }
    return indexes_[number];
  }

  void check(int code) {
    if (code != SQLITE_OK) {
      fail(code);
    }
  }
  [[noreturn]] void fail(int code) {
    try {
      connection_->database.fail(code);
    } catch (const Error&) {
      sqlite3_reset(handle_.get());
      throw;
    }
  }

  std::shared_ptr<Connection> connection_;
  StatementHandle handle_;
  std::vector<int> indexes_{};         // parameter number to SQLite's index
  std::vector<std::string> values_{};  // by SQLite's index
};

class Session final : public ports::SqlSession {
 public:
  Session(std::shared_ptr<Connection> connection, std::shared_ptr<WriteQueue> writers,
          const SessionSettings& settings)
      : connection_{std::move(connection)}, writers_{std::move(writers)}, settings_{settings} {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() override { end_writing(); }

  ports::SqlDialect dialect() const override { return ports::SqlDialect::sqlite; }
  std::unique_ptr<ports::SqlStatement> prepare(std::string_view sql) override {
    return std::make_unique<Statement>(connection_, sql);
  }
  void execute(std::string_view sql) override {
    connection_->database.execute(std::string{sql}.c_str());
  }
  std::string quote_identifier(std::string_view name) const override {
    return sqlite::quote_identifier(name);
  }
  std::int64_t changes() const override { return sqlite3_changes64(raw()); }

  void begin(Access access) override {
    if (access == Access::read) {
      run(begin_read_, "BEGIN");
      return;
    }
    const auto deadline = std::chrono::steady_clock::now() + settings_.busy_timeout;
    if (!writers_->enter(deadline, settings_.stop)) {
      connection_->database.fail(settings_.stop.stop_requested() ? SQLITE_INTERRUPT : SQLITE_BUSY);
    }
    writing_ = true;
    try {
      run(begin_write_, "BEGIN IMMEDIATE");
    } catch (...) {
      end_writing();
      throw;
    }
  }
  void commit() override {
    run(commit_, "COMMIT");
    end_writing();
  }
  void rollback() noexcept override {
    // SQLite has rolled back by itself after a full disk or an I/O error.
    if (sqlite3_get_autocommit(raw()) == 0) {
      sqlite3_exec(raw(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    end_writing();
  }

 private:
  sqlite3* raw() const noexcept { return connection_->database.raw(); }

  void run(StatementHandle& statement, const char* sql) {
    if (!statement) {
      statement = connection_->database.prepare(sql);
    }
    const int code = sqlite3_step(statement.get());
    if (code != SQLITE_DONE) {
      const auto give_up = [&] { sqlite3_reset(statement.get()); };
      try {
        connection_->database.fail(code);
      } catch (const Error&) {
        give_up();
        throw;
      }
    }
    sqlite3_reset(statement.get());
  }

  void end_writing() noexcept {
    if (std::exchange(writing_, false)) {
      writers_->leave();
    }
  }

  std::shared_ptr<Connection> connection_;
  std::shared_ptr<WriteQueue> writers_;
  SessionSettings settings_;
  bool writing_ = false;
  StatementHandle begin_read_{}, begin_write_{}, commit_{};
};

void make_parent(const std::filesystem::path& path) {
  if (!path.has_parent_path()) {
    return;
  }
  std::error_code problem;
  std::filesystem::create_directories(path.parent_path(), problem);
  if (problem) {
    throw_io_error(problem.value(), "create the directory", path.parent_path());
  }
}

void require_registry(const std::filesystem::path& path) {
  std::error_code problem;
  const auto kind = std::filesystem::status(path, problem).type();
  if (kind == std::filesystem::file_type::not_found) {
    throw Error{ErrorCode::not_found, fmt::format("there is no registry '{}'", path.string()),
                "make one with: mapctl init"};
  }
  if (kind == std::filesystem::file_type::directory) {
    throw Error{ErrorCode::configuration,
                fmt::format("registry '{}' is a directory", path.string()),
                "name the registry's file, for example registry.db in it"};
  }
  if (problem) {
    throw_io_error(problem.value(), "read", path);
  }
}

std::string journal_mode(Database& database) {
  const StatementHandle statement = database.prepare("PRAGMA journal_mode");
  const int code = sqlite3_step(statement.get());
  if (code != SQLITE_ROW) {
    database.fail(code);
  }
  return reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), 0));
}

// Two processes may make the same file at once; SQLite does not call the busy handler while the
// mode changes.
void use_write_ahead_log(Database& database, const SessionSettings& settings) {
  const auto deadline = std::chrono::steady_clock::now() + settings.busy_timeout;
  while (journal_mode(database) != "wal") {
    try {
      database.execute("PRAGMA journal_mode = WAL");
      return;
    } catch (const Error& problem) {
      if (problem.code() != ErrorCode::busy || std::chrono::steady_clock::now() >= deadline ||
          settings.stop.stop_requested()) {
        throw;
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

}  // namespace

std::unique_ptr<ports::SqlSession> open_registry_session(const std::filesystem::path& path,
                                                         OpenMode mode, SessionSettings settings) {
  int flags = SQLITE_OPEN_READWRITE;
  switch (mode) {
    case OpenMode::create:
      make_parent(path);
      flags |= SQLITE_OPEN_CREATE;
      break;
    case OpenMode::read_write: require_registry(path); break;
    case OpenMode::read_only:
      require_registry(path);
      flags = SQLITE_OPEN_READONLY;
      break;
  }
  auto connection = std::make_shared<Connection>(path, flags, settings.busy_timeout);
  Database& database = connection->database;
  database.watch(settings.stop);
  if (mode == OpenMode::create) {
    use_write_ahead_log(database, settings);
  } else {
    database.read_header();
  }
  // Some systems build SQLite so that it clears every page it lets go; erasing asks for that where
  // it is wanted. In a write-ahead log, NORMAL survives a crash of the program without loss and one
  // of the machine without damage. The log grows to 64 MiB before it is moved into the file.
  database.execute(
      "PRAGMA foreign_keys = ON;"
      "PRAGMA synchronous = NORMAL;"
      "PRAGMA secure_delete = OFF;"
      "PRAGMA temp_store = MEMORY;"
      "PRAGMA cache_size = -32768;"
      "PRAGMA wal_autocheckpoint = 16384;"
      "PRAGMA journal_size_limit = 67108864");
  return std::make_unique<Session>(std::move(connection), WriteQueue::of(path), settings);
}

}  // namespace mapctl::connectors::sqlite
