// SPDX-License-Identifier: Apache-2.0
#include "connectors/dictionary/tables.hpp"

#include "core/base/text.hpp"
#include "core/catalog/code_lists.hpp"

#include <utility>

namespace mapctl::connectors::dictionary {

bool add_reference(catalog::Table& table, const catalog::ColumnName& column,
                   std::string_view reference) {
  const auto parts = split(trim(reference), '.');
  if (parts.size() < 2 || parts.size() > 3) {
    return false;
  }
  for (const auto part : parts) {
    if (trim(part).empty()) {
      return false;
    }
  }
  catalog::ForeignKey key;
  key.columns.push_back(column);
  if (parts.size() == 3) {
    key.references.schema = catalog::SchemaName{std::string{trim(parts[0])}};
  }
  key.references.table = catalog::TableName{std::string{trim(parts[parts.size() - 2])}};
  key.referenced_columns.emplace_back(std::string{trim(parts.back())});
  table.foreign_keys.push_back(std::move(key));
  return true;
}

bool is_code_list(std::string_view name) noexcept {
  return !catalog::code_list(name).empty();
}

void settle(catalog::Table& table) {
  for (auto& column : table.columns) {
    if (table.in_primary_key(column.name)) {
      column.nullable = false;
      column.unique = column.unique || table.primary_key.size() == 1;
    }
    column.required = !column.nullable && !column.default_value.has_value();
  }
}

}  // namespace mapctl::connectors::dictionary
