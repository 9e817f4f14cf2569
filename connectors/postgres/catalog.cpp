// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/catalog.hpp"

#include "connectors/postgres/types.hpp"
#include "core/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace mapctl::connectors::postgres {
namespace {

using catalog::Column;
using catalog::ColumnName;
using catalog::Property;
using catalog::TableKind;

constexpr int most_attempts = 5;
constexpr int oldest_version = 100000;
constexpr int with_partition_constraints = 110000;
constexpr int with_compiled_queries = 110000;
constexpr int with_generated_columns = 120000;
constexpr int with_unknown_estimates = 140000;  // -1 rows where a table was never looked at

class PostgresCatalog {
 public:
  PostgresCatalog(Connection& connection, const ScopeFilter& scope)
      : connection_{connection}, scope_{scope}, version_{PQserverVersion(connection.raw())} {}

  Discovered read(const std::stop_token& stop) {
    const auto step = [&](void (PostgresCatalog::*part)()) {
      check_stop(connection_, stop);
      (this->*part)();
    };
    step(&PostgresCatalog::read_relations);
    if (!found_.relations.empty()) {
      step(&PostgresCatalog::read_partitions);
      step(&PostgresCatalog::read_columns);
      step(&PostgresCatalog::read_defaults);
      step(&PostgresCatalog::read_comments);
      step(&PostgresCatalog::read_checks);
      step(&PostgresCatalog::finish_columns);
      step(&PostgresCatalog::read_keys);
      step(&PostgresCatalog::read_unique_columns);
    }
    return std::move(found_);
  }

 private:
  // Where a column of a relation stands in the server's catalog.
  struct Place {
    std::int64_t number = 0;  // pg_attribute.attnum
    Oid type = 0;
    int modifier = 0;
    bool computed = false;
  };

  Relation* find(Oid oid) noexcept {
    const auto known = by_oid_.find(oid);
    return known == by_oid_.end() ? nullptr : &found_.relations[known->second];
  }

  // The place of a column by its number, which is its index where no column was dropped.
  std::optional<std::size_t> index_of(std::size_t relation, std::int64_t number) const {
    const std::vector<Place>& places = places_[relation];
    if (number >= 1 && static_cast<std::size_t>(number) <= places.size() &&
        places[static_cast<std::size_t>(number) - 1].number == number) {
      return static_cast<std::size_t>(number) - 1;
    }
    const auto found = std::lower_bound(
        places.begin(), places.end(), number,
        [](const Place& place, std::int64_t wanted) { return place.number < wanted; });
    return found == places.end() || found->number != number
               ? std::nullopt
               : std::optional{static_cast<std::size_t>(found - places.begin())};
  }

  Column* find_column(Oid oid, std::int64_t number) {
    const auto known = by_oid_.find(oid);
    if (known == by_oid_.end()) {
      return nullptr;
    }
    const auto index = index_of(known->second, number);
    return index ? &found_.relations[known->second].table.columns[*index] : nullptr;
  }

