// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/statistics.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/catalog/profiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

namespace mapctl::connectors::duckdb {
namespace {

using catalog::ColumnProfiler;
using catalog::ColumnStatistics;
using catalog::LogicalType;
using Row = std::vector<std::optional<std::string>>;

constexpr std::int64_t sample_cells = 4'000'000;
constexpr std::int64_t sample_least = 500;
// Counting values exactly takes memory for each of them.
constexpr std::int64_t proven_rows = 500'000;
// Expressions of one query; wider tables are scanned several times.
constexpr std::size_t columns_a_scan = 400;

enum Figure : std::size_t {
  values,
  distinct,
  minimum,
  maximum,
  mean,
  deviation,
  shortest,
  longest,
  characters,
  present,
  figure_count
};

std::string aggregates_of(const SourceColumn& column) {
  const auto& value = column.value;
  const auto type = column.type.logical;
  const bool number = catalog::is_number(type);
  const bool text = type == LogicalType::string;
  const auto when = [](bool condition, const std::string& expression) {
    return condition ? fmt::format("CAST({} AS VARCHAR)", expression)
                     : std::string{"CAST(NULL AS VARCHAR)"};
  };
  const auto extreme = [&](const char* function) {
    const auto found = fmt::format("{}({})", function, value);
    return column.date_format.empty()
               ? found
               : fmt::format("strftime({}, {})", found, quote_literal(column.date_format));
  };
  return fmt::format(
      "{}, {}, {}, {}, {}, {}, {}, {}, {}, {}", when(true, fmt::format("count({})", value)),
      when(true, fmt::format("approx_count_distinct({})",
                             column.ordered ? value : fmt::format("({})", column.text))),
      when(column.ordered, extreme("min")), when(column.ordered, extreme("max")),
      when(number, fmt::format("avg({})", value)), when(number, fmt::format("stddev({})", value)),
      when(text, fmt::format("min(length({}))", value)),
      when(text, fmt::format("max(length({}))", value)),
      when(text, fmt::format("sum(length({}))", value)),
      when(!column.date_format.empty(), fmt::format("count({})", column.text)));
}

std::optional<double> number_in(const std::optional<std::string>& text) {
  double number = 0;
  if (!text) {
    return std::nullopt;
  }
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), number);
  return failure == std::errc{} && std::isfinite(number) ? std::optional{number} : std::nullopt;
}

std::int64_t count_in(const std::optional<std::string>& text) {
  return static_cast<std::int64_t>(number_in(text).value_or(0));
}

// Threads add doubles up in another order each time. What that changes lies far below the tenth
// digit of the largest number.
double settled(double figure, double scale) {
  if (scale == 0 || !std::isfinite(scale)) {
    return figure;
  }
  const double quantum = std::pow(10.0, std::floor(std::log10(scale)) - 9);
  const double rounded = std::round(figure / quantum) * quantum;
  return std::stod(fmt::format("{:.10g}", rounded));
}

double rounded_share(double share) {
  return std::round(share * 1e6) / 1e6;
}

struct Exact {
  std::int64_t rows = 0;
  std::vector<Row> columns{};
};

Exact scan_all(Session& session, const Source& source, std::stop_token stop) {
  Exact exact;
  for (std::size_t from = 0; from == 0 || from < source.columns.size(); from += columns_a_scan) {
    const auto to = std::min(source.columns.size(), from + columns_a_scan);
    std::string select = "SELECT CAST(count(*) AS VARCHAR)";
    for (auto i = from; i < to; ++i) {
      select += ", " + aggregates_of(source.columns[i]);
    }
    const auto rows = session.rows(select + " FROM " + source.typed_rows, stop);
    const auto& row = rows.at(0);
    exact.rows = count_in(row.at(0));
    for (auto i = from; i < to; ++i) {
      const auto start = row.begin() + 1 + static_cast<std::ptrdiff_t>((i - from) * figure_count);
      exact.columns.emplace_back(start, start + figure_count);
    }
  }
  return exact;
}

std::vector<ColumnStatistics> finish(const std::vector<ColumnProfiler>& profilers) {
  std::vector<ColumnStatistics> result;
  result.reserve(profilers.size());
  for (const auto& profiler : profilers) {
    result.push_back(profiler.finish());
  }
  return result;
}

