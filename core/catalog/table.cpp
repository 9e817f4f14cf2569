// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/table.hpp"

#include <algorithm>
#include <tuple>

namespace mapctl::catalog {

std::string_view to_string(TableKind kind) noexcept {
  switch (kind) {
    case TableKind::table: return "table";
    case TableKind::view: return "view";
    case TableKind::file: return "file";
    case TableKind::entity: return "entity";
    case TableKind::stream: return "stream";
  }
  return {};
}

std::optional<TableKind> table_kind_from(std::string_view word) noexcept {
  for (int i = 0; i <= static_cast<int>(TableKind::stream); ++i) {
    if (to_string(static_cast<TableKind>(i)) == word) {
      return static_cast<TableKind>(i);
    }
  }
  return std::nullopt;
}

const Column* Table::find(const ColumnName& column) const noexcept {
  const auto at = std::find_if(columns.begin(), columns.end(),
                               [&](const Column& known) { return known.name == column; });
  return at == columns.end() ? nullptr : &*at;
}

bool Table::in_primary_key(const ColumnName& column) const noexcept {
  return std::find(primary_key.begin(), primary_key.end(), column) != primary_key.end();
}

const ForeignKey* Table::foreign_key_of(const ColumnName& column) const noexcept {
  for (const ForeignKey& key : foreign_keys) {
    if (std::find(key.columns.begin(), key.columns.end(), column) != key.columns.end()) {
      return &key;
    }
  }
  return nullptr;
}

const std::string* Table::property(std::string_view property_name) const noexcept {
  for (const Property& known : properties) {
    if (known.name == property_name) {
      return &known.value;
    }
  }
  return nullptr;
}

const Table* Catalog::find(const TableRef& table) const noexcept {
  for (const Schema& schema : schemas) {
    if (schema.name != table.schema) {
      continue;
    }
    for (const Table& known : schema.tables) {
      if (known.name == table.table) {
        return &known;
      }
    }
  }
  return nullptr;
}

std::vector<Catalog::Entry> Catalog::tables() const {
  std::vector<Entry> entries;
  for (const Schema& schema : schemas) {
    for (const Table& table : schema.tables) {
      entries.push_back({{schema.name, table.name}, &table});
    }
  }
  return entries;
}

namespace {

// Mostly they are in order, which is seen at once; a stable sort moves all of them about.
void sort_parts(auto begin, auto end, auto is_before) {
  if (!std::is_sorted(begin, end, is_before)) {
    std::stable_sort(begin, end, is_before);
  }
}

}  // namespace

void normalise(Catalog& catalog) {
  const auto by_name = [](const auto& left, const auto& right) { return left.name < right.name; };
  sort_parts(catalog.schemas.begin(), catalog.schemas.end(), by_name);
  for (Schema& schema : catalog.schemas) {
    sort_parts(schema.tables.begin(), schema.tables.end(), by_name);
    for (Table& table : schema.tables) {
      sort_parts(
          table.columns.begin(), table.columns.end(),
          [](const Column& left, const Column& right) { return left.position < right.position; });
      sort_parts(table.foreign_keys.begin(), table.foreign_keys.end(),
                 [](const ForeignKey& left, const ForeignKey& right) {
                   return std::tie(left.name, left.columns) < std::tie(right.name, right.columns);
                 });
      sort_parts(table.properties.begin(), table.properties.end(), by_name);
    }
  }
  sort_parts(catalog.warnings.begin(), catalog.warnings.end(),
             [](const DiscoveryWarning& left, const DiscoveryWarning& right) {
               return std::tie(left.object, left.message) < std::tie(right.object, right.message);
             });
}

}  // namespace mapctl::catalog
