// SPDX-License-Identifier: Apache-2.0
// Redshift speaks PostgreSQL's protocol and keeps its catalog in views of its own.
#include "connectors/postgres/catalog.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/catalog/types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string_view>
#include <utility>

namespace mapctl::connectors::postgres {
namespace {

using catalog::Column;
using catalog::ColumnName;
using catalog::LogicalType;
using catalog::TableKind;

constexpr std::string_view no_system_schema =
    "NOT IN ('information_schema', 'catalog_history') AND {0} NOT LIKE 'pg!_%' ESCAPE '!'";
// Of the longest key that the catalog can hold.
constexpr int most_key_columns = 32;

// "character varying(256)", from the parts that the views give.
catalog::DataType data_type(std::string word, std::int64_t length, std::int64_t precision,
                            std::int64_t scale) {
  const std::string lower = to_lower(word);
  const bool is_text = lower.starts_with("character") || lower == "varchar" || lower == "char" ||
                       lower == "bpchar" || lower == "nvarchar";
  const bool has_length = is_text || lower == "varbyte" || lower == "binary varying";
  if (has_length && length > 0) {
    word += fmt::format("({})", length);
  } else if ((lower == "numeric" || lower == "decimal") && precision > 0) {
    word += fmt::format("({},{})", precision, scale);
  }
  catalog::DataType type = catalog::parse_data_type(word);
  type.length_in_bytes = has_length;  // a letter beyond ASCII takes two to four
  if (lower == "super") {
    type.logical = LogicalType::json;
  } else if (lower == "hllsketch" || lower == "geometry" || lower == "geography") {
    type.logical = LogicalType::binary;
  }
  return type;
}

class RedshiftCatalog {
 public:
  RedshiftCatalog(Connection& connection, const Source& source, const ScopeFilter& scope)
      : connection_{connection}, source_{source}, scope_{scope} {}

  Discovered read(const std::stop_token& stop) {
    const auto step = [&](void (RedshiftCatalog::*part)()) {
      check_stop(connection_, stop);
      (this->*part)();
    };
    {
      ReadTransaction transaction{connection_, source_.begin(connection_)};
      step(&RedshiftCatalog::read_tables);
      step(&RedshiftCatalog::read_columns);
      step(&RedshiftCatalog::read_keys);
      transaction.commit();
    }
    // Not every role may look into these, and an error ends the transaction.
    step(&RedshiftCatalog::read_storage);
    step(&RedshiftCatalog::read_late_binding);
    step(&RedshiftCatalog::read_sizes);
    finish();
    return std::move(found_);
  }

 private:
  using Key = std::pair<std::string, std::string>;

  Relation* find(std::string_view schema, std::string_view table) {
    const auto known = by_name_.find({std::string{schema}, std::string{table}});
    return known == by_name_.end() ? nullptr : &found_.relations[known->second];
  }

  // What the server can narrow down by itself, as a condition on two columns of a view.
  std::string condition(std::string_view schema, std::string_view table,
                        std::vector<std::string>& values) const {
    std::string sql;
    if (scope_.schemas.is_literal()) {
      values.push_back(scope_.schemas.text());
      sql = fmt::format("{} = ${}", schema, values.size());
    } else {
      sql = fmt::format("{} ", schema) + fmt::format(fmt::runtime(no_system_schema), schema);
    }
    if (scope_.tables.is_literal() && scope_.tables.text().find('.') == std::string::npos) {
      values.push_back(scope_.tables.text());
      sql += fmt::format(" AND {} = ${}", table, values.size());
    }
    return sql;
  }

