// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/csv_source.hpp"

#include "connectors/duckdb/errors.hpp"
#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <system_error>
#include <utility>

namespace mapctl::connectors::duckdb {
namespace {

constexpr std::size_t start_bytes = 1U << 20U;
// DuckDB's own size, which it would multiply with the longest line: each thread has several.
constexpr std::int64_t scan_buffer = 32'000'000;
constexpr std::int64_t reject_limit = 10'000;
constexpr std::string_view near_start = "near its start ";

std::string object_of(const DataFile& file) {
  return fmt::format("table '{}'", catalog::to_string(file.table));
}

// Decompressed lines through DuckDB: as text without fields.
FileStart read_compressed_start(Session& session, const std::filesystem::path& path,
                                std::stop_token stop) {
  auto lines = session.stream(
      fmt::format("SELECT line FROM read_csv({}, auto_detect = false, header = false, delim = "
                  "'\x01', quote = '', escape = '', columns = {{'line': 'VARCHAR'}})",
                  session.show(path)),
      std::move(stop));
  FileStart start;
  std::vector<std::optional<std::string_view>> row;
  while (start.text.size() < start_bytes && lines.next(row)) {
    start.text += row[0].value_or("");
    start.text += '\n';
  }
  return start;
}

std::string unique_name(std::string wanted, const std::set<std::string>& taken) {
  auto name = wanted;
  for (int number = 2; taken.count(name) != 0; ++number) {
    name = fmt::format("{}_{}", wanted, number);
  }
  return name;
}

void name_columns(CsvTable& table, const std::vector<std::string>& header, std::size_t width) {
  std::set<std::string> taken{header.begin(), header.end()};
  std::set<std::string> used;
  std::vector<std::string> nameless;
  std::vector<std::string> repeated;
  for (std::size_t i = 0; i < width; ++i) {
    const auto given = i < header.size() ? std::string{trim(header[i])} : std::string{};
    std::string name;
    if (given.empty()) {
      name = unique_name(fmt::format("column_{}", i + 1), taken);
      nameless.push_back(name);
    } else if (used.count(header[i]) != 0) {
      name = unique_name(header[i] + "_2", taken);
      repeated.push_back(fmt::format("'{}' as '{}'", header[i], name));
    } else {
      name = header[i];
    }
    taken.insert(name);
    used.insert(name);
    table.names.emplace_back(std::move(name));
  }
  if (!table.dialect.header) {
    table.warnings.push_back({object_of(table.file), "has no line of column names",
                              "set `header: true` if its first line is one"});
    return;
  }
  const auto listed = [](const std::vector<std::string>& names) {
    const std::vector<std::string> few{
        names.begin(),
        names.begin() + std::min<std::ptrdiff_t>(5, static_cast<std::ptrdiff_t>(names.size()))};
    return join(few, ", ") + (names.size() > few.size()
                                  ? fmt::format(" and {} more", names.size() - few.size())
                                  : std::string{});
  };
  if (!nameless.empty()) {
    table.warnings.push_back({object_of(table.file),
                              "columns without a name are called " + listed(nameless),
                              "name them in the first line"});
  }
  if (!repeated.empty()) {
    table.warnings.push_back({object_of(table.file),
                              "repeated column names were made distinct: " + listed(repeated),
                              "name each column once"});
  }
}

// Records of the start that are whole.
class StartRecords {
 public:
  StartRecords(const CsvTable& table) : table_{&table}, records_{table.start.text, table.dialect} {}
  bool next(std::vector<std::string>& fields) {
    if (!records_.next(fields)) {
      return false;
    }
    return table_->start.complete || records_.offset() < table_->start.text.size();
  }
  const RecordSplitter& records() const noexcept { return records_; }

