// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/connector.hpp"

#include "connectors/odbc/catalog.hpp"
#include "connectors/odbc/connection.hpp"
#include "connectors/odbc/dialect.hpp"
#include "connectors/odbc/info.hpp"
#include "connectors/odbc/options.hpp"
#include "connectors/odbc/scan.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/ports/change_mark.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

namespace mapctl::connectors::odbc {
namespace {

// A connection with the dialect of its server, set up.
struct Session {
  Session(const std::shared_ptr<const Settings>& settings, const std::stop_token& stop)
      : connection{settings, stop},
        dialect{choose_dialect(settings->dialect, connection.info(SQL_DBMS_NAME))} {
    if (const std::string quote = connection.info(SQL_IDENTIFIER_QUOTE_CHAR);
        dialect.tables.empty() && quote.size() == 1 && quote != " ") {
      dialect.open_quote = dialect.close_quote = quote.front();
    }
    if (!dialect.setup.empty()) {
      connection.execute(dialect.setup);
    }
    if (settings->query_timeout > 0) {
      limit_time(settings->query_timeout);
    }
  }

  void limit_time(long seconds) const {
    for (const std::string_view statement : dialect.time_limits) {
      try {
        connection.execute(fmt::format(fmt::runtime(statement), seconds));
        return;
      } catch (const Error& problem) {
        if (problem.code() == ErrorCode::unreachable) {
          throw;
        }
      }
    }
  }

  Connection connection;
  Dialect dialect;  // of its own, as a driver may quote in its own way
};

class Reader final : public ports::RowReader {
 public:
  Reader(std::unique_ptr<Session> session, const catalog::TableRef& ref,
         const catalog::Table& table, std::stop_token stop)
      : session_{std::move(session)},
        scan_{session_->connection, session_->dialect, ref, table, {}, std::move(stop)},
        hex_(table.columns.size()) {
    for (const catalog::Column& column : table.columns) {
      columns_.push_back(column.name);
    }
  }

  std::span<const catalog::ColumnName> columns() const override { return columns_; }

  bool next(std::vector<std::optional<std::string_view>>& row) override {
    if (!scan_.next()) {
      return false;
    }
    scan_.row().read(row);
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i] && scan_.row().is_binary(i)) {
        hex_[i] = to_hex(*row[i]);
        row[i] = hex_[i];
      }
    }
    return true;
  }

 private:
  std::unique_ptr<Session> session_;
  TableScan scan_;
  std::vector<catalog::ColumnName> columns_{};
  std::vector<std::string> hex_;
};

// "10.11.000019" as "10.11.19".
std::string readable_version(std::string_view version) {
  std::string text;
  for (const std::string_view part : split(version, '.')) {
    int number = 0;
    const auto [end, failure] = std::from_chars(part.data(), part.data() + part.size(), number);
    const bool is_number = failure == std::errc{} && end == part.data() + part.size();
    text += text.empty() ? "" : ".";
    text += is_number ? std::to_string(number) : std::string{part};
  }
  return text;
}

class OdbcConnector final : public ports::Connector, public ports::ChangeMarked {
 public:
  OdbcConnector(std::shared_ptr<const Settings> settings, const std::stop_token& stop)
      : settings_{std::move(settings)}, session_{settings_, stop} {}

  ports::Capabilities capabilities() const override { return info().capabilities; }

  catalog::Catalog discover(const ports::DiscoveryScope& scope, std::stop_token stop) override {
    catalog::Catalog found = read_catalog(session_.connection, session_.dialect, scope, stop,
                                          other_connection(scope, stop));
    if (scope.statistics) {
      add_statistics(found, scope, stop);
    }
    return found;
  }

  std::optional<std::string> change_mark(std::stop_token stop) override {
    return read_change_mark(session_.connection, session_.dialect, stop);
  }

