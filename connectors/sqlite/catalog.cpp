// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/catalog.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/catalog/profiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::connectors::sqlite {
namespace {

using catalog::Column;
using catalog::ColumnName;
using catalog::ForeignKey;
using catalog::LogicalType;
using catalog::Table;

// A table on its way into the catalog, with what the catalog does not keep.
struct Found {
  Table table{};
  bool is_virtual = false;
  bool has_row_ids = true;
  bool broken = false;
  std::map<int, ColumnName> key{};  // by place in the primary key
};
// SQLite compares names without regard to ASCII case.
using Tables = std::map<std::string, Found>;  // by name in lower case

Found* find(Tables& tables, std::string_view name) {
  const auto found = tables.find(to_lower(name));
  return found == tables.end() ? nullptr : &found->second;
}

Tables list_tables(Database& database, const ports::DiscoveryScope& scope) {
  Tables tables;
  Rows rows{database,
            "SELECT name, type, wr FROM pragma_table_list "
            "WHERE schema = 'main' AND type <> 'shadow' AND substr(name, 1, 7) <> 'sqlite_' "
            "ORDER BY name"};
  while (rows.step()) {
    Found found;
    found.table.name = catalog::TableName{rows.string(0)};
    const std::string_view type = rows.text(1);
    found.table.kind = type == "view" ? catalog::TableKind::view : catalog::TableKind::table;
    found.is_virtual = type == "virtual";
    found.has_row_ids = type == "table" && rows.integer(2) == 0;
    if (scope.tables.matches(catalog::TableRef{{}, found.table.name}, true)) {
      tables.emplace(to_lower(found.table.name.text), std::move(found));
    }
  }
  return tables;
}

// Asks once for all tables, as `sql` does with "{0}" in place of the tables' names. One view or
// virtual table that cannot be read makes SQLite refuse the whole, so then table by table, and
// what is broken becomes a warning.
template <class Read>
void ask_for_all(Database& database, Tables& tables, std::string_view sql, bool only_tables,
                 std::vector<catalog::DiscoveryWarning>& warnings, Read read) {
  constexpr std::string_view all =
      "(SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow')";
  constexpr std::string_view real =
      "(SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table')";
  std::vector<std::pair<std::string, std::vector<std::string>>> answers;
  try {
    Rows rows{database, fmt::format(fmt::runtime(sql), only_tables ? real : all)};
    while (rows.step()) {
      if (Found* found = find(tables, rows.text(0))) {
        read(*found, rows);
      }
    }
    return;
  } catch (const Error& problem) {
    if (problem.code() == ErrorCode::cancelled || problem.code() == ErrorCode::busy) {
      throw;
    }
  }
  for (auto& [key, found] : tables) {
    found.table.columns.clear();
    found.key.clear();
    try {
      const std::string name = replace_all(found.table.name.text, "'", "''");
      Rows rows{database,
                fmt::format(fmt::runtime(sql), fmt::format("(SELECT '{}' AS name)", name))};
      while (rows.step()) {
        read(found, rows);
      }
    } catch (const Error& problem) {
      if (problem.code() == ErrorCode::cancelled || problem.code() == ErrorCode::busy) {
        throw;
      }
      found.broken = true;
      warnings.push_back({fmt::format("table '{}'", found.table.name.text), problem.what(),
                          "repair or drop it, or leave it out with --table"});
    }
  }
}

void add_column(Found& found, const Rows& row) {
  constexpr std::int64_t hidden_of_virtual_table = 1;
  const std::int64_t hidden = row.integer(7);
  if (hidden == hidden_of_virtual_table) {
    return;
  }
  Column column;
  column.name = ColumnName{row.string(2)};
  column.position = static_cast<int>(found.table.columns.size()) + 1;
  column.type = column_type(row.text(3));
  column.nullable = row.integer(4) == 0;
  if (!row.is_null(5)) {
    column.default_value = row.string(5);
  }
  if (const auto place = static_cast<int>(row.integer(6)); place > 0) {
    found.key.emplace(place, column.name);
  }
  column.generated = hidden >= 2;
  column.required = !column.nullable && !column.default_value && !column.generated;
  found.table.columns.push_back(std::move(column));
}

void finish_keys(Found& found) {
  for (const auto& [place, column] : found.key) {
    found.table.primary_key.push_back(column);
  }
  if (found.key.size() != 1) {
    return;
  }
  for (Column& column : found.table.columns) {
    if (column.name != found.table.primary_key.front()) {
      continue;
    }
    column.unique = true;
    // An INTEGER PRIMARY KEY is the row's number: never null, and given by SQLite when left out.
    if (found.has_row_ids && equal_ignoring_case(column.type.native, "integer")) {
      column.nullable = false;
      column.required = false;
    }
  }
}

void read_foreign_keys(Database& database, Tables& tables,
                       std::vector<catalog::DiscoveryWarning>& warnings) {
  ask_for_all(database, tables,
              "SELECT l.name, f.id, f.seq, f.\"table\", f.\"from\", f.\"to\" FROM {0} l "
              "JOIN pragma_foreign_key_list(l.name) f ORDER BY l.name, f.id, f.seq",
              true, warnings, [](Found& found, const Rows& row) {
                auto& keys = found.table.foreign_keys;
                if (row.integer(2) == 0) {
                  keys.push_back({"", {}, {{}, catalog::TableName{row.string(3)}}, {}});
                }
                keys.back().columns.push_back(ColumnName{row.string(4)});
                if (!row.is_null(5)) {
                  keys.back().referenced_columns.push_back(ColumnName{row.string(5)});
                }
              });
}

// "REFERENCES parent" without columns means the parent's primary key, which may be outside the
// scope.
void complete_references(Database& database, Tables& tables) {
  std::map<std::string, std::vector<ColumnName>> parents;
  for (auto& [key, found] : tables) {
    for (ForeignKey& foreign : found.table.foreign_keys) {
      if (!foreign.referenced_columns.empty()) {
        continue;
      }
      if (const Found* parent = find(tables, foreign.references.table.text)) {
        foreign.references.table = parent->table.name;
        foreign.referenced_columns = parent->table.primary_key;
        continue;
      }
      const auto [entry, is_new] = parents.try_emplace(to_lower(foreign.references.table.text));
      if (is_new) {
        Rows rows{database, fmt::format("SELECT name FROM pragma_table_xinfo('{}') WHERE pk > 0 "
                                        "ORDER BY pk",
                                        replace_all(foreign.references.table.text, "'", "''"))};
        while (rows.step()) {
          entry->second.push_back(ColumnName{rows.string(0)});
        }
      }
      foreign.referenced_columns = entry->second;
    }
  }
}

void read_unique_columns(Database& database, Tables& tables,
                         std::vector<catalog::DiscoveryWarning>& warnings) {
  ask_for_all(
      database, tables,
      "SELECT l.name, max(c.name) FROM {0} l JOIN pragma_index_list(l.name) i "
      "JOIN pragma_index_info(i.name) c WHERE i.\"unique\" = 1 AND i.partial = 0 "
      "GROUP BY l.name, i.name HAVING count(*) = 1 AND min(c.cid) >= 0 ORDER BY l.name, i.name",
      true, warnings, [](Found& found, const Rows& row) {
        for (Column& column : found.table.columns) {
          if (column.name.text == row.text(1)) {
            column.unique = true;
          }
        }
      });
}

void count_rows(Database& database, Table& table) {
  Rows rows{database, "SELECT count(*) FROM main." + quote_identifier(table.name.text)};
  rows.step();
  table.row_count = rows.integer(0);
}

}  // namespace

