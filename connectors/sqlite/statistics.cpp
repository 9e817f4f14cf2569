// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/catalog.hpp"
#include "connectors/sqlite/reader.hpp"
#include "core/base/text.hpp"
#include "core/catalog/profiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace mapctl::connectors::sqlite {
namespace {

// A sample is read in this many runs of neighbouring rows, spread evenly over the row numbers.
constexpr std::int64_t sample_runs = 1'000;
// Of a binary value as much is looked at.
constexpr std::size_t binary_prefix = 64;

class TablePass {
 public:
  explicit TablePass(std::size_t columns) : profilers_(columns) {}

  void add(const Rows& row) {
    for (std::size_t i = 0; i < profilers_.size(); ++i) {
      const int column = static_cast<int>(i);
      if (row.is_null(column)) {
        profilers_[i].add_null();
      } else if (row.is_blob(column)) {
        profilers_[i].add(to_hex(row.text(column).substr(0, binary_prefix)));
      } else if (const auto text = row.text(column); first_invalid_utf8(text)) {
        profilers_[i].add(to_valid_utf8(text));
      } else {
        profilers_[i].add(text);
      }
    }
    ++rows_;
  }

  std::int64_t rows() const noexcept { return rows_; }

  void finish(catalog::Table& table, bool sampled, bool protect) {
    for (std::size_t i = 0; i < profilers_.size(); ++i) {
      catalog::ColumnStatistics statistics = profilers_[i].finish();
      statistics.sampled = sampled;
      table.columns[i].statistics = std::move(statistics);
      if (protect) {
        catalog::protect_personal_data(table.columns[i], table.name);
      }
    }
  }

 private:
  std::vector<catalog::ColumnProfiler> profilers_;
  std::int64_t rows_ = 0;
};

std::string select_list(const catalog::Table& table) {
  std::string list;
  for (const catalog::Column& column : table.columns) {
    list += (list.empty() ? "" : ", ") + quote_identifier(column.name.text);
  }
  return list;
}

// A name for the row's number that no column hides.
std::optional<std::string_view> row_id_name(const catalog::Table& table) {
  for (const std::string_view name : {"rowid", "_rowid_", "oid"}) {
    const bool hidden = std::any_of(
        table.columns.begin(), table.columns.end(),
        [&](const catalog::Column& column) { return equal_ignoring_case(column.name.text, name); });
    if (!hidden) {
      return name;
    }
  }
  return std::nullopt;
}

void pass_over_sample(Database& database, const catalog::Table& table, const std::string& from,
                      std::string_view row_id, std::int64_t limit, TablePass& pass) {
  Rows bounds{database, fmt::format("SELECT (SELECT min({0}) FROM {1}), (SELECT max({0}) FROM {1})",
                                    row_id, from)};
  if (!bounds.step() || bounds.is_null(0)) {
    return;
  }
  const std::int64_t first = bounds.integer(0);
  const std::int64_t last = bounds.integer(1);
  const std::int64_t runs = std::min(sample_runs, limit);
  const std::int64_t run_length = limit / runs;
  // In floating point, as the numbers may span all 64 bits.
  const double width =
      (static_cast<double>(last) - static_cast<double>(first)) / static_cast<double>(runs);
  Rows rows{database, fmt::format("SELECT {0}, {1} FROM {2} WHERE {1} >= ?1 ORDER BY {1} LIMIT ?2",
                                  select_list(table), row_id, from)};
  const int number_column = static_cast<int>(table.columns.size());
  std::int64_t next = first;
  for (std::int64_t run = 0; run < runs; ++run) {
    const double offset = width * static_cast<double>(run);
    const auto start = static_cast<std::int64_t>(
        std::min(static_cast<double>(first) + offset, static_cast<double>(last)));
    rows.reset();
    rows.bind(1, std::max(next, start));
    rows.bind(2, run_length);
    while (rows.step()) {
      pass.add(rows);
      if (rows.integer(number_column) == last) {
        return;
      }
      next = rows.integer(number_column) + 1;
    }
  }
}

// Every n-th row in the order of the scan, so that at most `limit` are looked at.
void pass_over_scan(Database& database, const catalog::Table& table, const std::string& from,
                    std::int64_t limit, TablePass& pass) {
  const std::int64_t count = table.row_count.value_or(0);
  const std::int64_t stride = std::max<std::int64_t>(1, (count + limit - 1) / limit);
  Rows rows{database, fmt::format("SELECT {} FROM {}", select_list(table), from)};
  for (std::int64_t number = 0; pass.rows() < limit && rows.step(); ++number) {
    if (number % stride == 0) {
      pass.add(rows);
    }
  }
}

}  // namespace

void profile_table(Database& database, catalog::Table& table, bool has_row_ids,
                   const ports::DiscoveryScope& scope) {
  const std::int64_t limit = std::max<std::int64_t>(1, scope.statistics_rows);
  const std::string from = "main." + quote_identifier(table.name.text);
  const auto row_id = has_row_ids ? row_id_name(table) : std::nullopt;
  TablePass pass{table.columns.size()};
  if (table.row_count.value_or(0) > limit && row_id) {
    pass_over_sample(database, table, from, *row_id, limit, pass);
  } else {
    pass_over_scan(database, table, from, limit, pass);
  }
  // A view is not counted: that it filled the sample says that it may go on.
  const bool sampled = table.row_count ? pass.rows() < *table.row_count : pass.rows() >= limit;
  if (!table.row_count && !sampled) {
    table.row_count = pass.rows();
  }
  pass.finish(table, sampled, scope.protect_personal_data);
}

}  // namespace mapctl::connectors::sqlite
