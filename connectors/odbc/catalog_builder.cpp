// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/catalog.hpp"
#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace mapctl::connectors::odbc {
namespace {

using catalog::ColumnName;
using catalog::SchemaName;
using catalog::TableName;
using catalog::TableRef;

constexpr std::size_t usual_columns = 16;  // of a table; more are moved once

std::string string_of(Field field) {
  return std::string{field.value_or(std::string_view{})};
}

TableRef ref_of(Field schema, Field table) {
  return {SchemaName{string_of(schema)}, TableName{string_of(table)}};
}

std::optional<std::int64_t> integer_of(Field field) {
  std::int64_t number = 0;
  if (!field) {
    return std::nullopt;
  }
  const auto [end, failure] = std::from_chars(field->data(), field->data() + field->size(), number);
  return failure == std::errc{} ? std::optional{number} : std::nullopt;
}

void sort_parts(auto& parts) {
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& left, const auto& right) { return left.place < right.place; });
}

}  // namespace

void CatalogBuilder::know(catalog::DataType type) {
  std::vector<std::string> values = listed_values(type.native);
  std::string native = type.native;
  types_.insert_or_assign(std::move(native), KnownType{std::move(type), std::move(values)});
}

void CatalogBuilder::add(Shape shape, std::span<const Field> row) {
  switch (shape) {
    case Shape::tables: return add_table(row);
    case Shape::columns: return add_column(row);
    case Shape::keys: return add_key(row);
    case Shape::references: return add_reference(row);
    case Shape::split_references: return add_split_reference(row);
    case Shape::row_counts:
      if (Found* found = find(row[0], row[1]); found != nullptr) {
        found->table.row_count = integer_of(row[2]);
        found->table.row_count_is_estimate = found->table.row_count.has_value();
      }
      return;
    case Shape::mark: mark_ += string_of(row[0]) + ";"; return;
  }
}

CatalogBuilder::Found* CatalogBuilder::find(Field schema, Field table) {
  // Rows of one table mostly follow each other.
  if (last_ != nullptr && last_ref_.table.text == table.value_or(std::string_view{}) &&
      last_ref_.schema.text == schema.value_or(std::string_view{})) {
    return last_;
  }
  last_ref_ = ref_of(schema, table);
  const auto found =
      columns_first_ ? tables_.try_emplace(last_ref_).first : tables_.find(last_ref_);
  last_ = found == tables_.end() ? nullptr : &found->second;
  return last_;
}

void CatalogBuilder::take_columns(CatalogBuilder&& from) {
  for (auto& [ref, theirs] : from.tables_) {
    if (const auto own = tables_.find(ref); own != tables_.end()) {
      // A table is in the share of one of them.
      if (own->second.table.columns.empty()) {
        own->second.table.columns = std::move(theirs.table.columns);
      }
      own->second.has_cut_columns = own->second.has_cut_columns || theirs.has_cut_columns;
    }
  }
  from.tables_.clear();
}

void CatalogBuilder::add_table(std::span<const Field> row) {
  TableRef ref = ref_of(row[0], row[1]);
  if (!scope_->schemas.matches(ref.schema.text, false) || !scope_->tables.matches(ref, false)) {
    return;
  }
  Found found;
  found.table.name = ref.table;
  found.table.kind = row[2] == "view" ? catalog::TableKind::view : catalog::TableKind::table;
  if (found.table.kind == catalog::TableKind::table) {
    found.table.row_count = integer_of(row[3]);
    found.table.row_count_is_estimate = found.table.row_count.has_value();
  }
  found.table.comment = string_of(row[4]);
  tables_.insert_or_assign(std::move(ref), std::move(found));
  last_ = nullptr;
}

void CatalogBuilder::add_column(std::span<const Field> row) {
  Found* found = find(row[0], row[1]);
  if (found == nullptr) {
    return;
  }
  if (found->table.columns.empty()) {
    found->table.columns.reserve(usual_columns);
  }
  catalog::Column& column = found->table.columns.emplace_back();
  found->has_cut_columns = found->has_cut_columns || (row.size() > 9 && row[9] == "1");
  column.name = ColumnName{string_of(row[2])};
  column.position = static_cast<int>(integer_of(row[3]).value_or(0));
  const std::string native = string_of(row[4]);
  auto known = types_.find(native);
  if (known == types_.end()) {
    know(dialect_->type(native));
    known = types_.find(native);
  }
  column.type = known->second.type;
  column.allowed_values = known->second.values;
  column.nullable = row[5] != "0";
  // MariaDB says NULL where there is none.
  if (row[6] && !equal_ignoring_case(*row[6], "null")) {
    column.default_value = string_of(row[6]);
  }
  column.comment = string_of(row[7]);
  const std::string_view traits = row[8].value_or(std::string_view{});
  const auto has = [&](std::string_view word) { return traits.find(word) != traits.npos; };
  column.generated = has("generated") || has("identity");
  column.required =
      !column.nullable && !column.default_value && !column.generated && !has("counted");
}

