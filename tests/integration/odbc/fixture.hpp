// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/odbc/connector.hpp"
#include "core/base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/mariadb.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mapctl::test {

inline catalog::TableRef ref(const std::string& schema, const std::string& table) {
  return {catalog::SchemaName{schema}, catalog::TableName{table}};
}

inline const catalog::Table& table_in(const catalog::Catalog& found, const std::string& schema,
                                      const std::string& name) {
  const catalog::Table* table = found.find(ref(schema, name));
  INFO("table " << schema << "." << name);
  REQUIRE(table != nullptr);
  return *table;
}

inline const catalog::Column& column_in(const catalog::Table& table, const std::string& name) {
  const catalog::Column* column = table.find(catalog::ColumnName{name});
  INFO("column " << name);
  REQUIRE(column != nullptr);
  return *column;
}

inline std::vector<std::string> texts(const std::vector<catalog::ColumnName>& names) {
  std::vector<std::string> result;
  for (const auto& name : names) {
    result.push_back(name.text);
  }
  return result;
}

using Row = std::vector<std::optional<std::string>>;

inline std::vector<Row> rows_of(ports::RowReader& reader) {
  std::vector<Row> rows;
  std::vector<std::optional<std::string_view>> row;
  while (reader.next(row)) {
    auto& kept = rows.emplace_back();
    for (const auto& value : row) {
      kept.push_back(value ? std::optional<std::string>{*value} : std::nullopt);
    }
  }
  return rows;
}

inline std::unique_ptr<ports::Connector> open(const ports::ConnectorOptions& options) {
  return connectors::odbc::factory().open(options, {});
}

}  // namespace mapctl::test
