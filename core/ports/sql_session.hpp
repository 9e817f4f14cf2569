// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace mapctl::ports {

enum class SqlDialect { sqlite, postgresql };

// A prepared statement. Values are bound, never put into the text. Parameters are numbered from 1
// and written $1, $2 ... in both dialects; columns are numbered from 0. A statement must not
// outlive its session.
class SqlStatement {
 public:
  virtual ~SqlStatement() = default;
  virtual void bind(int parameter, std::string_view value) = 0;
  virtual void bind(int parameter, std::int64_t value) = 0;
  virtual void bind(int parameter, double value) = 0;
  virtual void bind_null(int parameter) = 0;
  // Runs, or goes on, to the next row; false at the end. After the end the statement is ready for
  // new values; bound values stay until bound anew.
  virtual bool step() = 0;
  virtual void reset() = 0;  // abandons the rows not fetched
  virtual bool is_null(int column) const = 0;
  // Valid until the next step(), reset() or destruction. Null reads as "", 0.
  virtual std::string_view text(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;

  void bind(int parameter, const std::string& value) { bind(parameter, std::string_view{value}); }
  void bind(int parameter, const char* value) { bind(parameter, std::string_view{value}); }
  void bind(int parameter, int value) { bind(parameter, static_cast<std::int64_t>(value)); }
  void bind(int parameter, bool value) { bind(parameter, static_cast<std::int64_t>(value)); }
  void bind_or_null(int parameter, const std::optional<std::string>& value) {
    value ? bind(parameter, std::string_view{*value}) : bind_null(parameter);
  }
};

// One connection to a SQL database, for the registry. Used by one thread at a time.
class SqlSession {
 public:
  virtual ~SqlSession() = default;
  virtual SqlDialect dialect() const = 0;
  virtual std::unique_ptr<SqlStatement> prepare(std::string_view sql) = 0;
  // Statements without parameters and results, separated by semicolons.
  virtual void execute(std::string_view sql) = 0;
  virtual std::string quote_identifier(std::string_view name) const = 0;
  // Rows the last INSERT, UPDATE or DELETE changed.
  virtual std::int64_t changes() const = 0;

  // `write` takes the write lock at once, waiting for other writers as the session was told to.
  enum class Access { read, write };
  virtual void begin(Access access) = 0;
  virtual void commit() = 0;
  virtual void rollback() noexcept = 0;
};

// Rolls back unless committed.
class Transaction {
 public:
  Transaction(SqlSession& session, SqlSession::Access access) : session_{&session} {
    session.begin(access);
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (session_ != nullptr) {
      session_->rollback();
    }
  }
  void commit() {
    session_->commit();
    session_ = nullptr;
  }

 private:
  SqlSession* session_;
};

}  // namespace mapctl::ports
