// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"
#include "core/catalog/names.hpp"
#include "core/catalog/statistics.hpp"
#include "core/catalog/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::catalog {

struct Column {
  ColumnName name{};
  int position = 0;  // from 1, as the system orders them
  DataType type{};
  bool nullable = true;
  bool required = false;   // must be given when loading: not nullable and without default
  bool generated = false;  // computed or identity: never loaded
  bool unique = false;     // alone unique, by constraint
  std::optional<std::string> default_value{};
  std::string comment{};
  std::vector<std::string> allowed_values{};  // enum, check list, picklist, entity's inline values
  std::string code_list{};                    // named list: "iso4217", "iso3166_alpha2"
  std::string unit{};
  std::optional<double> minimum{}, maximum{};  // declared
  std::optional<ColumnStatistics> statistics{};
  std::optional<PersonalData> personal{};
  bool operator==(const Column&) const = default;
};

// Columns are paired by position: columns[i] refers to referenced_columns[i].
struct ForeignKey {
  std::string name{};
  std::vector<ColumnName> columns{};
  TableRef references{};
  std::vector<ColumnName> referenced_columns{};
  bool operator==(const ForeignKey&) const = default;
};

enum class TableKind : std::uint8_t { table, view, file, entity, stream };
std::string_view to_string(TableKind kind) noexcept;
std::optional<TableKind> table_kind_from(std::string_view word) noexcept;

// How the system keeps a table, in the system's own terms: "sort_key" is "opened_at, id".
struct Property {
  std::string name{};
  std::string value{};
  bool operator==(const Property&) const = default;
};

struct Table {
  TableName name{};
  TableKind kind = TableKind::table;
  std::optional<std::int64_t> row_count{};
  bool row_count_is_estimate = false;
  std::string comment{};
  std::string domain{};                    // of an entity: crm, finance, ...
  std::string version{};                   // of an entity: 1.0.0
  std::vector<Column> columns{};           // by position
  std::vector<ColumnName> primary_key{};   // in key order
  std::vector<ForeignKey> foreign_keys{};  // by name, then columns
  std::vector<Property> properties{};      // by name; no part of the structure
  bool operator==(const Table&) const = default;

  const Column* find(const ColumnName& column) const noexcept;
  bool in_primary_key(const ColumnName& column) const noexcept;
  const ForeignKey* foreign_key_of(const ColumnName& column) const noexcept;
  const std::string* property(std::string_view property_name) const noexcept;  // null: has none
};

struct Schema {
  SchemaName name{};
  std::vector<Table> tables{};  // by name
  bool operator==(const Schema&) const = default;
};

// What could not be found out, and what would help: "table 'x': ... (hint)".
struct DiscoveryWarning {
  std::string object{};
  std::string message{};
  std::string hint{};
  bool operator==(const DiscoveryWarning&) const = default;
};

struct Catalog {
  std::string system{};  // connector name: "sqlite", "file", ...
  bool names_ignore_case = false;
  TimePoint taken_at{};
  std::vector<Schema> schemas{};  // by name
  std::vector<DiscoveryWarning> warnings{};

  const Table* find(const TableRef& table) const noexcept;
  // Every table with its schema, in order. The catalog must outlive the result.
  struct Entry {
    TableRef ref{};
    const Table* table = nullptr;
  };
  std::vector<Entry> tables() const;
};

// Sorts schemas, tables, columns and keys into the documented order. Connectors call it last.
void normalise(Catalog& catalog);

}  // namespace mapctl::catalog
