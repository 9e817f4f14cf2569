// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/postgres/source.hpp"
#include "core/catalog/types.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mapctl::connectors::postgres {

// A type of a column, with what its domain or enum adds.
struct ResolvedType {
  catalog::DataType type{};
  std::vector<std::string> allowed_values{};
  bool not_null = false;
  std::optional<std::string> default_value{};
  Oid base = 0;     // below domains
  char kind = 'b';  // of the base, as pg_type.typtype
};

// The types of a database, read in three queries whatever their number.
class Types {
 public:
  // Two queries: types and labels of enums.
  explicit Types(Connection& connection);
  // Remembers a type that a column has; `modifier` as in pg_attribute.
  void want(Oid type, int modifier);
  // One query: how the server spells each wanted type.
  void read_names(Connection& connection);
  const ResolvedType& resolve(Oid type, int modifier);
  // Values that the check constraints of a domain list.
  void set_allowed_values(Oid domain, std::vector<std::string> values);

 private:
  struct Entry {
    std::string name{};
    char kind = 'b';
    char category = 'U';
    Oid base = 0;
    int base_modifier = -1;
    Oid element = 0;
    bool not_null = false;
    std::optional<std::string> default_value{};
    std::vector<std::string> labels{};
  };
  using Key = std::pair<Oid, int>;

  const Entry* find(Oid type) const noexcept;
  const std::string& name_of(const Key& key) const;
  ResolvedType read(Oid type, int modifier) const;
  catalog::DataType base_type(Oid type, int modifier) const;
  catalog::LogicalType element_type(Oid type) const;

  std::unordered_map<Oid, Entry> entries_{};
  std::map<Key, std::string> names_{};
  std::map<Key, ResolvedType> resolved_{};
};

// The values of a check that allows a list and nothing else, from the server's spelling:
// CHECK ((status = ANY (ARRAY['new'::text, 'paid'::text]))). Empty for every other check.
std::vector<std::string> listed_values(std::string_view definition);

}  // namespace mapctl::connectors::postgres
