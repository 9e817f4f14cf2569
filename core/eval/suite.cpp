// SPDX-License-Identifier: Apache-2.0
#include "core/eval/suite.hpp"

#include "core/base/csv.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/catalog/profiler.hpp"
#include "core/catalog/types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string_view>

namespace mapctl::eval {
namespace {

namespace fs = std::filesystem;
using Pair = std::pair<ColumnKey, ColumnKey>;

constexpr std::string_view whole_truth = "truth.csv";
constexpr std::string_view alternates = "truth_alternates.csv";

// Records of a CSV file whose columns are found by the names in its first line.
class Sheet {
 public:
  Sheet(const fs::path& path, std::vector<std::string_view> wanted) {
    const auto text = read_file(path);
    const auto shown = fmt::format("file '{}'", path.string());
    CsvReader reader{text, ',', shown};
    std::vector<std::string> header;
    static_cast<void>(reader.next(header));
    for (const auto name : wanted) {
      const auto found = std::find(header.begin(), header.end(), name);
      if (found == header.end()) {
        throw Error{ErrorCode::invalid_data,
                    fmt::format("'{}' has no column '{}'", path.string(), name),
                    "see the section SUITES of mapctl-eval(1) for the files of a suite"};
      }
      places_.push_back(static_cast<std::size_t>(found - header.begin()));
    }
    std::vector<std::string> record;
    while (reader.next(record)) {
      if (record.size() == 1 && record[0].empty()) {
        continue;
      }
      record.resize(std::max(record.size(), header.size()));
      std::vector<std::string> row;
      for (const auto place : places_) {
        row.push_back(record[place]);
      }
      rows_.push_back(std::move(row));
      lines_.push_back(reader.line());
    }
  }
  const std::vector<std::vector<std::string>>& rows() const noexcept { return rows_; }
  std::size_t line(std::size_t row) const { return lines_.at(row); }