  void read_tables() {
    std::vector<std::string> values;
    const std::string where = condition("table_schema", "table_name", values);
    const Answer rows{connection_,
                      "SELECT table_schema, table_name, table_type, remarks FROM svv_tables "
                      "WHERE table_catalog = current_database() AND " +
                          where + " ORDER BY table_schema, table_name",
                      values};
    for (int row = 0; row < rows.rows(); ++row) {
      Relation relation;
      relation.schema.text = rows.text(row, 0);
      relation.table.name.text = rows.text(row, 1);
      if (!scope_.matches(relation.schema, relation.table.name) ||
          find(relation.schema.text, relation.table.name.text) != nullptr) {
        continue;
      }
      const std::string type = to_lower(rows.text(row, 2));
      relation.kind = type.find("view") != type.npos ? 'v' : 'r';
      relation.table.kind = relation.kind == 'v' ? TableKind::view : TableKind::table;
      if (type.find("external") != type.npos) {
        relation.kind = 'x';
        relation.table.properties.push_back({"external", "yes"});
      }
      relation.table.comment = rows.text(row, 3);
      by_name_.emplace(Key{relation.schema.text, relation.table.name.text},
                       found_.relations.size());
      found_.relations.push_back(std::move(relation));
    }
    std::sort(found_.relations.begin(), found_.relations.end(),
              [](const Relation& left, const Relation& right) { return left.ref() < right.ref(); });
    for (std::size_t i = 0; i < found_.relations.size(); ++i) {
      by_name_[{found_.relations[i].schema.text, found_.relations[i].table.name.text}] = i;
    }
    if (found_.relations.empty()) {
      const std::string role = PQuser(connection_.raw());
      found_.warnings.push_back(
          {connection_.object(), fmt::format("role '{}' sees no table in it that matches", role),
           fmt::format("GRANT USAGE ON SCHEMA ... TO {0}; GRANT SELECT ON ALL TABLES IN SCHEMA ... "
                       "TO {0}",
                       shown_identifier(role))});
    }
  }

  void read_columns() {
    std::vector<std::string> values;
    const std::string where = condition("table_schema", "table_name", values);
    const Answer rows{connection_,
                      "SELECT table_schema, table_name, column_name, column_default, is_nullable, "
                      "data_type, character_maximum_length, numeric_precision, numeric_scale, "
                      "remarks FROM svv_columns WHERE table_catalog = current_database() AND " +
                          where + " ORDER BY table_schema, table_name, ordinal_position",
                      values};
    for (int row = 0; row < rows.rows(); ++row) {
      Relation* relation = find(rows.text(row, 0), rows.text(row, 1));
      if (relation == nullptr) {
        continue;
      }
      Column column;
      column.name.text = rows.text(row, 2);
      column.nullable = !equal_ignoring_case(rows.text(row, 4), "no");
      if (const std::string_view expression = rows.text(row, 3); !expression.empty()) {
        // "identity"(100, 0, '1,1'::text) where values may never be given.
        column.generated = expression.starts_with("\"identity\"(");
        column.default_value = column.generated ? "generated always as identity"
                               : expression.starts_with("default_identity(") ||
                                       expression.starts_with("\"default_identity\"(")
                                   ? "generated by default as identity"
                                   : std::string{expression};
      }
      column.type = data_type(rows.string(row, 5), rows.integer(row, 6), rows.integer(row, 7),
                              rows.integer(row, 8));
      column.comment = rows.text(row, 9);
      relation->table.columns.push_back(std::move(column));
    }
  }