  void read_relations() {
    std::string sql =
        "SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples, c.relpages, "
        "c.relhassubclass, d.description, "
        "CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END, s.srvname, "
        "pg_catalog.has_schema_privilege(n.oid, 'USAGE'), "
        "pg_catalog.has_table_privilege(c.oid, 'SELECT'), "
        "CASE WHEN NOT pg_catalog.has_table_privilege(c.oid, 'SELECT') "
        "THEN pg_catalog.has_any_column_privilege(c.oid, 'SELECT') ELSE true END, c.relnatts "
        "FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "LEFT JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 "
        "AND d.classoid = 'pg_catalog.pg_class'::regclass "
        "LEFT JOIN pg_catalog.pg_foreign_table f ON f.ftrelid = c.oid "
        "LEFT JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver "
        "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition ";
    std::vector<std::string> values;
    if (scope_.schemas.is_literal()) {
      values.push_back(scope_.schemas.text());
      sql += fmt::format("AND n.nspname = ${}::text ", values.size());
    } else {
      sql += "AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' ";
    }
    if (scope_.tables.is_literal()) {
      values.push_back(scope_.tables.text());
      // A name with a dot may hold the schema.
      sql += scope_.tables.text().find('.') == std::string::npos
                 ? fmt::format("AND c.relname = ${}::text ", values.size())
                 : fmt::format(
                       "AND (c.relname = ${0}::text OR "
                       "n.nspname || '.' || c.relname = ${0}::text) ",
                       values.size());
    }
    const Answer rows{connection_, sql + "ORDER BY n.nspname, c.relname", values};
    for (int row = 0; row < rows.rows(); ++row) {
      if (rows.is_null(row, 11)) {
        continue;  // dropped since the transaction began
      }
      Relation relation;
      relation.schema.text = rows.text(row, 1);
      relation.table.name.text = rows.text(row, 2);
      if (!scope_.matches(relation.schema, relation.table.name)) {
        continue;
      }
      relation.oid = rows.oid(row, 0);
      relation.kind = rows.text(row, 3).front();
      relation.has_children = rows.flag(row, 6);
      relation.schema_is_open = rows.flag(row, 10);
      relation.is_readable = rows.flag(row, 11);
      relation.is_partly_readable = rows.flag(row, 12);
      relation.table.comment = rows.text(row, 7);
      describe(relation, rows, row);
      relation.table.columns.reserve(static_cast<std::size_t>(rows.integer(row, 13)));
      by_oid_.emplace(relation.oid, found_.relations.size());
      oids_.push_back(relation.oid);
      found_.relations.push_back(std::move(relation));
    }
    wanted_ = array_of(oids_);
  }

  void describe(Relation& relation, const Answer& rows, int row) const {
    catalog::Table& table = relation.table;
    const bool is_view = relation.kind == 'v' || relation.kind == 'm';
    table.kind = is_view ? TableKind::view : TableKind::table;
    const double estimate = rows.real(row, 4);
    const bool is_known =
        version_ >= with_unknown_estimates ? estimate >= 0 : rows.integer(row, 5) > 0;
    if (is_known && (relation.kind == 'r' || relation.kind == 'm')) {
      table.row_count = static_cast<std::int64_t>(estimate);
      table.row_count_is_estimate = true;
    }
    if (relation.kind == 'm') {
      table.properties.push_back({"materialized", "yes"});
    } else if (relation.kind == 'p') {
      table.properties.push_back({"partition_key", rows.string(row, 8)});
    } else if (relation.kind == 'f') {
      table.properties.push_back({"foreign_server", rows.string(row, 9)});
    }
  }

  // Partitions of partitions count for the one at the top; ordinary children stay tables.
  void read_partitions() {
    const Answer rows{
        connection_,
        "WITH RECURSIVE part (root, oid) AS ("
        "SELECT i.inhparent, i.inhrelid FROM pg_catalog.pg_inherits i "
        "WHERE i.inhparent = ANY ($1::oid[]) "
        "UNION ALL SELECT p.root, i.inhrelid FROM part p "
        "JOIN pg_catalog.pg_class m ON m.oid = p.oid AND m.relkind = 'p' "
        "JOIN pg_catalog.pg_inherits i ON i.inhparent = p.oid) "
        "SELECT p.root, c.relispartition, c.relkind, c.reltuples, c.oid, n.nspname, c.relname "
        "FROM part p JOIN pg_catalog.pg_class c ON c.oid = p.oid "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "ORDER BY p.root, n.nspname, c.relname",
        {wanted_}};
    struct Sum {
      std::int64_t partitions = 0;
      double estimate = 0;
      bool is_known = true;
    };
    std::map<Oid, Sum> sums;
    for (int row = 0; row < rows.rows(); ++row) {
      if (!rows.flag(row, 1)) {
        if (Relation* child = find(rows.oid(row, 4)); child != nullptr) {
          const Relation* parent = find(rows.oid(row, 0));
          add_parent(child->table, shown_table(parent->ref()));
        }
        continue;
      }
      if (rows.text(row, 2) != "p") {
        Sum& sum = sums[rows.oid(row, 0)];
        ++sum.partitions;
        sum.is_known = sum.is_known && rows.real(row, 3) >= 0;
        sum.estimate += rows.real(row, 3);
      }
    }
    for (const auto& [oid, sum] : sums) {
      catalog::Table& table = find(oid)->table;
      table.properties.push_back({"partitions", fmt::format("{}", sum.partitions)});
      if (sum.is_known) {
        table.row_count = static_cast<std::int64_t>(sum.estimate);
        table.row_count_is_estimate = true;
      }
    }
  }

