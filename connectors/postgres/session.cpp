// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/session.hpp"

#include "connectors/postgres/bound_statement.hpp"
#include "connectors/postgres/link.hpp"
#include "connectors/postgres/scan.hpp"
#include "connectors/postgres/values.hpp"
#include "core/base/error.hpp"

#include <fmt/format.h>

#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace mapctl::connectors::postgres {
namespace {

using namespace std::chrono_literals;

// Rows taken off the connection because another statement needed it: all values behind each other.
class KeptRows {
 public:
  void add(const PGresult* row) {
    columns_ = PQnfields(row);
    for (int column = 0; column < columns_; ++column) {
      if (PQgetisnull(row, 0, column) != 0) {
        ends_.push_back({bytes_.size(), true});
      } else {
        bytes_.append(PQgetvalue(row, 0, column),
                      static_cast<std::size_t>(PQgetlength(row, 0, column)));
        ends_.push_back({bytes_.size(), false});
      }
    }
    ++rows_;
  }
  bool next() { return ++current_ < rows_; }
  bool is_null(int column) const { return ends_[index(column)].is_null; }
  std::string_view text(int column) const {
    const std::size_t at = index(column);
    const std::size_t begin = at == 0 ? 0 : ends_[at - 1].end;
    return std::string_view{bytes_}.substr(begin, ends_[at].end - begin);
  }

 private:
  struct End {
    std::size_t end = 0;
    bool is_null = false;
  };
  std::size_t index(int column) const {
    return static_cast<std::size_t>(current_) * static_cast<std::size_t>(columns_) +
           static_cast<std::size_t>(column);
  }
  std::string bytes_{};
  std::vector<End> ends_{};
  int columns_ = 0;
  std::ptrdiff_t rows_ = 0;
  std::ptrdiff_t current_ = -1;
};

class Statement final : public BoundStatement, public Streaming {
 public:
  Statement(std::shared_ptr<Link> link, std::string_view sql)
      : BoundStatement{sql}, link_{std::move(link)} {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() override { link_->forget(*this); }

  bool step() override {
    if (!is_running_) {
      link_->start(*this, sql(), parameters());
      is_running_ = true;
      types_.clear();
    }
    converted_.clear();
    current_.reset();
    if (kept_) {
      if (kept_->next()) {
        return true;
      }
      std::optional<Error> problem = std::exchange(late_problem_, std::nullopt);
      end();
      if (problem) {
        throw Error{*problem};
      }
      return false;
    }
    try {
      row_ = link_->next_row();
    } catch (const Error&) {
      end();
      throw;
    }
    if (!row_) {
      end();
      return false;
    }
    if (types_.empty()) {
      read_types();
    }
    return true;
  }

  void post() override {
    reset();
    link_->post(sql(), parameters());
  }

  void post_row() override {
    reset();
    link_->post_row(sql(), parameters());
  }

  void reset() override {
    link_->forget(*this);
    late_problem_.reset();
    end();
  }

  void keep_rest() override {
    KeptRows kept;
    const bool has_current = row_ != nullptr;
    if (has_current) {
      kept.add(row_.get());
      current_ = std::move(row_);  // views of it stay valid
    }
    try {
      while (ResultHandle row = link_->next_row()) {
        row_ = std::move(row);
        if (types_.empty()) {
          read_types();
        }
        kept.add(row_.get());
      }
    } catch (const Error& problem) {
      late_problem_ = problem;
    }
    row_.reset();
    kept_.emplace(std::move(kept));
    if (has_current) {
      kept_->next();
    }
  }

  bool is_null(int column) const override {
    return kept_ ? kept_->is_null(column) : PQgetisnull(row_.get(), 0, column) != 0;
  }
  std::string_view text(int column) const override {
    const std::string_view raw = raw_text(column);
    if (!needs_conversion(type_of(column)) || is_null(column)) {
      return raw;
    }
    return converted(column, [&] { return to_portable(type_of(column), raw); });
  }
  std::int64_t integer(int column) const override { return read_integer(raw_text(column)); }
  double real(int column) const override { return read_real(raw_text(column)); }
  std::string_view bytes(int column) const override {
    const std::string_view raw = raw_text(column);
    return type_of(column) == bytea_type ? converted(column, [&] { return read_bytea(raw); }) : raw;
  }

 private:
  std::string_view raw_text(int column) const {
    if (kept_) {
      return kept_->text(column);
    }
    return {PQgetvalue(row_.get(), 0, column),
            static_cast<std::size_t>(PQgetlength(row_.get(), 0, column))};
  }
  Oid type_of(int column) const { return types_[static_cast<std::size_t>(column)]; }

  void read_types() {
    for (int column = 0; column < PQnfields(row_.get()); ++column) {
      types_.push_back(PQftype(row_.get(), column));
    }
  }

  // Views stay valid until the next step.
  template <class Make>
  std::string_view converted(int column, Make make) const {
    for (const auto& [of, text] : converted_) {
      if (of == column) {
        return text;
      }
    }
    return converted_.emplace_back(column, make()).second;
  }

  void end() {
    is_running_ = false;
    row_.reset();
    current_.reset();
    kept_.reset();
    converted_.clear();
  }

  std::shared_ptr<Link> link_;
  bool is_running_ = false;
  ResultHandle row_{};
  ResultHandle current_{};  // the row that was read when the others were taken off the connection
  std::optional<KeptRows> kept_{};
  std::optional<Error> late_problem_{};
  std::vector<Oid> types_{};
  mutable std::deque<std::pair<int, std::string>> converted_{};
};

class Session final : public ports::SqlSession {
 public:
  Session(std::shared_ptr<Link> link, SessionSettings settings)
      : link_{std::move(link)}, settings_{std::move(settings)} {}