void CatalogBuilder::add_key(std::span<const Field> row) {
  if (Found* found = find(row[0], row[1])) {
    Key& key = found->keys[string_of(row[2])];
    key.primary = row[3] == "P";
    key.parts.push_back({integer_of(row[4]).value_or(0), {}});
    if (row[5]) {
      key.parts.back().column = ColumnName{std::string{*row[5]}};
    }
  }
}

void CatalogBuilder::add_reference(std::span<const Field> row) {
  if (Found* found = find(row[0], row[1])) {
    Reference& reference = found->references[string_of(row[2])];
    reference.to = ref_of(row[5], row[6]);
    reference.parts.push_back({integer_of(row[3]).value_or(0), ColumnName{string_of(row[4])},
                               ColumnName{string_of(row[7])}});
  }
}

void CatalogBuilder::add_split_reference(std::span<const Field> row) {
  SplitReference& reference = split_references_[string_of(row[1])];
  if (row[0] == "K") {
    reference.from = ref_of(row[2], row[3]);
    reference.name = string_of(row[4]);
    reference.to = ref_of(row[5], row[6]);
  } else {
    reference.parts.push_back({integer_of(row[2]).value_or(0), ColumnName{string_of(row[3])},
                               ColumnName{string_of(row[4])}});
  }
}

void CatalogBuilder::join_split_references() {
  for (auto& [id, split] : split_references_) {
    const auto found = tables_.find(split.from);
    if (found != tables_.end()) {
      found->second.references[split.name] = {split.to, std::move(split.parts)};
    }
  }
  split_references_.clear();
}

void CatalogBuilder::take_keys(Found& found) const {
  catalog::Table& table = found.table;
  for (auto& [name, key] : found.keys) {
    const bool whole = std::all_of(key.parts.begin(), key.parts.end(),
                                   [](const KeyPart& part) { return part.column.has_value(); });
    if (!whole) {
      continue;
    }
    sort_parts(key.parts);
    if (key.primary) {
      for (const KeyPart& part : key.parts) {
        table.primary_key.push_back(*part.column);
      }
    }
    if (key.parts.size() == 1) {
      for (catalog::Column& column : table.columns) {
        column.unique = column.unique || column.name == *key.parts.front().column;
      }
    }
  }
  for (auto& [name, reference] : found.references) {
    sort_parts(reference.parts);
    catalog::ForeignKey& foreign = table.foreign_keys.emplace_back();
    foreign.name = name;
    foreign.references = reference.to;
    for (ReferencePart& part : reference.parts) {
      foreign.columns.push_back(std::move(part.column));
      foreign.referenced_columns.push_back(std::move(part.referenced));
    }
  }
}

void CatalogBuilder::warn(const TableRef& table, const Error& problem) {
  warnings_.push_back(
      {fmt::format("table '{}'", catalog::to_string(table)), problem.what(), problem.facts().hint});
}

std::vector<TableRef> CatalogBuilder::tables() const {
  std::vector<TableRef> refs;
  for (const auto& [ref, found] : tables_) {
    refs.push_back(ref);
  }
  return refs;
}

std::vector<TableRef> CatalogBuilder::forget_cut_columns() {
  std::vector<TableRef> refs;
  for (auto& [ref, found] : tables_) {
    if (found.has_cut_columns) {
      refs.push_back(ref);
      found.table.columns.clear();
      found.has_cut_columns = false;
    }
  }
  return refs;
}

catalog::Catalog CatalogBuilder::finish() {
  join_split_references();
  catalog::Catalog result;
  result.system = "odbc";
  std::map<SchemaName, std::vector<catalog::Table>> schemas;
  for (auto& [ref, found] : tables_) {
    if (found.table.columns.empty()) {
      // A server tells of a view that it cannot make sense of in its comment.
      const bool is_view = found.table.kind == catalog::TableKind::view;
      catalog::DiscoveryWarning warning{
          fmt::format("table '{}'", catalog::to_string(ref)),
          is_view && !found.table.comment.empty() ? found.table.comment
                                                  : "no column of it can be read",
          is_view ? "repair or drop the view, or leave it out with --table"
                  : "ask for the privilege to see it, or leave it out with --table"};
      if (tables_.size() == 1 && scope_->tables.is_literal()) {
        throw Error{ErrorCode::invalid_data, fmt::format("{}: {}", warning.object, warning.message),
                    warning.hint};
      }
      warnings_.push_back(std::move(warning));
      continue;
    }
    take_keys(found);
    schemas[ref.schema].push_back(std::move(found.table));
  }
  for (auto& [name, tables] : schemas) {
    result.schemas.push_back({name, std::move(tables)});
  }
  result.warnings = std::move(warnings_);
  result.taken_at = system_clock().now();
  catalog::normalise(result);
  return result;
}

}  // namespace mapctl::connectors::odbc
