// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/duckdb/column_guess.hpp"
#include "connectors/duckdb/csv_text.hpp"
#include "connectors/duckdb/encoding.hpp"
#include "connectors/duckdb/folder.hpp"
#include "connectors/duckdb/session.hpp"
#include "connectors/duckdb/source.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace mapctl::connectors::duckdb {

// A CSV file after a look at its start: about the first megabyte.
struct CsvTable {
  DataFile file{};
  std::filesystem::path readable{};  // UTF-8; `file.path` itself unless it had to be converted
  Dialect dialect{};
  FileStart start{};
  std::vector<catalog::ColumnName> names{};
  std::vector<GuessedType> types{};
  std::vector<std::string> null_values{};
  std::int64_t start_rows = 0;  // good rows in the start
  bool padded = false;          // some rows lack fields at their end, which count as empty
  std::optional<std::int64_t> row_count{};
  bool row_count_is_estimate = false;
  std::vector<catalog::DiscoveryWarning> warnings{};

  bool is_null(std::string_view field) const;
  // Whether a record of the start is a row; one that lacks fields is filled up.
  bool take_row(std::vector<std::string>& fields, const RecordSplitter& records) const;
};

// Throws Error: invalid_data for an empty file, one in another encoding, a quote never closed.
CsvTable inspect_csv(Session& session, const DataFile& file, const FileOptions& options,
                     std::stop_token stop);

// What to do with rows that have too many fields or broken quotes, and with those that have too few
// unless the table is padded.
enum class BadRows { fail, skip, record };

// What the reader takes of a row, in bytes; a longer one is a bad row.
inline constexpr std::int64_t longest_line = 16'000'000;

// `record` keeps them in DuckDB's reject tables, which take_rejects() reads and drops.
Source csv_source(Session& session, const CsvTable& table, BadRows bad_rows);

struct Rejects {
  std::vector<std::size_t> unconvertible{};  // indexes of columns whose type did not hold
  std::int64_t short_rows = 0;               // that lack fields
  long long first_short_line = 0;
  std::int64_t rows = 0;
  bool more = false;  // the list was cut
  long long first_line = 0;
  std::string first_cause{};
};
Rejects take_rejects(Session& session, std::stop_token stop);

}  // namespace mapctl::connectors::duckdb
