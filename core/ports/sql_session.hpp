// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret.hpp"

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
  virtual void bind_bytes(int parameter, std::string_view bytes) = 0;
  // Runs, or goes on, to the next row; false at the end. After the end the statement is ready for
  // new values; bound values stay until bound anew.
  virtual bool step() = 0;
  // Runs a statement without rows whose outcome nobody waits for: what goes wrong is thrown here or
  // by a later call on the session, by commit() at the latest. Inside a write transaction only.
  virtual void post() {
    while (step()) {
    }
  }
  // As post(), for an INSERT of one row, `... VALUES (...)`, on which nothing that is posted
  // depends: rows of one statement may travel together, later than what else is posted. They are
  // there for the next step() and for commit().
  virtual void post_row() { post(); }
  virtual void reset() = 0;  // abandons the rows not fetched
  virtual bool is_null(int column) const = 0;
  // Valid until the next step(), reset() or destruction. Null reads as "", 0.
  virtual std::string_view text(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string_view bytes(int column) const = 0;  // of a binary value

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
  // As prepare(), for a SELECT whose many rows are all read: where the server has a quicker way to
  // send them, they come that way. Inside a transaction only; what is bound has the type that its
  // text would have as a literal.
  virtual std::unique_ptr<SqlStatement> prepare_scan(std::string_view sql) { return prepare(sql); }
  // Statements without parameters and results, separated by semicolons.
  virtual void execute(std::string_view sql) = 0;
  virtual std::string quote_identifier(std::string_view name) const = 0;
  // Rows the last INSERT, UPDATE or DELETE changed.
  virtual std::int64_t changes() const = 0;

  // Whose rows the server lets through, from the next transaction on: a tenant's id, all_tenants
  // for upkeep, or "" (as a session begins) for none but those that belong to nobody. Beside the
  // tenant that each query names itself; without effect where a registry is a file of one's own.
  static constexpr std::string_view all_tenants = "*";
  virtual void use_tenant(std::string_view /*id*/) {}

  // `write` takes the write lock at once, waiting for other writers as the session was told to: of
  // the same tenant on a server, of the whole registry with another tenant setting or in a file.
  enum class Access { read, write };
  virtual void begin(Access access) = 0;
  // Inside a write transaction, before making rows that all tenants share: writers of other
  // tenants that come here wait until this transaction has ended.
  virtual void lock_shared_rows() {}
  // Throws Error::commit_unknown when the connection was lost meanwhile and the server could not be
  // asked afterwards what became of the transaction.
  virtual void commit() = 0;
  virtual void rollback() noexcept = 0;
};

struct SqlSessionOptions {
  Secret url{};         // may hold a password
  bool create = false;  // makes what a new registry needs, such as the schema that `url` names
};

// Opens registries on a server. Stateless and safe to use from several threads.
class SqlSessionFactory {
 public:
  virtual ~SqlSessionFactory() = default;
  // `stop` ends connecting, waiting and running statements for the life of the session.
  virtual std::unique_ptr<SqlSession> open(const SqlSessionOptions& options,
                                           std::stop_token stop) const = 0;
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