  static void add_parent(catalog::Table& table, const std::string& parent) {
    for (Property& property : table.properties) {
      if (property.name == "inherits") {
        property.value += ", " + parent;
        return;
      }
    }
    table.properties.push_back({"inherits", parent});
  }

  // Nothing is joined or sorted by the server: it would do both by files on its disk once there are
  // some hundred thousand columns.
  void read_columns() {
    types_.emplace(connection_);
    const Answer rows{
        connection_,
        fmt::format("SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, "
                    "a.attnotnull, a.attidentity, {} FROM pg_catalog.pg_attribute a "
                    "WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped",
                    version_ >= with_generated_columns ? "a.attgenerated" : "''"),
        {wanted_}};
    places_.resize(found_.relations.size());
    std::size_t relation = 0;
    for (int row = 0; row < rows.rows(); ++row) {
      const Oid owner = rows.oid(row, 0);
      if (found_.relations[relation].oid != owner) {
        relation = by_oid_.at(owner);
      }
      const Place place{rows.integer(row, 1), rows.oid(row, 3),
                        static_cast<int>(rows.integer(row, 4)), !rows.text(row, 7).empty()};
      Column& column = found_.relations[relation].table.columns.emplace_back();
      column.name.text = rows.text(row, 2);
      column.position = static_cast<int>(place.number);
      column.nullable = !rows.flag(row, 5);
      set_identity(column, rows.text(row, 6));
      column.generated = column.generated || place.computed;
      types_->want(place.type, place.modifier);
      places_[relation].push_back(place);
    }
    sort_columns();
    types_->read_names(connection_);
  }

  static void set_identity(Column& column, std::string_view identity) {
    if (identity == "a") {
      column.generated = true;
      column.default_value = "generated always as identity";
    } else if (identity == "d") {
      column.default_value = "generated by default as identity";
    }
  }

  // They come as they are stored, mostly in order. Positions are counted without dropped ones.
  void sort_columns() {
    for (std::size_t relation = 0; relation < places_.size(); ++relation) {
      std::vector<Place>& places = places_[relation];
      std::vector<Column>& columns = found_.relations[relation].table.columns;
      const auto by_number = [](const Place& left, const Place& right) {
        return left.number < right.number;
      };
      if (!std::is_sorted(places.begin(), places.end(), by_number)) {
        std::sort(places.begin(), places.end(), by_number);
        std::sort(columns.begin(), columns.end(), [](const Column& left, const Column& right) {
          return left.position < right.position;
        });
      }
      for (std::size_t i = 0; i < columns.size(); ++i) {
        columns[i].position = static_cast<int>(i) + 1;
      }
    }
  }

  void read_defaults() {
    // To spell out an expression of a relation the server opens the relation, which takes most of
    // the time; only computed columns have expressions that refer to one.
    std::vector<Oid> computing;
    for (std::size_t relation = 0; relation < places_.size(); ++relation) {
      const std::vector<Place>& places = places_[relation];
      if (std::any_of(places.begin(), places.end(),
                      [](const Place& place) { return place.computed; })) {
        computing.push_back(found_.relations[relation].oid);
      }
    }
    const Answer rows{connection_,
                      "SELECT d.adrelid, d.adnum, pg_catalog.pg_get_expr(d.adbin, "
                      "CASE WHEN d.adrelid = ANY ($2::oid[]) THEN d.adrelid ELSE 0 END) "
                      "FROM pg_catalog.pg_attrdef d WHERE d.adrelid = ANY ($1::oid[])",
                      {wanted_, array_of(computing)}};
    for (int row = 0; row < rows.rows(); ++row) {
      Column* column = find_column(rows.oid(row, 0), rows.integer(row, 1));
      if (column == nullptr) {
        continue;
      }
      if (column->generated) {
        column->default_value = fmt::format("generated always as ({}) stored", rows.text(row, 2));
      } else if (!rows.is_null(row, 2)) {
        column->default_value = rows.string(row, 2);
      }
    }
  }

  void read_comments() {
    const Answer rows{connection_,
                      "SELECT m.objoid, m.objsubid, m.description "
                      "FROM pg_catalog.pg_description m WHERE m.objoid = ANY ($1::oid[]) "
                      "AND m.objsubid > 0 AND m.classoid = 'pg_catalog.pg_class'::regclass",
                      {wanted_}};
    for (int row = 0; row < rows.rows(); ++row) {
      if (Column* column = find_column(rows.oid(row, 0), rows.integer(row, 1))) {
        column->comment = rows.text(row, 2);
      }
    }
  }