 private:
  std::vector<std::size_t> places_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> lines_;
};

[[noreturn]] void fail(const fs::path& file, std::size_t line, std::string_view problem,
                       std::string hint) {
  throw Error{ErrorCode::invalid_data,
              fmt::format("file '{}', line {}: {}", file.string(), line, problem), std::move(hint)};
}

struct LocatedPair {
  Pair pair{};
  std::size_t line = 0;
};

std::vector<LocatedPair> read_pairs(const fs::path& path) {
  std::vector<LocatedPair> pairs;
  const Sheet sheet{path, {"source_table", "source_column", "target_table", "target_column"}};
  for (std::size_t at = 0; at < sheet.rows().size(); ++at) {
    const auto& row = sheet.rows()[at];
    pairs.push_back({{{row[0], row[1]}, {row[2], row[3]}}, sheet.line(at)});
  }
  return pairs;
}

std::vector<Pair> sorted(const std::vector<LocatedPair>& located) {
  std::vector<Pair> pairs;
  for (const auto& one : located) {
    pairs.push_back(one.pair);
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

// Rows of a task's tables: statistics of the columns that the file has; an empty field is a null.
class Rows {
 public:
  explicit Rows(const fs::path& path) {
    const auto text = read_file(path);
    const auto shown = fmt::format("file '{}'", path.string());
    CsvReader reader{text, ',', shown};
    if (!reader.next(header_)) {
      return;
    }
    profilers_.resize(header_.size());
    std::vector<std::string> record;
    while (reader.next(record)) {
      any_ = true;
      for (std::size_t at = 0; at < header_.size(); ++at) {
        if (at >= record.size() || record[at].empty()) {
          profilers_[at].add_null();
        } else {
          profilers_[at].add(record[at]);
        }
      }
    }
  }
  const std::vector<std::string>& header() const noexcept { return header_; }
  void profile(catalog::Table& table) const {
    for (auto& column : table.columns) {
      const auto found = std::find(header_.begin(), header_.end(), column.name.text);
      if (any_ && found != header_.end()) {
        column.statistics = profilers_[static_cast<std::size_t>(found - header_.begin())].finish();
      }
    }
  }

 private:
  std::vector<std::string> header_;
  std::vector<catalog::ColumnProfiler> profilers_;
  bool any_ = false;
};

// All columns of a side, those that are left out too, and their lines.
using Lines = std::map<ColumnKey, std::size_t>;

// Rows of which nothing would be used are a mistake in the file or in its name.
void check_rows(const fs::path& file, const Rows& rows, const std::string& side, const Lines& known,
                const std::optional<std::string>& table) {
  const auto is_of_table = [&](const auto& one) { return !table || one.first.table == *table; };
  if (!std::any_of(known.begin(), known.end(), is_of_table)) {
    throw Error{
        ErrorCode::invalid_data,
        fmt::format("'{}' is of the table '{}', which does not exist", file.string(), *table),
        fmt::format("compare its name with the tables in {}.csv beside it", side)};
  }
  const auto is_in_header = [&](const auto& one) {
    return is_of_table(one) && std::find(rows.header().begin(), rows.header().end(),
                                         one.first.column) != rows.header().end();
  };
  if (!rows.header().empty() && !std::any_of(known.begin(), known.end(), is_in_header)) {
    fail(file, 1,
         table ? fmt::format("it names no column of the table '{}'", *table)
               : "it names no column of the task",
         fmt::format("the first line names columns as {}.csv beside it does", side));
  }
}

// Gives the tables what the data files of their side say.
void add_rows(const fs::path& folder, const std::string& side, const Lines& known,
              std::map<std::string, catalog::Table>& tables) {
  const std::string beginning = side + "_data";
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator{folder}) {
    const auto name = entry.path().filename().string();
    if (name.starts_with(beginning + ".") && name.ends_with(".csv")) {
      files.push_back(entry.path());
    }
  }
  const auto common = folder / (beginning + ".csv");
  // What a table has of its own replaces what all have in common.
  std::sort(files.begin(), files.end(), [&](const fs::path& left, const fs::path& right) {
    return std::pair{left != common, left} < std::pair{right != common, right};
  });
  for (const auto& file : files) {
    const Rows rows{file};
    if (file == common) {
      check_rows(file, rows, side, known, std::nullopt);
      for (auto& [name, table] : tables) {
        rows.profile(table);
      }
      continue;
    }
    const auto stem = file.stem().string();
    const auto name = stem.substr(beginning.size() + 1);
    check_rows(file, rows, side, known, name);
    if (const auto found = tables.find(name); found != tables.end()) {
      rows.profile(found->second);
    }
  }
}

std::shared_ptr<const catalog::Catalog> load_side(const fs::path& folder, const std::string& side,
                                                  const std::set<ColumnKey>& left_out,
                                                  const LoadOptions& options, Lines& known) {
  std::map<std::string, catalog::Table> tables;
  const auto file = folder / (side + ".csv");
  const Sheet sheet{file, {"table", "column", "type", "description"}};
  for (std::size_t at = 0; at < sheet.rows().size(); ++at) {
    const auto& row = sheet.rows()[at];
    const ColumnKey key{row[0], row[1]};
    if (const auto [first, is_new] = known.emplace(key, sheet.line(at)); !is_new) {
      fail(file, sheet.line(at),
           fmt::format("the column '{}' is already in line {}", to_string(key), first->second),
           "a column has one line; leave the other out");
    }
    if (left_out.contains(key)) {
      continue;
    }
    auto& table = tables[row[0]];
    table.name = catalog::TableName{row[0]};
    catalog::Column column;
    column.name = catalog::ColumnName{row[1]};
    column.type = catalog::parse_data_type(row[2]);
    column.comment = row[3];
    table.columns.push_back(std::move(column));
  }
  if (fs::exists(folder / "tables.csv")) {
    const Sheet comments{folder / "tables.csv", {"side", "table", "description"}};
    for (const auto& row : comments.rows()) {
      if (const auto found = tables.find(row[1]); row[0] == side && found != tables.end()) {
        found->second.comment = row[2];
      }
    }
  }
  auto result = std::make_shared<catalog::Catalog>();
  auto& schema = result->schemas.emplace_back();
  std::mt19937 random{options.seed};
  if (options.use_data) {
    add_rows(folder, side, known, tables);
  }
  for (auto& [name, table] : tables) {
    if (!options.keep_order) {
      for (std::size_t at = table.columns.size(); at > 1; --at) {
        std::swap(table.columns[at - 1], table.columns[random() % at]);
      }
    }
    int position = 0;
    for (auto& column : table.columns) {
      column.position = ++position;
    }
    schema.tables.push_back(std::move(table));
  }
  return result;
}

void check(const Lines& known, const ColumnKey& key, std::string_view role, const fs::path& file,
           std::size_t line) {
  if (!known.contains(key)) {
    fail(file, line, fmt::format("the {} column '{}' does not exist", role, to_string(key)),
         fmt::format("compare it with {}.csv beside it", role));
  }
}

void check_pairs(const Lines& source, const Lines& target, const std::vector<LocatedPair>& pairs,
                 const fs::path& file) {
  for (const auto& [pair, line] : pairs) {
    check(source, pair.first, "source", file, line);
    check(target, pair.second, "target", file, line);
  }
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::error_code failed;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator{folder, failed}) {
    if (entry.is_directory()) {
      found.push_back(entry.path());
    }
  }
  if (failed) {
    throw_io_error(failed.value(), "read", folder);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<fs::path> with_truth(const fs::path& suite, const LoadOptions& options) {
  auto found = folders_in(suite);
  std::erase_if(found,
                [&](const fs::path& path) { return !fs::exists(path / options.truth_file); });
  return found;
}

constexpr const char* suite_hint =
    "a suite is a folder of tasks, each with source.csv, target.csv and truth.csv";

}  // namespace

bool is_suite(const fs::path& folder, const LoadOptions& options) {
  return !with_truth(folder, options).empty();
}

std::vector<fs::path> task_folders(const fs::path& suite, const LoadOptions& options) {
  auto found = with_truth(suite, options);
  if (found.empty()) {
    throw Error{ErrorCode::not_found,
                fmt::format("no task with a file '{}' in '{}'", options.truth_file, suite.string()),
                suite_hint};
  }
  return found;
}

std::vector<fs::path> suite_folders(const fs::path& folder, const LoadOptions& options) {
  auto found = folders_in(folder);
  std::erase_if(found, [&](const fs::path& path) { return !is_suite(path, options); });
  if (found.empty()) {
    throw Error{
        ErrorCode::not_found,
        fmt::format("no suite with a file '{}' in '{}'", options.truth_file, folder.string()),
        suite_hint};
  }
  return found;
}

std::string to_string(const ColumnKey& key) {
  return key.table.empty() ? key.column : fmt::format("{}.{}", key.table, key.column);
}

Task load_task(const fs::path& folder, const LoadOptions& options) {
  Task task;
  task.name = folder.filename().string();
  const auto truth = read_pairs(folder / options.truth_file);
  task.truth = sorted(truth);
  std::set<ColumnKey> source_out;
  std::set<ColumnKey> target_out;
  if (options.truth_file != whole_truth && fs::exists(folder / whole_truth)) {
    for (const auto& [source, target] : sorted(read_pairs(folder / whole_truth))) {
      source_out.insert(source);
      target_out.insert(target);
    }
    for (const auto& [source, target] : task.truth) {
      source_out.erase(source);
      target_out.erase(target);
    }
  }
  Lines sources;
  Lines targets;
  task.source = load_side(folder, "source", source_out, options, sources);
  task.target = load_side(folder, "target", target_out, options, targets);
  check_pairs(sources, targets, truth, folder / options.truth_file);
  if (fs::exists(folder / alternates)) {
    const auto acceptable = read_pairs(folder / alternates);
    check_pairs(sources, targets, acceptable, folder / alternates);
    task.acceptable = sorted(acceptable);
    std::erase_if(task.acceptable, [&](const Pair& pair) {
      return source_out.contains(pair.first) || target_out.contains(pair.second) ||
             std::binary_search(task.truth.begin(), task.truth.end(), pair);
    });
  }
  if (const auto file = folder / "source_status.csv"; fs::exists(file)) {
    std::set<ColumnKey> partnered;
    for (const auto& [source, target] : task.truth) {
      partnered.insert(source);
    }
    auto& unpartnered = task.unpartnered.emplace();
    const Sheet status{file, {"source_table", "source_column", "status"}};
    for (std::size_t at = 0; at < status.rows().size(); ++at) {
      const auto& row = status.rows()[at];
      ColumnKey key{row[0], row[1]};
      check(sources, key, "source", file, status.line(at));
      if (row[2] != "mapped" && !partnered.contains(key)) {
        unpartnered.push_back(std::move(key));
      }
    }
  }
  return task;
}

}  // namespace mapctl::eval