 private:
  const CsvTable* table_;
  RecordSplitter records_;
};

// Fields a row has: those of the header, unless most rows agree on more.
std::size_t usual_width(const CsvTable& table, std::size_t header_width) {
  StartRecords records{table};
  std::vector<std::string> fields;
  std::map<std::size_t, std::size_t> widths;
  std::size_t rows = 0;
  for (; rows < 2000 && records.next(fields); ++rows) {
    ++widths[fields.size()];
  }
  for (const auto& [width, count] : widths) {
    if (width > header_width && 2 * count > rows) {
      return width;
    }
  }
  return header_width;
}

struct Tally {
  std::int64_t count = 0;
  std::size_t first_line = 0;
  void add(std::size_t line) { first_line = count++ == 0 ? line : first_line; }
  std::string subject() const {
    return count == 1 ? "1 row has" : fmt::format("{} rows have", count);
  }
};

// DuckDB counts lines with their quotes, and where these are not balanced it passes over more than
// it is told to. Then it gets a copy with empty lines above the header.
void empty_skipped_lines(Session& session, CsvTable& table, std::size_t mark_bytes,
                         const std::stop_token& stop) {
  const auto head = std::string_view{table.start.text}.substr(
      0, RecordSplitter{table.start.text, table.dialect}.offset());
  if (table.dialect.quote == '\0' || head.find(table.dialect.quote) == head.npos) {
    return;
  }
  if (table.file.compressed) {
    throw Error{ErrorCode::unsupported,
                fmt::format("file '{}': compressed text with quotes above its column names cannot "
                            "be read",
                            table.file.path.string()),
                "unpack it first"};
  }
  std::string line_ends;
  std::copy_if(head.begin(), head.end(), std::back_inserter(line_ends),
               [](char c) { return c == '\n' || c == '\r'; });
  auto copy =
      session.directory() / fmt::format("head-{}", sha256(table.file.path.string()).substr(0, 16));
  copy_with_head(table.readable, mark_bytes + head.size(), line_ends, copy, stop);
  table.readable = std::move(copy);
}

// Tells what the dialect was guessed from against the first line, or the rows.
void look_at_head(CsvTable& table) {
  const auto object = fmt::format("file '{}'", table.file.path.string());
  const auto& dialect = table.dialect;
  if (dialect.title_skipped) {
    table.warnings.push_back(
        {object,
         fmt::format("{} passed over, as the column names seem to be in line {}",
                     dialect.skipped_lines == 1
                         ? std::string{"line 1 was"}
                         : fmt::format("lines 1 to {} were", dialect.skipped_lines),
                     dialect.skipped_lines + 1),
         "set `skip_lines: 0` if they are in line 1"});
  }
  if (dialect.later_header != 0) {
    table.warnings.push_back(
        {object,
         fmt::format("line {} has fewer fields than the rows; the column names may be in line {}",
                     dialect.skipped_lines + 1, dialect.later_header),
         fmt::format("set `skip_lines: {}` if they are", dialect.later_header - 1)});
  }
  if (dialect.ragged) {
    table.warnings.push_back(
        {object,
         fmt::format(
             "rows do not agree on a number of fields; they are parted at {}, as line {} is",
             dialect.delimiter == '\t' ? std::string{"tabs"}
                                       : fmt::format("'{}'", dialect.delimiter),
             dialect.skipped_lines + 1),
         "correct the rows, or set `delimiter:`"});
  }
}

[[noreturn]] void fail_unclosed(const CsvTable& table, std::size_t line) {
  throw Error{ErrorCode::invalid_data,
              fmt::format("file '{}', line {}: a quoted field is never closed",
                          table.file.path.string(), line),
              "close the quote, or set `quote:` to the character the file uses"};
}

void look_at_rows(CsvTable& table, std::int64_t sample_rows) {
  StartRecords records{table};
  std::vector<std::string> fields;
  std::vector<ColumnGuess> guesses(table.names.size());
  std::size_t first_row_offset = 0;
  if (table.dialect.header) {
    records.next(fields);
    first_row_offset = records.records().offset();
  }
  Tally short_rows;
  Tally bad_rows;
  std::size_t looked_at = first_row_offset;
  while (records.next(fields)) {
    looked_at = records.records().offset();
    if (records.records().is_unclosed()) {
      fail_unclosed(table, records.records().line());
    }
    if (fields.size() < guesses.size()) {
      short_rows.add(records.records().line());
    }
    if (!table.take_row(fields, records.records())) {
      bad_rows.add(records.records().line());
      continue;
    }
    if (++table.start_rows > sample_rows && !table.start.complete) {
      break;
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!table.is_null(fields[i])) {
        guesses[i].add(fields[i]);
      }
    }
  }
  for (const auto& guess : guesses) {
    table.types.push_back(guess.type());
  }
  table.padded = short_rows.count > 0;
  const std::string_view where = table.start.complete ? "" : near_start;
  if (short_rows.count > 0) {
    table.warnings.push_back(
        {object_of(table.file),
         fmt::format("{}{} fewer than {} fields, the missing ones count as empty; first in line {}",
                     where, short_rows.subject(), table.names.size(), short_rows.first_line),
         "check whether the file was written completely"});
  }
  if (bad_rows.count > 0) {
    table.warnings.push_back(
        {object_of(table.file),
         fmt::format("{}{} more than {} fields or text behind a closing quote, and left out; first "
                     "in line {}",
                     where, bad_rows.subject(), table.names.size(), bad_rows.first_line),
         "correct the file, or check `delimiter:` and `quote:`"});
  }
  if (table.start.complete) {
    table.row_count = table.start_rows;
    return;
  }
  std::error_code failure;
  const auto size = std::filesystem::file_size(table.readable, failure);
  if (!failure && !table.file.compressed && looked_at > first_row_offset) {
    const double bytes_a_row = static_cast<double>(looked_at - first_row_offset) /
                               static_cast<double>(std::max<std::int64_t>(1, table.start_rows));
    table.row_count =
        static_cast<std::int64_t>(static_cast<double>(size - first_row_offset) / bytes_a_row);
    table.row_count_is_estimate = true;
  }
}

std::string read_csv(Session& session, const CsvTable& table, BadRows bad_rows, bool typed) {
  const auto literal = [](char c) {
    return quote_literal(c == '\0' ? std::string_view{} : std::string_view{&c, 1});
  };
  // Names of our own: those of the file may differ only in case, which DuckDB refuses.
  std::string columns;
  for (std::size_t i = 0; i < table.types.size(); ++i) {
    columns += fmt::format("{}'c{}': '{}'", i == 0 ? "" : ", ", i,
                           typed ? table.types[i].duckdb_type : "VARCHAR");
  }
  std::string nulls = "''";
  for (const auto& word : table.null_values) {
    nulls += ", " + quote_literal(word);
  }
  std::string tolerance;
  if (table.padded) {
    // DuckDB cannot pad in parallel where quoted fields hold line breaks.
    tolerance = ", null_padding = true, parallel = false";
  }
  if (bad_rows == BadRows::skip) {
    tolerance += ", ignore_errors = true";
  } else if (bad_rows == BadRows::record) {
    tolerance += fmt::format(", store_rejects = true, rejects_limit = {}", reject_limit);
  }
  return fmt::format(
      "read_csv({}, auto_detect = false, skip = {}, header = {}, delim = {}, quote = {}, escape = "
      "{}, columns "
      "= {{{}}}, nullstr = [{}], max_line_size = {}, buffer_size = {}{})",
      session.show(table.readable), table.dialect.skipped_lines, table.dialect.header,
      literal(table.dialect.delimiter), literal(table.dialect.quote), literal(table.dialect.quote),
      columns, nulls, longest_line, scan_buffer, tolerance);
}

}  // namespace