std::vector<ColumnStatistics> profile_sample(Session& session, const Source& source,
                                             std::int64_t rows, std::int64_t wanted,
                                             std::stop_token stop) {
  std::string texts;
  std::string hashed;
  for (const auto& column : source.columns) {
    texts += fmt::format("{}{}", texts.empty() ? "" : ", ", column.text);
    hashed += fmt::format("{}{}", hashed.empty() ? "" : ", ", column.text);
  }
  auto query = fmt::format("SELECT {} FROM {}", texts, source.text_rows);
  if (rows > wanted) {
    query += fmt::format(" WHERE hash({}) % {} = 0", hashed, (rows + wanted - 1) / wanted);
  }
  // Rows that are all equal share a hash.
  query += fmt::format(" LIMIT {}", 2 * wanted);
  auto stream = session.stream(query, std::move(stop));
  std::vector<ColumnProfiler> profilers(source.columns.size());
  std::vector<std::optional<std::string_view>> row;
  while (stream.next(row)) {
    for (std::size_t i = 0; i < profilers.size(); ++i) {
      row[i] ? profilers[i].add(*row[i]) : profilers[i].add_null();
    }
  }
  return finish(profilers);
}

// DuckDB's estimate over all rows is within some ten per cent; what the sample saw is exact for it
// and tells the two ends: hardly any values, or a new one in each row.
std::int64_t combine_distinct(std::int64_t estimate, std::int64_t in_sample,
                              std::int64_t sample_values, std::int64_t values_in_all) {
  // The sample's own count is an estimate too, above some thousands.
  if (in_sample >= sample_values - sample_values / 25 && estimate > values_in_all / 10 * 8) {
    return values_in_all;
  }
  if (in_sample <= sample_values / 10 && estimate <= in_sample + in_sample / 5) {
    return in_sample;
  }
  return std::clamp(estimate, in_sample, std::max(in_sample, values_in_all));
}

// Decimals of a text file are computed with as doubles, which forget how they were written.
std::string respelled(const std::string& figure, const SourceColumn& column, int fraction_digits) {
  const auto number = number_in(figure);
  const bool written_decimal =
      column.type.logical == LogicalType::decimal && !column.type.precision.has_value();
  return number && written_decimal ? fmt::format("{:.{}f}", *number, fraction_digits) : figure;
}

void overlay(ColumnStatistics& statistics, const SourceColumn& column, const Row& figures,
             std::int64_t rows) {
  const auto non_null = count_in(figures[values]);
  const auto looked_at = static_cast<double>(statistics.rows) * (1 - statistics.null_share);
  if (looked_at > 0) {
    for (auto& frequent : statistics.frequent) {
      frequent.count = std::llround(static_cast<double>(frequent.count) *
                                    (static_cast<double>(non_null) / looked_at));
    }
  }
  statistics.sampled = rows > statistics.rows;
  statistics.rows = rows;
  statistics.null_share =
      rows == 0 ? 0 : rounded_share(1 - static_cast<double>(non_null) / static_cast<double>(rows));
  if (statistics.sampled) {
    statistics.distinct = combine_distinct(count_in(figures[distinct]), statistics.distinct,
                                           std::llround(looked_at), non_null);
  }
  if (column.ordered && figures[minimum]) {
    statistics.minimum = respelled(*figures[minimum], column, statistics.fraction_digits);
    statistics.maximum = respelled(*figures[maximum], column, statistics.fraction_digits);
  }
  const auto least = number_in(figures[minimum]);
  const auto most = number_in(figures[maximum]);
  if (catalog::is_number(column.type.logical) && least && most) {
    const double scale = std::max(std::abs(*least), std::abs(*most));
    if (const auto found = number_in(figures[mean])) {
      statistics.mean = settled(*found, scale);
    }
    if (const auto found = number_in(figures[deviation])) {
      statistics.deviation = settled(*found, scale);
    }
    if (!statistics.quantiles.empty()) {
      statistics.quantiles.front() = *least;
      statistics.quantiles.back() = *most;
    }
    // A sample may have missed the largest number.
    const auto whole = scale < 1 ? 0 : static_cast<int>(std::floor(std::log10(scale))) + 1;
    statistics.integer_digits = std::max(statistics.integer_digits, whole);
  }
  if (figures[shortest] && non_null > 0) {
    statistics.shortest = count_in(figures[shortest]);
    statistics.longest = count_in(figures[longest]);
    statistics.average_length =
        rounded_share(number_in(figures[characters]).value_or(0) / static_cast<double>(non_null));
  }
}

// Whether an estimate leaves open that the values tell rows apart, and the name says they do.
bool may_be_key(const catalog::ColumnName& name, const ColumnStatistics& statistics,
                std::int64_t rows) {
  return rows > 1 && statistics.null_share == 0 && statistics.distinct >= rows - rows / 10 &&
         catalog::is_named_like_key(name.text);
}

std::int64_t count_distinct(Session& session, const Source& source, const SourceColumn& column,
                            std::stop_token stop) {
  const auto found = session.rows(fmt::format("SELECT CAST(count(DISTINCT {}) AS VARCHAR) FROM {}",
                                              column.text, source.text_rows),
                                  std::move(stop));
  return count_in(found.at(0).at(0));
}