catalog::DataType column_type(std::string_view declared) {
  catalog::DataType type = catalog::parse_data_type(declared);
  const std::string word = to_lower(declared);
  if (type.logical == LogicalType::unknown && !word.empty()) {
    const auto has = [&](std::string_view part) { return word.find(part) != word.npos; };
    if (has("int")) {
      type.logical = LogicalType::integer;
      type.bits = 64;
    } else if (has("char") || has("clob") || has("text")) {
      type.logical = LogicalType::string;
    } else if (has("blob")) {
      type.logical = LogicalType::binary;
    } else if (has("real") || has("floa") || has("doub")) {
      type.logical = LogicalType::floating;
      type.bits = 64;
    }
  }
  if (word == "integer" || word == "int") {
    type.bits = 64;
  }
  return type;
}

catalog::Catalog read_catalog(Database& database, const ports::DiscoveryScope& scope,
                              std::stop_token stop) {
  catalog::Catalog catalog;
  catalog.system = "sqlite";
  catalog.names_ignore_case = true;

  // One state of the file for all queries, whatever is written meanwhile.
  database.execute("BEGIN");
  struct End {
    Database& database;
    ~End() { sqlite3_exec(database.raw(), "ROLLBACK", nullptr, nullptr, nullptr); }
  } const end{database};

  Tables tables = list_tables(database, scope);
  ask_for_all(database, tables,
              "SELECT l.name, x.cid, x.name, x.type, x.\"notnull\", x.dflt_value, x.pk, x.hidden "
              "FROM {0} l JOIN pragma_table_xinfo(l.name) x ORDER BY l.name, x.cid",
              false, catalog.warnings, add_column);
  for (auto& [key, found] : tables) {
    finish_keys(found);
  }
  read_foreign_keys(database, tables, catalog.warnings);
  complete_references(database, tables);
  read_unique_columns(database, tables, catalog.warnings);

  catalog::Schema schema;
  for (auto& [key, found] : tables) {
    Table& table = found.table;
    if (stop.stop_requested()) {
      throw Error{ErrorCode::cancelled, fmt::format("{}: cancelled", database.object())};
    }
    try {
      if (found.broken) {
        continue;
      }
      if (table.columns.empty()) {
        throw Error{ErrorCode::invalid_data, "no column of it can be read"};
      }
      if (table.kind == catalog::TableKind::table) {
        count_rows(database, table);
      }
      if (scope.statistics) {
        profile_table(database, table, found.has_row_ids, scope);
      }
    } catch (const Error& problem) {
      if (problem.code() == ErrorCode::cancelled || problem.code() == ErrorCode::busy) {
        throw;
      }
      found.broken = table.columns.empty();
      catalog.warnings.push_back({fmt::format("table '{}'", table.name.text), problem.what(),
                                  problem.facts().hint.empty()
                                      ? "repair or drop it, or leave it out with --table"
                                      : problem.facts().hint});
    }
  }
  // The only one asked for must be readable.
  if (tables.size() == 1 && scope.tables.is_literal() && !catalog.warnings.empty()) {
    throw Error{
        ErrorCode::invalid_data,
        fmt::format("{}: {}", catalog.warnings.front().object, catalog.warnings.front().message),
        catalog.warnings.front().hint};
  }
  for (auto& [key, found] : tables) {
    if (found.is_virtual) {
      catalog.warnings.push_back(
          {fmt::format("table '{}'", found.table.name.text),
           "a virtual table: its columns are what its module declares, keys are not known",
           "name its content table instead, if it has one"});
    }
    if (!found.broken) {
      schema.tables.push_back(std::move(found.table));
    }
  }
  if (!schema.tables.empty()) {
    catalog.schemas.push_back(std::move(schema));
  }
  catalog.taken_at = system_clock().now();
  catalog::normalise(catalog);
  return catalog;
}

}  // namespace mapctl::connectors::sqlite