bool CsvTable::is_null(std::string_view field) const {
  return field.empty() ||
         std::find(null_values.begin(), null_values.end(), field) != null_values.end();
}

bool CsvTable::take_row(std::vector<std::string>& fields, const RecordSplitter& records) const {
  if (fields.size() > names.size() || records.is_garbled()) {
    return false;
  }
  fields.resize(names.size());
  return true;
}

CsvTable inspect_csv(Session& session, const DataFile& file, const FileOptions& options,
                     std::stop_token stop) {
  CsvTable table;
  table.file = file;
  table.readable = file.path;
  table.null_values = options.null_values;
  if (file.compressed) {
    if (!options.encoding.empty() && !is_utf8(options.encoding)) {
      throw Error{ErrorCode::unsupported,
                  fmt::format("file '{}': compressed text in encoding '{}' cannot be read",
                              file.path.string(), options.encoding),
                  "unpack it first"};
    }
    table.start = read_compressed_start(session, file.path, stop);
  } else {
    table.start = read_start(file.path, start_bytes);
    const std::string encoding = options.encoding.empty()
                                     ? std::string{encoding_of_mark(table.start.text)}
                                     : options.encoding;
    if (!is_utf8(encoding)) {
      table.readable =
          session.directory() / fmt::format("utf8-{}", sha256(file.path.string()).substr(0, 16));
      convert_to_utf8(file.path, encoding, table.readable, stop);
      table.start = read_start(table.readable, start_bytes);
    }
  }
  const std::size_t mark_bytes = table.start.text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  table.start.text.erase(0, mark_bytes);
  require_utf8(table.start, file.path);

  const bool tabs = to_lower(file.path.string()).find(".tsv") != std::string::npos;
  table.dialect = detect_dialect(table.start.text, table.start.complete, options, tabs);
  std::vector<std::string> first;
  RecordSplitter records{table.start.text, table.dialect};
  if (!records.next(first)) {
    if (options.skip_lines.value_or(0) > 0 && !table.start.text.empty()) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("file '{}' has nothing below its first {} lines", file.path.string(),
                              *options.skip_lines),
                  "correct `skip_lines:`"};
    }
    throw Error{ErrorCode::invalid_data, fmt::format("file '{}' is empty", file.path.string()),
                "a CSV file begins with a line of column names"};
  }
  if (records.is_unclosed()) {
    fail_unclosed(table, records.line());
  }
  empty_skipped_lines(session, table, mark_bytes, stop);
  look_at_head(table);
  const auto width = usual_width(table, first.size());
  if (!table.dialect.header) {
    first.clear();
  }
  name_columns(table, first, width);
  look_at_rows(table, options.sample_rows);
  return table;
}