  ports::SqlDialect dialect() const override { return ports::SqlDialect::postgresql; }
  std::unique_ptr<ports::SqlStatement> prepare(std::string_view sql) override {
    return std::make_unique<Statement>(link_, sql);
  }
  std::unique_ptr<ports::SqlStatement> prepare_scan(std::string_view sql) override {
    return make_scan(link_, sql);
  }
  void execute(std::string_view sql) override {
    link_->make_ready();
    std::string text;
    if (!link_->in_transaction) {
      text = link_->local_settings();
      text += text.empty() ? "" : "; ";
    }
    text += sql;
    const ResultHandle result = connection().run(text.c_str());
    link_->changes = read_integer(PQcmdTuples(result.get()));
  }
  std::string quote_identifier(std::string_view name) const override {
    return postgres::quote_identifier(name);
  }
  std::int64_t changes() const override { return link_->changes; }
  void use_tenant(std::string_view id) override { link_->use_tenant(id); }

  void begin(Access access) override {
    link_->make_ready();
    if (link_->in_transaction) {
      throw Error{ErrorCode::internal, "a transaction is begun inside another"};
    }
    try {
      start(access);
    } catch (const Error& problem) {
      if (connection().raw() != nullptr && connection().is_usable()) {
        connection().allow_cancel(false);
        roll_back_quietly();
        connection().allow_cancel(true);
        throw;
      }
      if (problem.facts().retry != Retry::may_help) {
        throw;
      }
      // The server ended an idle connection, or went away; nothing has been done yet.
      link_->make_ready();
      start(access);
    }
    link_->in_transaction = true;
    access_ = access;
  }

  void lock_shared_rows() override {
    connection_for_writing().run(
        fmt::format("SELECT pg_advisory_xact_lock({})", lock_key("shared rows")).c_str());
  }

  void commit() override {
    Connection& connection = connection_for_writing();
    connection.allow_cancel(false);
    try {
      const ResultHandle result = connection.run("COMMIT");
      connection.allow_cancel(true);
      link_->in_transaction = false;
      if (std::string_view{PQcmdStatus(result.get())} == "ROLLBACK") {
        throw Error{
            ErrorCode::internal,
            fmt::format("{}: the transaction had failed and was rolled back", connection.object())};
      }
    } catch (const Error&) {
      connection.allow_cancel(true);
      const bool is_lost = connection.raw() == nullptr || !connection.is_usable();
      link_->in_transaction = link_->in_transaction && !is_lost;
      if (!is_lost || access_ == Access::read) {
        throw;
      }
      look_what_became_of_it();
    }
  }

  void rollback() noexcept override {
    connection().allow_cancel(false);
    link_->abandon();
    roll_back_quietly();
    link_->in_transaction = false;
    connection().allow_cancel(true);
  }

 private:
  Connection& connection() noexcept { return link_->connection(); }

  Connection& connection_for_writing() {
    link_->make_ready();
    if (!link_->in_transaction) {
      throw Error{ErrorCode::internal, "there is no transaction"};
    }
    return connection();
  }

  // Each registry of a database has locks of its own.
  static std::string lock_key(std::string_view what) {
    return fmt::format(
        "hashtextextended(coalesce(current_schema(), '') || ' mapctl registry {}', 0)", what);
  }

