// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/connection.hpp"
#include "connectors/odbc/connector.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "tests/conformance/sample.hpp"
#include "tests/conformance/subject.hpp"
#include "tests/support/mariadb.hpp"
#include "tests/support/postgres.hpp"

#include <unistd.h>

#include <optional>

namespace mapctl::test {
namespace {

using catalog::LogicalType;
using connectors::odbc::Connection;

std::string spelled(const SampleColumn& column, const std::string& value) {
  if (column.type == LogicalType::boolean) {
    return value;
  }
  return "'" + replace_all(value, "'", "''") + "'";
}

// Tables of the sample through one driver; what is particular to a server is a subclass's.
class OdbcSubject : public Subject {
 public:
  const ports::ConnectorFactory& factory() const override { return connectors::odbc::factory(); }
  std::pair<std::string, std::string> misspelt_option() const override {
    return {"drivr", "driver"};
  }
  bool keeps_row_order() const override { return false; }
  bool estimates_rows() const override { return true; }

 protected:
  static std::unique_ptr<Connection> connect(const ports::ConnectorOptions& options) {
    return std::make_unique<Connection>(std::make_shared<const connectors::odbc::Settings>(
                                            connectors::odbc::parse_options(options)),
                                        std::stop_token{});
  }

  // Referenced tables first, as servers want it.
  void build(const Connection& connection, char quote) const {
    for (const char* name :
         {"customers", "Order_Lines", "OrderXLines", "shipments", "it's \"größer\""}) {
      const SampleTable& table = sample_table(name);
      connection.execute(create(table, quote));
      for (const auto& row : table.rows) {
        std::string values;
        for (std::size_t i = 0; i < row.size(); ++i) {
          values += (i == 0 ? "" : ", ") +
                    (row[i] ? spelled(table.columns[i], *row[i]) : std::string{"NULL"});
        }
        connection.execute("INSERT INTO " + identifier(name, quote) + " VALUES (" + values + ")");
      }
    }
  }

 private:
  static std::string identifier(const std::string& name, char quote) {
    const std::string one(1, quote);
    return one + replace_all(name, one, one + one) + one;
  }
  static std::string identifiers(const std::vector<std::string>& names, char quote) {
    std::vector<std::string> quoted;
    for (const auto& name : names) {
      quoted.push_back(identifier(name, quote));
    }
    return "(" + join(quoted, ", ") + ")";
  }
  static const char* native(LogicalType type) {
    switch (type) {
      case LogicalType::integer: return "INTEGER";
      case LogicalType::boolean: return "BOOLEAN";
      case LogicalType::decimal: return "DECIMAL(10,2)";
      case LogicalType::date: return "DATE";
      case LogicalType::timestamp: return "TIMESTAMP NULL";
      default: return "VARCHAR(80)";
    }
  }
  static std::string create(const SampleTable& table, char quote) {
    std::vector<std::string> parts;
    for (const auto& column : table.columns) {
      parts.push_back(identifier(column.name, quote) + " " + native(column.type));
    }
    if (!table.primary_key.empty()) {
      parts.push_back("PRIMARY KEY " + identifiers(table.primary_key, quote));
    }
    for (const auto& key : table.foreign_keys) {
      parts.push_back("FOREIGN KEY " + identifiers(key.columns, quote) + " REFERENCES " +
                      identifier(key.table, quote) + " " + identifiers(key.referenced, quote));
    }
    return "CREATE TABLE " + identifier(table.name, quote) + " (" + join(parts, ", ") + ")";
  }
};

class MariaDbSubject final : public OdbcSubject {
 public:
  MariaDbSubject() { build(*connect(options()), '`'); }
  std::string name() const override { return "odbc to MariaDB"; }
  ports::ConnectorOptions options() const override { return database_.options(); }
  ports::ConnectorOptions options_of_nothing() const override {
    return mariadb().options(database_.name() + "_nothing");
  }
  std::string schema() const override { return database_.name(); }
  // BOOLEAN is TINYINT(1).
  std::string spelling(LogicalType type, const std::string& value) const override {
    return type != LogicalType::boolean ? value : value == "true" ? "1" : "0";
  }