Source csv_source(Session& session, const CsvTable& table, BadRows bad_rows) {
  session.make_room(table.types.size());
  Source source;
  source.row_count = table.row_count;
  source.row_count_is_estimate = table.row_count_is_estimate;
  source.warnings = table.warnings;
  source.text_rows = read_csv(session, table, bad_rows, false);
  source.typed_rows = read_csv(session, table, bad_rows, true);
  for (std::size_t i = 0; i < table.types.size(); ++i) {
    SourceColumn column;
    column.name = table.names[i];
    column.type = table.types[i].type;
    column.text = fmt::format("c{}", i);
    column.value = column.text;
    column.date_format = table.types[i].date_format;
    if (!column.date_format.empty()) {
      column.value = fmt::format("CAST(try_strptime({}, {}) AS DATE)", column.text,
                                 quote_literal(column.date_format));
    }
    source.columns.push_back(std::move(column));
  }
  return source;
}

Rejects take_rejects(Session& session, std::stop_token stop) {
  Rejects rejects;
  const auto rows = session.rows(
      "SELECT CAST(line AS VARCHAR), CAST(column_idx AS VARCHAR), CAST(error_type AS VARCHAR), "
      "error_message FROM reject_errors ORDER BY line, column_idx",
      std::move(stop));
  session.execute("DROP TABLE reject_errors");
  session.execute("DROP TABLE reject_scans");
  // Values of a row that is left out anyway say nothing about their columns.
  std::set<std::string> left_out;
  for (const auto& row : rows) {
    if (const auto& type = row[2].value_or(""); type != "CAST" && type != "MISSING COLUMNS") {
      left_out.insert(row[0].value_or("0"));
    }
  }
  std::set<std::size_t> unconvertible;
  std::string last_line;
  for (const auto& row : rows) {
    const auto& type = row[2].value_or("");
    const auto line = row[0].value_or("0");
    if (type == "CAST") {
      if (left_out.count(line) == 0) {
        unconvertible.insert(std::stoull(row[1].value_or("1")) - 1);
      }
      continue;
    }
    if (type == "MISSING COLUMNS") {
      rejects.first_short_line =
          rejects.short_rows++ == 0 ? std::stoll(line) : rejects.first_short_line;
      continue;
    }
    if (type == "INVALID ENCODING" || type == "INVALID UNICODE") {
      throw DuckError{fmt::format("on Line: {} Invalid unicode", line).c_str()};
    }
    if (rejects.rows == 0) {
      rejects.first_line = std::stoll(line);
      rejects.first_cause = type;
    }
    rejects.rows += line == last_line ? 0 : 1;
    last_line = line;
  }
  rejects.unconvertible.assign(unconvertible.begin(), unconvertible.end());
  rejects.more = static_cast<std::int64_t>(rows.size()) >= reject_limit;
  return rejects;
}

}  // namespace mapctl::connectors::duckdb