  void start(Access access) {
    const std::string settings = link_->local_settings();
    std::string sql = access == Access::write ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
                                              : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    sql += settings.empty() ? "" : "; " + settings;
    if (access == Access::write) {
      // Writers queue for one lock, so that each sees what the one before has committed and none
      // waits for another in a circle. Those of one tenant do not wait for those of others.
      const std::string& tenant = link_->tenant();
      const bool is_one = !tenant.empty() && tenant != all_tenants;
      sql += fmt::format("; SET LOCAL lock_timeout = {}", settings_.busy_timeout.count());
      sql += fmt::format("; SELECT pg_advisory_xact_lock{}({})", is_one ? "_shared" : "",
                         lock_key(""));
      if (is_one) {
        sql += fmt::format("; SELECT pg_advisory_xact_lock(hashtextextended({}, 1))",
                           connection().quote_literal(tenant));
      }
      sql += "; SELECT pg_current_xact_id()";
    }
    const ResultHandle result = connection().run(sql.c_str());
    if (access == Access::write) {
      transaction_id_ = PQgetvalue(result.get(), 0, 0);
    }
  }

  void roll_back_quietly() noexcept {
    try {
      if (connection().raw() != nullptr && connection().is_usable() &&
          PQtransactionStatus(connection().raw()) != PQTRANS_IDLE) {
        connection().run("ROLLBACK");
      }
    } catch (const std::exception&) {
      connection().close();  // the server then rolls back by itself
    }
  }

  [[noreturn]] void fail_nothing_written() {
    throw Error{Error::Facts{
        ErrorCode::unreachable,
        fmt::format("{}: the connection was lost while committing; nothing was written",
                    connection().object()),
        "try again when the server is back", "08007", Retry::may_help}};
  }

  // The commit was sent and its answer lost. The server knows what became of the transaction.
  void look_what_became_of_it() {
    const std::string ask = fmt::format("SELECT pg_xact_status('{}'::xid8)", transaction_id_);
    const auto deadline = std::chrono::steady_clock::now() + settings_.look_up_patience;
    while (std::chrono::steady_clock::now() < deadline && !settings_.stop.stop_requested()) {
      try {
        link_->make_ready();
        const ResultHandle result = connection().run(ask.c_str());
        const std::string_view status = PQgetvalue(result.get(), 0, 0);
        if (status == "committed") {
          return;
        }
        if (status == "aborted") {
          fail_nothing_written();
        }
      } catch (const Error& problem) {
        if (problem.facts().native_code == "22023") {
          fail_nothing_written();  // "in the future": a crash left no trace of its beginning
        }
        if (problem.facts().native_code == "08007" || problem.facts().retry != Retry::may_help) {
          throw;
        }
      }
      std::this_thread::sleep_for(100ms);
    }
    throw Error{Error::Facts{
        ErrorCode::commit_unknown,
        fmt::format("{}: the connection was lost while committing, and the server does not say "
                    "whether it did",
                    connection().object()),
        "look what is there before writing it again", "08007", Retry::never}};
  }

  std::shared_ptr<Link> link_;
  SessionSettings settings_;
  Access access_ = Access::read;
  std::string transaction_id_{};
};

void make_schema(Link& link) {
  const std::string& schema = link.schema();
  Connection& connection = link.connection();
  const std::string exists = fmt::format("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = {}",
                                         connection.quote_literal(schema));
  if (schema.empty() || PQntuples(connection.run(exists.c_str()).get()) > 0) {
    return;
  }
  // Two may make it at once.
  connection.run(fmt::format("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended({}, 2)); "
                             "CREATE SCHEMA IF NOT EXISTS {}; COMMIT",
                             connection.quote_literal(schema), quote_identifier(schema))
                     .c_str());
}

class Factory final : public ports::SqlSessionFactory {
 public:
  std::unique_ptr<ports::SqlSession> open(const ports::SqlSessionOptions& options,
                                          std::stop_token stop) const override {
    SessionSettings settings;
    settings.stop = std::move(stop);
    return open_registry_session(options, std::move(settings));
  }
};

}  // namespace

std::unique_ptr<ports::SqlSession> open_registry_session(const ports::SqlSessionOptions& options,
                                                         SessionSettings settings) {
  auto link = std::make_shared<Link>(parse_url(options.url), settings.stop);
  link->make_ready();
  if (options.create) {
    make_schema(*link);
  }
  return std::make_unique<Session>(std::move(link), std::move(settings));
}

const ports::SqlSessionFactory& session_factory() {
  static const Factory instance;
  return instance;
}

}  // namespace mapctl::connectors::postgres
