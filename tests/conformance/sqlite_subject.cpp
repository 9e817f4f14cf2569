// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/connector.hpp"
#include "core/base/file.hpp"
#include "core/base/handle.hpp"
#include "core/base/text.hpp"
#include "tests/conformance/sample.hpp"
#include "tests/conformance/subject.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace mapctl::test {
namespace {

using catalog::LogicalType;

std::string identifier(const std::string& name) {
  return "\"" + replace_all(name, "\"", "\"\"") + "\"";
}

std::string identifiers(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) {
    list += (list.empty() ? "" : ", ") + identifier(name);
  }
  return list;
}

const char* native(LogicalType type) {
  switch (type) {
    case LogicalType::integer: return "INTEGER";
    case LogicalType::boolean: return "BOOLEAN";
    case LogicalType::decimal: return "DECIMAL(10,2)";
    case LogicalType::date: return "DATE";
    case LogicalType::timestamp: return "TIMESTAMP";
    default: return "VARCHAR(80)";
  }
}

class SqliteSubject final : public Subject {
 public:
  SqliteSubject() {
    sqlite3* raw = nullptr;
    sqlite3_open(path().c_str(), &raw);
    const Handle<sqlite3, &sqlite3_close> database{raw};
    for (const auto& table : sample()) {
      run(raw, create(table));
      for (const auto& row : table.rows) {
        std::string values;
        for (const auto& value : row) {
          values += (values.empty() ? "" : ", ") +
                    (value ? "'" + replace_all(*value, "'", "''") + "'" : std::string{"NULL"});
        }
        run(raw, "INSERT INTO " + identifier(table.name) + " VALUES (" + values + ")");
      }
    }
  }
  std::string name() const override { return "sqlite"; }
  const ports::ConnectorFactory& factory() const override { return connectors::sqlite::factory(); }
  ports::ConnectorOptions options() const override { return {name(), {{"path", path()}}, {}, {}}; }
  ports::ConnectorOptions options_of_nothing() const override {
    return {name(), {{"path", path() + ".nothing"}}, {}, {}};
  }
  // NUMERIC affinity.
  std::string spelling(LogicalType type, const std::string& value) const override {
    return type == LogicalType::decimal ? without_final_zeros(value, false) : value;
  }
  // An integer primary key is the row's own number.
  bool keeps_row_order() const override { return false; }

 private:
  std::string path() const { return (folder_.path() / "sample.db").string(); }

  static void run(sqlite3* database, const std::string& sql) {
    if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      throw std::logic_error{sql + ": " + sqlite3_errmsg(database)};
    }
  }

  static std::string create(const SampleTable& table) {
    std::string sql;
    for (const auto& column : table.columns) {
      sql += (sql.empty() ? "" : ", ") + identifier(column.name) + " " + native(column.type);
    }
    if (!table.primary_key.empty()) {
      sql += ", PRIMARY KEY (" + identifiers(table.primary_key) + ")";
    }
    for (const auto& key : table.foreign_keys) {
      sql += ", FOREIGN KEY (" + identifiers(key.columns) + ") REFERENCES " +
             identifier(key.table) + " (" + identifiers(key.referenced) + ")";
    }
    return "CREATE TABLE " + identifier(table.name) + " (" + sql + ")";
  }

  TemporaryDirectory folder_;
};

}  // namespace

std::unique_ptr<Subject> make_sqlite_subject() {
  return std::make_unique<SqliteSubject>();
}

}  // namespace mapctl::test