  // Checks that list values, of one column or of a domain.
  void read_checks() {
    const Answer rows{connection_,
                      "SELECT k.conrelid, k.contypid, a.attname, "
                      "pg_catalog.pg_get_constraintdef(k.oid) FROM pg_catalog.pg_constraint k "
                      "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid "
                      "AND a.attnum = k.conkey[1] WHERE k.contype = 'c' AND (k.contypid <> 0 OR "
                      "(k.conrelid = ANY ($1::oid[]) AND pg_catalog.cardinality(k.conkey) = 1)) "
                      "ORDER BY k.conrelid, k.contypid, k.conname",
                      {wanted_}};
    for (int row = 0; row < rows.rows(); ++row) {
      auto values = listed_values(rows.text(row, 3));
      if (values.empty()) {
        continue;
      }
      if (rows.oid(row, 1) != 0) {
        types_->set_allowed_values(rows.oid(row, 1), std::move(values));
      } else {
        listed_[{rows.oid(row, 0), rows.string(row, 2)}] = std::move(values);
      }
    }
  }

  void finish_columns() {
    for (std::size_t index = 0; index < found_.relations.size(); ++index) {
      Relation& relation = found_.relations[index];
      relation.reading.reserve(relation.table.columns.size());
      auto place = places_[index].begin();
      for (Column& column : relation.table.columns) {
        const ResolvedType& resolved = types_->resolve(place->type, place->modifier);
        ++place;
        column.type = resolved.type;
        column.allowed_values = resolved.allowed_values;
        column.nullable = column.nullable && !resolved.not_null;
        if (!column.default_value) {
          column.default_value = resolved.default_value;
        }
        if (!listed_.empty()) {
          if (const auto listed = listed_.find({relation.oid, column.name.text});
              listed != listed_.end()) {
            column.allowed_values = listed->second;
          }
        }
        column.required = !column.nullable && !column.default_value && !column.generated;
        relation.reading.push_back({column.name, resolved.base, resolved.kind});
      }
    }
  }

  void read_keys() {
    // Foreign keys to a partitioned table have copies of themselves for each partition.
    const Answer rows{
        connection_,
        fmt::format("SELECT k.conrelid, k.contype, k.conname, p.own, k.confrelid, p.other, p.place "
                    "FROM pg_catalog.pg_constraint k "
                    "CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY "
                    "AS p(own, other, place) "
                    "WHERE k.conrelid = ANY ($1::oid[]) AND k.contype IN ('p', 'f') {}"
                    "ORDER BY k.conrelid, k.contype, k.conname, p.place",
                    version_ >= with_partition_constraints ? "AND k.conparentid = 0 " : ""),
        {wanted_}};
    read_strangers(rows);
    for (int row = 0; row < rows.rows(); ++row) {
      const Column* own = find_column(rows.oid(row, 0), rows.integer(row, 3));
      if (own == nullptr) {
        continue;
      }
      catalog::Table& table = find(rows.oid(row, 0))->table;
      if (rows.text(row, 1) == "p") {
        table.primary_key.push_back(own->name);
        continue;
      }
      const Oid other = rows.oid(row, 4);
      const Relation* referred = find(other);
      if (rows.integer(row, 6) == 1) {
        table.foreign_keys.push_back({rows.string(row, 2),
                                      {},
                                      referred != nullptr ? referred->ref() : strangers_[other],
                                      {}});
      }
      table.foreign_keys.back().columns.push_back(own->name);
      const std::int64_t number = rows.integer(row, 5);
      const Column* column = find_column(other, number);
      table.foreign_keys.back().referenced_columns.push_back(
          column != nullptr ? column->name : columns_of_strangers_[{other, number}]);
    }
  }

