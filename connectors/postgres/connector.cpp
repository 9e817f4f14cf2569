// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/connector.hpp"

#include "connectors/postgres/catalog.hpp"
#include "connectors/postgres/info.hpp"
#include "connectors/postgres/reader.hpp"
#include "connectors/postgres/statistics.hpp"
#include "core/base/clock.hpp"
#include "core/ports/change_mark.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::connectors::postgres {
namespace {

// Says nothing about one table alone, so the others are not asked either.
bool ends_everything(const Error& problem) noexcept {
  return problem.code() == ErrorCode::cancelled || problem.code() == ErrorCode::unreachable ||
         (problem.code() == ErrorCode::internal && problem.facts().native_code.empty());
}

class PostgresConnector final : public ports::Connector, public ports::ChangeMarked {
 public:
  PostgresConnector(Source source, std::stop_token stop)
      : source_{std::move(source)}, connection_{source_.connect(std::move(stop))} {}

  ports::Capabilities capabilities() const override { return info().capabilities; }

  catalog::Catalog discover(const ports::DiscoveryScope& scope, std::stop_token stop) override {
    Discovered found = read({scope, source_.schemas()}, stop);
    add(found.warnings, missing_privileges(*connection_, found.relations));
    if (scope.statistics) {
      profile(found, scope, stop);
    }
    catalog::Catalog result;
    result.system = "postgres";
    result.taken_at = system_clock().now();
    result.warnings = std::move(found.warnings);
    for (Relation& relation : found.relations) {
      if (result.schemas.empty() || result.schemas.back().name != relation.schema) {
        result.schemas.push_back({relation.schema, {}});
      }
      result.schemas.back().tables.push_back(std::move(relation.table));
    }
    catalog::normalise(result);
    return result;
  }

  std::optional<std::string> change_mark(std::stop_token stop) override {
    // The views of Redshift show no transactions.
    if (source_.dialect(*connection_) == Dialect::redshift) {
      return std::nullopt;
    }
    return postgres::change_mark(*connection_, source_, stop);
  }

  std::unique_ptr<ports::RowReader> open_reader(const catalog::TableRef& table,
                                                std::stop_token stop) override {
    return make_reader(source_.connect(stop), source_, table, stop);
  }

  ports::ServerInfo test(std::stop_token stop) override {
    const Discovered found = read({ports::DiscoveryScope{}, source_.schemas()}, stop);
    ports::ServerInfo server{product(), found.warnings};
    add(server.missing_privileges, missing_privileges(*connection_, found.relations));
    return server;
  }

 private:
  // What ended one call must not end the next, nor a connection that broke since then.
  Discovered read(const ScopeFilter& scope, const std::stop_token& stop) {
    check_stop(*connection_, stop);
    connection_->watch(stop);
    if (connection_->raw() != nullptr && connection_->is_usable()) {
      try {
        return read_once(scope, stop);
      } catch (const Error& problem) {
        if (problem.code() != ErrorCode::unreachable) {
          throw;
        }
      }
    }
    connection_ = source_.connect(stop);
    return read_once(scope, stop);
  }

  Discovered read_once(const ScopeFilter& scope, const std::stop_token& stop) {
    return source_.dialect(*connection_) == Dialect::redshift
               ? read_redshift(*connection_, source_, scope, stop)
               : read_postgres(*connection_, source_, scope, stop);
  }

  void profile(Discovered& found, const ports::DiscoveryScope& scope, const std::stop_token& stop) {
    const bool is_only_one = found.relations.size() == 1 && scope.tables.is_literal();
    for (Relation& relation : found.relations) {
      check_stop(*connection_, stop);
      if (!relation.schema_is_open || !relation.is_readable) {
        if (is_only_one) {
          const catalog::DiscoveryWarning& missing = found.warnings.front();
          throw Error{ErrorCode::denied, fmt::format("{}: {}", missing.object, missing.message),
                      missing.hint};
        }
        continue;
      }
      try {
        profile_relation(*connection_, source_, relation, scope);
      } catch (const Error& problem) {
        if (is_only_one || ends_everything(problem)) {
          throw;
        }
        found.warnings.push_back({fmt::format("table '{}'", catalog::to_string(relation.ref())),
                                  fmt::format("its rows cannot be read: {}", problem.what()),
                                  hint_for(relation, problem)});
      }
    }
  }

  std::string hint_for(const Relation& relation, const Error& problem) const {
    if (problem.code() == ErrorCode::denied) {
      return fmt::format("GRANT SELECT ON {} TO {}", shown_table(relation.ref()),
                         shown_identifier(PQuser(connection_->raw())));
    }
    return problem.facts().hint.empty() ? "repair or drop it, or leave it out with --table"
                                        : problem.facts().hint;
  }

  static void add(std::vector<catalog::DiscoveryWarning>& all,
                  std::vector<catalog::DiscoveryWarning> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
  }

  std::string product() const {
    const PGconn* raw = connection_->raw();
    std::string text = "PostgreSQL";
    if (source_.dialect(*connection_) == Dialect::redshift) {
      text = "Redshift, as PostgreSQL";
    }
    if (const char* version = PQparameterStatus(raw, "server_version")) {
      text += fmt::format(" {}", version);
    }
    if (PQsslInUse(connection_->raw()) != 0) {
      const char* protocol = PQsslAttribute(connection_->raw(), "protocol");
      text += fmt::format(" over {}", protocol == nullptr ? "TLS" : protocol);
    }
    return text;
  }

  Source source_;
  std::unique_ptr<Connection> connection_;
};

class PostgresFactory final : public ports::ConnectorFactory {
 public:
  ports::ConnectorInfo info() const override { return postgres::info(); }

  std::unique_ptr<ports::Connector> open(const ports::ConnectorOptions& options,
                                         std::stop_token stop) const override {
    return std::make_unique<PostgresConnector>(Source{options}, std::move(stop));
  }
};

}  // namespace

const ports::ConnectorFactory& factory() {
  static const PostgresFactory instance;
  return instance;
}

}  // namespace mapctl::connectors::postgres
