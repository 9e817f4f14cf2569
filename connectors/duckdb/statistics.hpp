// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/duckdb/csv_source.hpp"
#include "connectors/duckdb/session.hpp"
#include "connectors/duckdb/source.hpp"
#include "core/catalog/statistics.hpp"

#include <cstdint>
#include <stop_token>
#include <vector>

namespace mapctl::connectors::duckdb {

// Rows a table's sample has, so that its cells stay within bounds however wide the table is.
std::int64_t sample_size(std::int64_t wanted, std::size_t columns) noexcept;

struct TableStatistics {
  std::int64_t rows = 0;
  std::vector<catalog::ColumnStatistics> columns{};
  std::vector<std::int64_t> unconverted{};  // values that are no date of the expected format
};

// Of a CSV file whose start is all of it: exact, without DuckDB.
TableStatistics profile_start(const CsvTable& table, std::stop_token stop);

// One scan for what is exact over all rows (counts, extremes, moments, lengths) and, of a table
// with more than `sample_rows`, a second one that takes rows by a hash of their content: patterns,
// frequent values (scaled to the table), quantiles and samples rest on these. The figures do not
// depend on the number of threads. Distinct values of columns that are named like keys are counted.
TableStatistics profile(Session& session, const Source& source, std::int64_t sample_rows,
                        std::stop_token stop);

}  // namespace mapctl::connectors::duckdb