  // Keys are told to the planner and not enforced, yet they say what belongs together. The servers
  // of that age cannot unnest two lists at once: a place for each pair does it.
  void read_keys() {
    std::string places;
    for (int i = 1; i <= most_key_columns; ++i) {
      places += fmt::format("{}SELECT {} AS place", i == 1 ? "" : " UNION ALL ", i);
    }
    std::vector<std::string> values;
    const std::string where = condition("n.nspname", "c.relname", values);
    const Answer rows{
        connection_,
        fmt::format("SELECT n.nspname, c.relname, k.contype, k.conname, p.place, a.attname, "
                    "rn.nspname, rc.relname, ra.attname FROM pg_constraint k "
                    "JOIN ({}) p ON p.place <= array_upper(k.conkey, 1) "
                    "JOIN pg_class c ON c.oid = k.conrelid "
                    "JOIN pg_namespace n ON n.oid = c.relnamespace "
                    "JOIN pg_attribute a ON a.attrelid = k.conrelid "
                    "AND a.attnum = k.conkey[p.place] "
                    "LEFT JOIN pg_class rc ON rc.oid = k.confrelid "
                    "LEFT JOIN pg_namespace rn ON rn.oid = rc.relnamespace "
                    "LEFT JOIN pg_attribute ra ON ra.attrelid = k.confrelid "
                    "AND ra.attnum = k.confkey[p.place] "
                    "WHERE k.contype IN ('p', 'u', 'f') AND {} "
                    "ORDER BY n.nspname, c.relname, k.contype, k.conname, p.place",
                    places, where),
        values};
    for (int row = 0; row < rows.rows(); ++row) {
      Relation* relation = find(rows.text(row, 0), rows.text(row, 1));
      if (relation == nullptr) {
        continue;
      }
      catalog::Table& table = relation->table;
      const ColumnName own{rows.string(row, 5)};
      const std::string_view kind = rows.text(row, 2);
      if (kind == "p") {
        table.primary_key.push_back(own);
      } else if (kind == "f") {
        if (rows.integer(row, 4) == 1) {
          table.foreign_keys.push_back(
              {rows.string(row, 3),
               {},
               {catalog::SchemaName{rows.string(row, 6)}, catalog::TableName{rows.string(row, 7)}},
               {}});
        }
        table.foreign_keys.back().columns.push_back(own);
        table.foreign_keys.back().referenced_columns.push_back(ColumnName{rows.string(row, 8)});
      } else if (rows.integer(row, 4) == 1 && !has_second_place(rows, row)) {
        set_unique(table, own);
      }
    }
  }

  static bool has_second_place(const Answer& rows, int row) {
    return row + 1 < rows.rows() && rows.integer(row + 1, 4) == 2;
  }

  static void set_unique(catalog::Table& table, const ColumnName& name) {
    for (Column& column : table.columns) {
      column.unique = column.unique || column.name == name;
    }
  }

  // Runs one query whose failing costs no more than what it would have told.
  template <class Read>
  void read_if_allowed(const char* view, const std::string& sql,
                       const std::vector<std::string>& values, Read read) {
    try {
      ReadTransaction transaction{connection_, source_.begin(connection_)};
      const Answer rows{connection_, sql, values};
      transaction.commit();
      for (int row = 0; row < rows.rows(); ++row) {
        if (Relation* relation = find(rows.text(row, 0), rows.text(row, 1))) {
          read(*relation, rows, row);
        }
      }
    } catch (const Error& problem) {
      if (problem.code() == ErrorCode::cancelled || problem.code() == ErrorCode::unreachable) {
        throw;
      }
      const std::string role = shown_identifier(PQuser(connection_.raw()));
      found_.warnings.push_back({fmt::format("view '{}'", view), problem.what(),
                                 problem.code() == ErrorCode::denied
                                     ? fmt::format("GRANT SELECT ON {} TO {}", view, role)
                                     : problem.facts().hint});
    }
  }

  void read_storage() {
    std::vector<std::string> values;
    const std::string where = condition("schema_name", "table_name", values);
    std::map<const Relation*, std::map<std::int64_t, std::string>> sort_keys;
    read_if_allowed(
        "svv_redshift_columns",
        "SELECT schema_name, table_name, column_name, distkey, sortkey FROM svv_redshift_columns "
        "WHERE database_name = current_database() AND " +
            where + " ORDER BY schema_name, table_name, ordinal_position",
        values, [&](Relation& relation, const Answer& rows, int row) {
          if (rows.flag(row, 3) || rows.text(row, 3) == "true") {
            relation.table.properties.push_back(
                {"distribution", fmt::format("KEY({})", rows.text(row, 2))});
          }
          if (const std::int64_t place = rows.integer(row, 4); place != 0) {
            sort_keys[&relation].emplace(place, rows.text(row, 2));
          }
        });
    for (const auto& [relation, columns] : sort_keys) {
      // Places of interleaved keys are alternately negative.
      const bool is_interleaved = columns.begin()->first < 0;
      std::map<std::int64_t, std::string> in_order;
      for (const auto& [place, name] : columns) {
        in_order.emplace(std::abs(place), name);
      }
      std::string text;
      for (const auto& [place, name] : in_order) {
        text += (text.empty() ? "" : ", ") + name;
      }
      find(relation->schema.text, relation->table.name.text)
          ->table.properties.push_back(
              {"sort_key", is_interleaved ? fmt::format("INTERLEAVED({})", text) : text});
    }
  }