std::int64_t count_distinct(const CsvTable& table, std::size_t column) {
  RecordSplitter records{table.start.text, table.dialect};
  std::vector<std::string> fields;
  if (table.dialect.header) {
    records.next(fields);
  }
  std::unordered_set<std::string> seen;
  while (records.next(fields)) {
    if (table.take_row(fields, records)) {
      seen.insert(fields[column]);
    }
  }
  return static_cast<std::int64_t>(seen.size());
}

// The least and the greatest of dates that are not written in an order to compare them by.
class DateRange {
 public:
  explicit DateRange(const std::string& format) {
    for (const char directive : {'Y', 'm', 'd'}) {
      const auto at = format.find(directive);
      parts_.push_back(
          static_cast<std::size_t>(std::count(
              format.begin(),
              format.begin() + static_cast<std::ptrdiff_t>(std::min(at, format.size())), '%')) -
          1);
    }
  }

  void add(const std::string& text) {
    std::array<int, 3> numbers{};
    std::size_t part = 0;
    for (std::size_t at = 0; at < text.size() && part < numbers.size(); ++part) {
      const auto [end, failure] =
          std::from_chars(text.data() + at, text.data() + text.size(), numbers[part]);
      if (failure != std::errc{}) {
        return;
      }
      at = static_cast<std::size_t>(end - text.data()) + 1;
    }
    const std::array<int, 3> date{numbers[parts_[0]], numbers[parts_[1]], numbers[parts_[2]]};
    if (!least_ || date < least_->first) {
      least_ = {date, text};
    }
    if (!greatest_ || date > greatest_->first) {
      greatest_ = {date, text};
    }
  }

  void put_into(ColumnStatistics& statistics) const {
    if (least_) {
      statistics.minimum = least_->second;
      statistics.maximum = greatest_->second;
    }
  }

 private:
  using Bound = std::optional<std::pair<std::array<int, 3>, std::string>>;

  std::vector<std::size_t> parts_{};  // which of the numbers is the year, the month, the day
  Bound least_{}, greatest_{};
};

}  // namespace

std::int64_t sample_size(std::int64_t wanted, std::size_t columns) noexcept {
  const auto fair = sample_cells / static_cast<std::int64_t>(std::max<std::size_t>(1, columns));
  return std::min(wanted, std::max(sample_least, fair));
}

TableStatistics profile_start(const CsvTable& table, std::stop_token stop) {
  TableStatistics result;
  std::vector<ColumnProfiler> profilers(table.names.size());
  std::map<std::size_t, DateRange> ranges;  // by column
  for (std::size_t i = 0; i < table.types.size(); ++i) {
    if (const auto& format = table.types[i].date_format; !format.empty()) {
      ranges.emplace(i, format);
    }
  }
  RecordSplitter records{table.start.text, table.dialect};
  std::vector<std::string> fields;
  if (table.dialect.header) {
    records.next(fields);
  }
  while (records.next(fields)) {
    if (stop.stop_requested()) {
      throw Error{ErrorCode::cancelled, "reading files was cancelled"};
    }
    if (!table.take_row(fields, records)) {
      continue;
    }
    ++result.rows;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      table.is_null(fields[i]) ? profilers[i].add_null() : profilers[i].add(fields[i]);
    }
    for (auto& [column, range] : ranges) {
      if (!table.is_null(fields[column])) {
        range.add(fields[column]);
      }
    }
  }
  result.columns = finish(profilers);
  for (const auto& [column, range] : ranges) {
    range.put_into(result.columns[column]);
  }
  for (std::size_t i = 0; i < result.columns.size(); ++i) {
    if (may_be_key(table.names[i], result.columns[i], result.rows)) {
      result.columns[i].distinct = count_distinct(table, i);
    }
  }
  return result;
}

TableStatistics profile(Session& session, const Source& source, std::int64_t sample_rows,
                        std::stop_token stop) {
  TableStatistics result;
  if (source.columns.empty()) {
    result.rows = source.row_count.value_or(0);
    return result;
  }
  const auto permit = session.scan_permit(stop);
  const auto exact = scan_all(session, source, stop);
  result.rows = exact.rows;
  result.columns = profile_sample(session, source, exact.rows,
                                  sample_size(sample_rows, source.columns.size()), stop);
  for (std::size_t i = 0; i < result.columns.size(); ++i) {
    overlay(result.columns[i], source.columns[i], exact.columns[i], exact.rows);
    if (source.columns[i].nested) {
      result.columns[i].presence = rounded_share(1 - result.columns[i].null_share);
    }
    if (exact.rows <= proven_rows &&
        may_be_key(source.columns[i].name, result.columns[i], exact.rows)) {
      result.columns[i].distinct = count_distinct(session, source, source.columns[i], stop);
    }
    result.unconverted.push_back(exact.columns[i][present] ? count_in(exact.columns[i][present]) -
                                                                 count_in(exact.columns[i][values])
                                                           : 0);
  }
  return result;
}

}  // namespace mapctl::connectors::duckdb
