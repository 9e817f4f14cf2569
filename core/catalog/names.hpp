// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/named.hpp"

#include <compare>
#include <string>
#include <string_view>

namespace mapctl::catalog {

using SchemaName = Named<struct SchemaNameTag>;
using TableName = Named<struct TableNameTag>;
using ColumnName = Named<struct ColumnNameTag>;

// Exactly one table. Systems without schemas leave the schema empty.
struct TableRef {
  SchemaName schema{};
  TableName table{};
  auto operator<=>(const TableRef&) const = default;
};

// "schema.table", or "table" when there is no schema. For people; not to be parsed back.
std::string to_string(const TableRef& table);

// A glob over "schema.table" or "table": "sales.*", "Opport*", "*" for all.
class NamePattern {
 public:
  NamePattern() = default;
  explicit NamePattern(std::string glob) : glob_{std::move(glob)} {}
  // `ignore_case` where the system's own names do.
  bool matches(const TableRef& table, bool ignore_case) const;
  bool matches(std::string_view name, bool ignore_case) const;
  const std::string& text() const noexcept { return glob_; }
  bool matches_all() const noexcept { return glob_ == "*"; }
  bool is_literal() const noexcept;

 private:
  std::string glob_ = "*";
};

}  // namespace mapctl::catalog