  // Views that are looked up when they are read, not when they are made.
  void read_late_binding() {
    const bool has_views = std::any_of(found_.relations.begin(), found_.relations.end(),
                                       [](const Relation& known) { return known.kind == 'v'; });
    if (!has_views) {
      return;
    }
    std::map<const Relation*, bool> had_columns;
    read_if_allowed(
        "pg_get_late_binding_view_cols()",
        "SELECT view_schema, view_name, col_name, col_type FROM pg_get_late_binding_view_cols() "
        "cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int) "
        "ORDER BY view_schema, view_name, col_num",
        {}, [&](Relation& relation, const Answer& rows, int row) {
          const auto [entry, is_new] =
              had_columns.try_emplace(&relation, !relation.table.columns.empty());
          if (is_new) {
            relation.table.properties.push_back({"late_binding", "yes"});
          }
          if (!entry->second) {
            Column column;
            column.name.text = rows.text(row, 2);
            column.type = data_type(rows.string(row, 3), 0, 0, 0);
            column.type.length_in_bytes = column.type.logical == LogicalType::string;
            relation.table.columns.push_back(std::move(column));
          }
        });
  }

  void read_sizes() {
    std::vector<std::string> values;
    const std::string where = condition("\"schema\"", "\"table\"", values);
    read_if_allowed("svv_table_info",
                    "SELECT \"schema\", \"table\", diststyle, tbl_rows FROM svv_table_info "
                    "WHERE \"database\" = current_database() AND " +
                        where + " ORDER BY 1, 2",
                    values, [](Relation& relation, const Answer& rows, int row) {
                      relation.table.row_count = rows.integer(row, 3);
                      relation.table.row_count_is_estimate = true;
                      if (rows.is_null(row, 2)) {
                        return;
                      }
                      std::erase_if(relation.table.properties,
                                    [](const auto& known) { return known.name == "distribution"; });
                      relation.table.properties.push_back({"distribution", rows.string(row, 2)});
                    });
  }

  void finish() {
    std::erase_if(found_.relations, [&](const Relation& relation) {
      if (relation.kind != 'v' || !relation.table.columns.empty()) {
        return false;
      }
      found_.warnings.push_back(
          {fmt::format("view '{}'", catalog::to_string(relation.ref())),
           "it has no columns: what it reads is gone, or this role may not look at it",
           "repair or drop it, or leave it out with --table"});
      return true;
    });
    for (Relation& relation : found_.relations) {
      if (relation.table.primary_key.size() == 1) {
        set_unique(relation.table, relation.table.primary_key.front());
      }
      for (Column& column : relation.table.columns) {
        column.position = static_cast<int>(relation.reading.size()) + 1;
        column.required = !column.nullable && !column.default_value && !column.generated;
        relation.reading.push_back({column.name, 0, 'b'});
      }
    }
  }

  Connection& connection_;
  const Source& source_;
  const ScopeFilter& scope_;
  Discovered found_{};
  std::map<Key, std::size_t> by_name_{};
};

}  // namespace

Discovered read_redshift(Connection& connection, const Source& source, const ScopeFilter& scope,
                         const std::stop_token& stop) {
  return RedshiftCatalog{connection, source, scope}.read(stop);
}

}  // namespace mapctl::connectors::postgres
