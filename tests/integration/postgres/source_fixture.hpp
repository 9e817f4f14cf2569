// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/postgres/connector.hpp"
#include "core/base/error.hpp"
#include "core/catalog/table.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/temporary_database.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::test {

using Database = TemporaryDatabase;

inline ports::ConnectorOptions options_of(const std::string& url) {
  ports::ConnectorOptions options;
  options.profile = "crm";
  options.secrets.emplace("url", Secret{url});
  return options;
}

inline std::unique_ptr<ports::Connector> open(const std::string& url,
                                              const std::string& dialect = {}) {
  auto options = options_of(url);
  if (!dialect.empty()) {
    options.options["dialect"] = dialect;
  }
  return connectors::postgres::factory().open(options, {});
}

inline std::string data_file(const std::string& name) {
  return std::string{std::getenv("MAPCTL_TEST_SOURCE_DIR")} + "/tests/data/" + name;
}

inline catalog::TableRef ref(const std::string& schema, const std::string& table) {
  return {catalog::SchemaName{schema}, catalog::TableName{table}};
}

inline const catalog::Table& table_in(const catalog::Catalog& found, const std::string& schema,
                                      const std::string& table) {
  const auto* known = found.find(ref(schema, table));
  INFO(schema << "." << table);
  REQUIRE(known != nullptr);
  return *known;
}

inline const catalog::Column& column_in(const catalog::Table& table, const std::string& name) {
  const auto* known = table.find(catalog::ColumnName{name});
  INFO(name);
  REQUIRE(known != nullptr);
  return *known;
}

inline ports::DiscoveryScope with_statistics(const std::string& table = "*") {
  ports::DiscoveryScope scope;
  scope.statistics = true;
  scope.protect_personal_data = false;
  scope.tables = catalog::NamePattern{table};
  return scope;
}

using TextRow = std::vector<std::optional<std::string>>;

inline std::vector<TextRow> read_all(ports::RowReader& reader) {
  std::vector<TextRow> rows;
  std::vector<std::optional<std::string_view>> row;
  while (reader.next(row)) {
    auto& kept = rows.emplace_back();
    for (const auto& value : row) {
      kept.push_back(value ? std::optional<std::string>{*value} : std::nullopt);
    }
  }
  return rows;
}

}  // namespace mapctl::test
