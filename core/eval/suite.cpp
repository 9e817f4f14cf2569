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
    }
  }
  const std::vector<std::vector<std::string>>& rows() const noexcept { return rows_; }

 private:
  std::vector<std::size_t> places_;
  std::vector<std::vector<std::string>> rows_;
};

std::vector<Pair> read_pairs(const fs::path& path) {
  std::vector<Pair> pairs;
  const Sheet sheet{path, {"source_table", "source_column", "target_table", "target_column"}};
  for (const auto& row : sheet.rows()) {
    pairs.push_back({{row[0], row[1]}, {row[2], row[3]}});
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

// Statistics of the columns that the file has; an empty field is a null.
void profile(const fs::path& path, catalog::Table& table) {
  if (!fs::exists(path)) {
    return;
  }
  const auto text = read_file(path);
  const auto shown = fmt::format("file '{}'", path.string());
  CsvReader reader{text, ',', shown};
  std::vector<std::string> header;
  if (!reader.next(header)) {
    return;
  }
  std::vector<catalog::ColumnProfiler> profilers(header.size());
  std::vector<std::string> record;
  bool any = false;
  while (reader.next(record)) {
    any = true;
    for (std::size_t at = 0; at < header.size(); ++at) {
      if (at >= record.size() || record[at].empty()) {
        profilers[at].add_null();
      } else {
        profilers[at].add(record[at]);
      }
    }
  }
  for (auto& column : table.columns) {
    const auto found = std::find(header.begin(), header.end(), column.name.text);
    if (any && found != header.end()) {
      column.statistics = profilers[static_cast<std::size_t>(found - header.begin())].finish();
    }
  }
}

std::shared_ptr<const catalog::Catalog> load_side(const fs::path& folder, const std::string& side,
                                                  const std::set<ColumnKey>& left_out,
                                                  const LoadOptions& options) {
  std::map<std::string, catalog::Table> tables;
  const Sheet sheet{folder / (side + ".csv"), {"table", "column", "type", "description"}};
  for (const auto& row : sheet.rows()) {
    if (left_out.contains({row[0], row[1]})) {
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
  for (auto& [name, table] : tables) {
    if (options.use_data) {
      profile(folder / (side + "_data.csv"), table);
      profile(folder / (side + "_data." + name + ".csv"), table);
    }
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

void check_pairs(const Task& task, const std::vector<Pair>& pairs, const fs::path& file) {
  const auto check = [&](const catalog::Catalog& side, const ColumnKey& key,
                         std::string_view role) {
    const auto* table = side.find(catalog::TableRef{{}, catalog::TableName{key.table}});
    if (table == nullptr ||
        std::none_of(table->columns.begin(), table->columns.end(),
                     [&](const auto& column) { return column.name.text == key.column; })) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("'{}' names the {} column '{}.{}', which does not exist",
                              file.string(), role, key.table, key.column),
                  fmt::format("compare it with {}.csv beside it", role)};
    }
  };
  for (const auto& [source, target] : pairs) {
    check(*task.source, source, "source");
    check(*task.target, target, "target");
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

Task load_task(const fs::path& folder, const LoadOptions& options) {
  Task task;
  task.name = folder.filename().string();
  task.truth = read_pairs(folder / options.truth_file);
  std::set<ColumnKey> source_out;
  std::set<ColumnKey> target_out;
  if (options.truth_file != whole_truth && fs::exists(folder / whole_truth)) {
    for (const auto& [source, target] : read_pairs(folder / whole_truth)) {
      source_out.insert(source);
      target_out.insert(target);
    }
    for (const auto& [source, target] : task.truth) {
      source_out.erase(source);
      target_out.erase(target);
    }
  }
  task.source = load_side(folder, "source", source_out, options);
  task.target = load_side(folder, "target", target_out, options);
  check_pairs(task, task.truth, folder / options.truth_file);
  if (fs::exists(folder / alternates)) {
    task.acceptable = read_pairs(folder / alternates);
    std::erase_if(task.acceptable, [&](const Pair& pair) {
      return source_out.contains(pair.first) || target_out.contains(pair.second) ||
             std::binary_search(task.truth.begin(), task.truth.end(), pair);
    });
    check_pairs(task, task.acceptable, folder / alternates);
  }
  if (fs::exists(folder / "source_status.csv")) {
    std::set<ColumnKey> partnered;
    for (const auto& [source, target] : task.truth) {
      partnered.insert(source);
    }
    auto& unpartnered = task.unpartnered.emplace();
    const Sheet status{folder / "source_status.csv", {"source_table", "source_column", "status"}};
    for (const auto& row : status.rows()) {
      ColumnKey key{row[0], row[1]};
      if (row[2] != "mapped" && !partnered.contains(key)) {
        unpartnered.push_back(std::move(key));
      }
    }
  }
  return task;
}

}  // namespace mapctl::eval