 private:
  MariaDbDatabase database_;
};

// The standard's catalog functions, as there is no dialect for it.
class PostgresSubject final : public OdbcSubject {
 public:
  PostgresSubject() : name_{"odbc_" + std::to_string(::getpid())} {
    const auto administrator = connect(options_for("postgres", "postgres"));
    administrator->execute("DROP DATABASE IF EXISTS " + name_);
    administrator->execute("CREATE DATABASE " + name_ + " OWNER mapctl");
    build(*connect(options()), '"');
  }
  ~PostgresSubject() override {
    try {
      connect(options_for("postgres", "postgres"))->execute("DROP DATABASE " + name_);
    } catch (const std::exception&) {
      // It goes with the server.
    }
  }
  PostgresSubject(const PostgresSubject&) = delete;
  PostgresSubject& operator=(const PostgresSubject&) = delete;

  std::string name() const override { return "odbc to PostgreSQL"; }
  ports::ConnectorOptions options() const override { return options_for("mapctl", name_); }
  ports::ConnectorOptions options_of_nothing() const override {
    return options_for("mapctl", name_ + "_nothing");
  }
  std::string schema() const override { return "public"; }
  std::string spelling(LogicalType type, const std::string& value) const override {
    return type != LogicalType::boolean ? value : value == "true" ? "1" : "0";
  }

 private:
  static ports::ConnectorOptions options_for(const std::string& user, const std::string& database) {
    const PostgresServer& server = PostgresServer::shared();
    ports::ConnectorOptions options;
    options.profile = "post";
    options.options = {{"driver", "PostgreSQL Unicode"},
                       {"server", server.directory().string()},
                       {"port", std::to_string(server.port())},
                       {"database", database}};
    options.secrets.emplace("user", Secret{user});
    return options;
  }

  std::string name_;
};

class SqliteOdbcSubject final : public OdbcSubject {
 public:
  SqliteOdbcSubject() {
    write_file_atomically(folder_.path() / "sample.db", "");
    build(*connect(options()), '"');
  }
  std::string name() const override { return "odbc to SQLite"; }
  ports::ConnectorOptions options() const override { return options_at("sample.db"); }
  ports::ConnectorOptions options_of_nothing() const override { return options_at("smaple.db"); }
  // The driver numbers the columns of a key as they stand in the table.
  bool keeps_composite_references() const override { return false; }
  // NUMERIC affinity.
  std::string spelling(LogicalType type, const std::string& value) const override {
    switch (type) {
      case LogicalType::boolean: return value == "true" ? "1" : "0";
      case LogicalType::decimal: return without_final_zeros(value, false);
      default: return value;
    }
  }

 private:
  ports::ConnectorOptions options_at(const std::string& file) const {
    ports::ConnectorOptions options;
    options.profile = "lite";
    options.options = {{"driver", "SQLite3"}, {"database", (folder_.path() / file).string()}};
    return options;
  }

  TemporaryDirectory folder_;
};

// Nothing where there is no driver.
template <class Made>
std::unique_ptr<Subject> make() {
  try {
    return std::make_unique<Made>();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::configuration) {
      return nullptr;
    }
    throw;
  }
}

}  // namespace

std::unique_ptr<Subject> make_odbc_mariadb_subject() {
  return find_mariadb() == nullptr ? nullptr : make<MariaDbSubject>();
}
std::unique_ptr<Subject> make_odbc_postgres_subject() {
  return PostgresServer::find() == nullptr ? nullptr : make<PostgresSubject>();
}
std::unique_ptr<Subject> make_odbc_sqlite_subject() {
  return make<SqliteOdbcSubject>();
}

}  // namespace mapctl::test
