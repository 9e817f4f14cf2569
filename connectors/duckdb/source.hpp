// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mapctl::connectors::duckdb {

// One column of a table and the SQL that reads it.
struct SourceColumn {
  catalog::ColumnName name{};
  catalog::DataType type{};
  std::string text{};         // expression of type VARCHAR over Source::text_rows
  std::string value{};        // expression to compute with over Source::typed_rows
  std::string date_format{};  // how minimum and maximum of `value` are spelled again
  bool ordered = true;        // has a minimum and maximum
  bool nested = false;        // lies inside an object
};

// A table as DuckDB reads it.
struct Source {
  std::vector<SourceColumn> columns{};
  std::string text_rows{};   // table expression whose rows come as they stand in the file
  std::string typed_rows{};  // the same with types
  std::optional<std::int64_t> row_count{};
  bool row_count_is_estimate = false;
  std::vector<catalog::DiscoveryWarning> warnings{};
};

}  // namespace mapctl::connectors::duckdb