  // What keys refer to outside the scope.
  void read_strangers(const Answer& keys) {
    std::vector<Oid> wanted;
    for (int row = 0; row < keys.rows(); ++row) {
      if (const Oid other = keys.oid(row, 4); other != 0 && !by_oid_.contains(other)) {
        wanted.push_back(other);
      }
    }
    if (wanted.empty()) {
      return;
    }
    const Answer rows{connection_,
                      "SELECT c.oid, n.nspname, c.relname, a.attnum, a.attname "
                      "FROM pg_catalog.pg_class c "
                      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                      "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
                      "WHERE c.oid = ANY ($1::oid[])",
                      {array_of(wanted)}};
    for (int row = 0; row < rows.rows(); ++row) {
      const Oid oid = rows.oid(row, 0);
      strangers_[oid] = {catalog::SchemaName{rows.string(row, 1)},
                         catalog::TableName{rows.string(row, 2)}};
      columns_of_strangers_[{oid, rows.integer(row, 3)}] = ColumnName{rows.string(row, 4)};
    }
  }

  void read_unique_columns() {
    const Answer rows{
        connection_,
        fmt::format("SELECT i.indrelid, i.indkey[0] FROM pg_catalog.pg_index i "
                    "WHERE i.indrelid = ANY ($1::oid[]) AND i.indisunique AND i.indisvalid "
                    "AND i.{} = 1 AND i.indpred IS NULL AND i.indkey[0] > 0",
                    version_ >= with_partition_constraints ? "indnkeyatts" : "indnatts"),
        {wanted_}};
    for (int row = 0; row < rows.rows(); ++row) {
      if (Column* column = find_column(rows.oid(row, 0), rows.integer(row, 1))) {
        column->unique = true;
      }
    }
  }

  Connection& connection_;
  const ScopeFilter& scope_;
  int version_;
  Discovered found_{};
  std::unordered_map<Oid, std::size_t> by_oid_{};
  std::vector<Oid> oids_{};
  std::string wanted_{};  // oids_, as the server reads them
  std::optional<Types> types_{};
  std::vector<std::vector<Place>> places_{};  // by relation and column
  std::map<std::pair<Oid, std::string>, std::vector<std::string>> listed_{};
  std::unordered_map<Oid, catalog::TableRef> strangers_{};
  std::map<std::pair<Oid, std::int64_t>, ColumnName> columns_of_strangers_{};
};

// Expressions and constraints are spelled out by what the server has now, whatever state of the
// catalog the query sees: "cache lookup failed for relation 16393".
bool met_a_dropped_object(const Error& problem) noexcept {
  return problem.facts().native_code == "XX000";
}

}  // namespace

ScopeFilter::ScopeFilter(const ports::DiscoveryScope& scope,
                         const catalog::NamePattern& schemas_of_profile)
    : schemas{scope.schemas.matches_all() ? schemas_of_profile : scope.schemas},
      tables{scope.tables} {}

bool ScopeFilter::matches(const catalog::SchemaName& schema,
                          const catalog::TableName& table) const {
  return schemas.matches(schema.text, false) &&
         (tables.matches_all() || tables.matches(catalog::TableRef{schema, table}, false));
}

void check_stop(const Connection& connection, const std::stop_token& stop) {
  if (stop.stop_requested()) {
    throw Error{ErrorCode::cancelled, fmt::format("{}: cancelled", connection.object())};
  }
}

Discovered read_postgres(Connection& connection, const Source& source, const ScopeFilter& scope,
                         const std::stop_token& stop) {
  if (PQserverVersion(connection.raw()) < oldest_version) {
    throw Error{ErrorCode::unsupported,
                fmt::format("{}: the server is older than PostgreSQL 10", connection.object()),
                "bring the server up to date, or say `dialect: redshift` if it is one"};
  }
  // One state of the catalog for all queries; without a search path every type of users is spelled
  // with its schema, whoever asks.
  std::string begin =
      source.begin(connection, "ISOLATION LEVEL REPEATABLE READ") + "; SET LOCAL search_path = ''";
  if (PQserverVersion(connection.raw()) >= with_compiled_queries) {
    begin += "; SET LOCAL jit = off";  // compiling takes longer than any of the queries
  }
  for (int attempt = 1;; ++attempt) {
    try {
      ReadTransaction transaction{connection, begin};
      Discovered found = PostgresCatalog{connection, scope}.read(stop);
      transaction.commit();
      return found;
    } catch (const Error& problem) {
      if (attempt == most_attempts || !met_a_dropped_object(problem)) {
        throw;
      }
    }
  }
}

}  // namespace mapctl::connectors::postgres
