// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/scan.hpp"
#include "core/catalog/profiler.hpp"
#include "core/ports/connector.hpp"

#include <algorithm>
#include <utility>

namespace mapctl::connectors::odbc {
namespace {

// Of a binary value as much is looked at.
constexpr std::size_t binary_prefix = 64;

void add(catalog::ColumnProfiler& profiler, const Cursor& row, std::size_t column) {
  if (row.is_null(column)) {
    profiler.add_null();
  } else if (row.is_binary(column)) {
    profiler.add(to_hex(row.text(column).substr(0, binary_prefix)));
  } else {
    profiler.add(row.text(column));
  }
}

}  // namespace

void profile_table(const Connection& connection, const Dialect& dialect,
                   const catalog::TableRef& ref, catalog::Table& table,
                   const ports::DiscoveryScope& scope, const std::stop_token& stop) {
  const std::int64_t limit = std::max<std::int64_t>(1, scope.statistics_rows);
  std::vector<catalog::ColumnProfiler> profilers(table.columns.size());
  std::int64_t rows = 0;
  // One more than is looked at tells whether that was all.
  TableScan scan{connection, dialect, ref, table, {limit + 1, true}, stop};
  bool more = false;
  while (scan.next()) {
    if (rows == limit) {
      more = true;
      break;
    }
    for (std::size_t i = 0; i < profilers.size(); ++i) {
      add(profilers[i], scan.row(), i);
    }
    ++rows;
  }
  if (!more) {
    table.row_count = rows;
    table.row_count_is_estimate = false;
  }
  for (std::size_t i = 0; i < profilers.size(); ++i) {
    catalog::ColumnStatistics statistics = profilers[i].finish();
    statistics.sampled = more;
    table.columns[i].statistics = std::move(statistics);
    if (scope.protect_personal_data) {
      catalog::protect_personal_data(table.columns[i], table.name);
    }
  }
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

}  // namespace mapctl::connectors::odbc
