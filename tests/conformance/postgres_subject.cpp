// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/connection.hpp"
#include "connectors/postgres/connector.hpp"
#include "core/base/text.hpp"
#include "tests/conformance/sample.hpp"
#include "tests/conformance/subject.hpp"
#include "tests/support/temporary_database.hpp"

#include <cstdlib>

namespace mapctl::test {
namespace {

using catalog::LogicalType;
using connectors::postgres::quote_identifier;

std::string identifiers(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) {
    list += (list.empty() ? "" : ", ") + quote_identifier(name);
  }
  return list;
}

const char* native(LogicalType type) {
  switch (type) {
    case LogicalType::integer: return "bigint";
    case LogicalType::boolean: return "boolean";
    case LogicalType::decimal: return "numeric(10,2)";
    case LogicalType::date: return "date";
    case LogicalType::timestamp: return "timestamp";
    default: return "varchar(80)";
  }
}

class PostgresSubject : public Subject {
 public:
  PostgresSubject() {
    std::string keys;
    for (const auto& table : sample()) {
      const std::string name = quote_identifier(table.name);
      std::string columns;
      for (const auto& column : table.columns) {
        columns += (columns.empty() ? "" : ", ") + quote_identifier(column.name) + " " +
                   native(column.type);
      }
      if (!table.primary_key.empty()) {
        columns += ", PRIMARY KEY (" + identifiers(table.primary_key) + ")";
      }
      database_.run("CREATE TABLE " + name + " (" + columns + ")");
      for (const auto& row : table.rows) {
        std::string values;
        for (const auto& value : row) {
          values += (values.empty() ? "" : ", ") +
                    (value ? "'" + replace_all(*value, "'", "''") + "'" : std::string{"NULL"});
        }
        database_.run("INSERT INTO " + name + " VALUES (" + values + ")");
      }
      for (const auto& key : table.foreign_keys) {
        keys += "ALTER TABLE " + name + " ADD FOREIGN KEY (" + identifiers(key.columns) +
                ") REFERENCES " + quote_identifier(key.table) + " (" + identifiers(key.referenced) +
                ");";
      }
    }
    database_.run(keys);
    database_.run("ANALYZE");
  }
  std::string name() const override { return "postgres"; }
  const ports::ConnectorFactory& factory() const override {
    return connectors::postgres::factory();
  }
  ports::ConnectorOptions options() const override { return {name(), {{"url", url()}}, {}, {}}; }
  ports::ConnectorOptions options_of_nothing() const override {
    return {name(), {{"url", url()}, {"database", "nothing"}}, {}, {}};
  }
  std::string schema() const override { return "public"; }
  bool counts_exactly() const override { return false; }
  std::pair<std::string, std::string> misspelt_option() const override {
    return {"databse", "database"};
  }

 protected:
  const TemporaryDatabase& database() const noexcept { return database_; }

 private:
  std::string url() const { return database_.url(); }

  TemporaryDatabase database_;
};

// Redshift cannot be run here: a PostgreSQL with views that look like Redshift's own.
class RedshiftSubject final : public PostgresSubject {
 public:
  RedshiftSubject() {
    database().run_file(std::string{std::getenv("MAPCTL_TEST_SOURCE_DIR")} +
                        "/tests/data/redshift/simulated_views.sql");
    database().run("ALTER DATABASE " + database().name() + " SET search_path = public, simulated");
  }
  std::string name() const override { return "postgres: simulated Redshift"; }
  ports::ConnectorOptions options() const override {
    auto options = PostgresSubject::options();
    options.options["dialect"] = "redshift";
    return options;
  }
};

}  // namespace

std::unique_ptr<Subject> make_postgres_subject() {
  return std::make_unique<PostgresSubject>();
}
std::unique_ptr<Subject> make_redshift_subject() {
  return std::make_unique<RedshiftSubject>();
}

}  // namespace mapctl::test