  std::unique_ptr<ports::RowReader> open_reader(const catalog::TableRef& table,
                                                std::stop_token stop) override {
    auto session = std::make_unique<Session>(settings_, stop);
    const catalog::Table found = describe(*session, table, stop);
    return std::make_unique<Reader>(std::move(session), table, found, std::move(stop));
  }

  ports::ServerInfo test(std::stop_token stop) override {
    const Connection& connection = session_.connection;
    ports::ServerInfo server;
    server.product =
        fmt::format("{} {} through {} {}", connection.info(SQL_DBMS_NAME),
                    readable_version(connection.info(SQL_DBMS_VER)), connection.quirks().driver,
                    readable_version(connection.info(SQL_DRIVER_VER)));
    // What discovery would miss.
    server.missing_privileges = read_catalog(connection, session_.dialect, {}, stop).warnings;
    return server;
  }

 private:
  // Nothing for a few tables, or where the profile allows one connection only.
  OtherConnection other_connection(const ports::DiscoveryScope& scope,
                                   const std::stop_token& stop) const {
    if (settings_->connections < 2 || scope.tables.is_literal()) {
      return {};
    }
    return [this, stop] {
      // It is a wish: the first connection does all where there is no second to be had.
      auto settings = std::make_shared<Settings>(*settings_);
      settings->retry.attempts = 1;
      const auto session = std::make_shared<const Session>(settings, stop);
      return std::shared_ptr<const Connection>{session, &session->connection};
    };
  }

  void add_statistics(catalog::Catalog& found, const ports::DiscoveryScope& scope,
                      const std::stop_token& stop) {
    const bool is_only = found.tables().size() == 1 && scope.tables.is_literal();
    for (catalog::Schema& schema : found.schemas) {
      for (catalog::Table& table : schema.tables) {
        const catalog::TableRef ref{schema.name, table.name};
        try {
          profile_table(session_.connection, session_.dialect, ref, table, scope, stop);
        } catch (const Error& problem) {
          if (is_only || problem.code() == ErrorCode::cancelled ||
              problem.code() == ErrorCode::unreachable) {
            throw;
          }
          found.warnings.push_back({fmt::format("table '{}'", catalog::to_string(ref)),
                                    problem.what(), problem.facts().hint});
        }
      }
    }
  }

  static catalog::Table describe(const Session& session, const catalog::TableRef& ref,
                                 const std::stop_token& stop) {
    ports::DiscoveryScope scope;
    // A name may hold characters of a pattern; then all are asked for.
    if (!has_glob(ref.table.text) && ref.table.text.find('.') == std::string::npos) {
      scope.tables = catalog::NamePattern{ref.table.text};
    }
    if (!ref.schema.text.empty() && !has_glob(ref.schema.text)) {
      scope.schemas = catalog::NamePattern{ref.schema.text};
    }
    catalog::Catalog found = read_catalog(session.connection, session.dialect, scope, stop);
    if (const catalog::Table* table = found.find(ref)) {
      return *table;
    }
    std::vector<std::string> known;
    for (const auto& entry : read_catalog(session.connection, session.dialect, {}, stop).tables()) {
      known.push_back(catalog::to_string(entry.ref));
    }
    throw Error{
        ErrorCode::not_found,
        fmt::format("{} has no table '{}'", session.connection.object(), catalog::to_string(ref)),
        known.empty() ? std::string{session.dialect.grant}
                      : suggestion(catalog::to_string(ref), known)};
  }

  std::shared_ptr<const Settings> settings_;
  Session session_;
};

class OdbcFactory final : public ports::ConnectorFactory {
 public:
  ports::ConnectorInfo info() const override { return odbc::info(); }

  std::unique_ptr<ports::Connector> open(const ports::ConnectorOptions& options,
                                         std::stop_token stop) const override {
    return std::make_unique<OdbcConnector>(std::make_shared<const Settings>(parse_options(options)),
                                           stop);
  }
};

}  // namespace

const ports::ConnectorFactory& factory() {
  static const OdbcFactory instance;
  return instance;
}

}  // namespace mapctl::connectors::odbc
