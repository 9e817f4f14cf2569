// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::eval {

// A column of a labelled task; tables of a task have no schema.
struct ColumnKey {
  std::string table{}, column{};
  auto operator<=>(const ColumnKey&) const = default;
};
std::string to_string(const ColumnKey& key);  // table.column

// One labelled task: two sides and which pairs of their columns are right.
struct Task {
  std::string name{};
  std::shared_ptr<const catalog::Catalog> source{}, target{};
  std::vector<std::pair<ColumnKey, ColumnKey>> truth{};  // sorted, each once
  // Pairs that are no mistake and not asked for either (truth_alternates.csv): sorted, each once,
  // none of them in the truth.
  std::vector<std::pair<ColumnKey, ColumnKey>> acceptable{};
  // Source columns that were looked at and have no partner (source_status.csv); without that file
  // it is every column without a truth.
  std::optional<std::vector<ColumnKey>> unpartnered{};
};

struct LoadOptions {
  std::string truth_file = "truth.csv";
  bool use_data = true;
  // Columns are put in a random order, the same in every run: in suites that were made by a program
  // the order alone gives the answer away.
  bool keep_order = false;
  unsigned seed = 20260101;
};

// Whether the folder holds tasks itself, and not suites.
bool is_suite(const std::filesystem::path& folder, const LoadOptions& options);
// Folders of the tasks that have the chosen truth file, by name. Throws Error::not_found when there
// are none.
std::vector<std::filesystem::path> task_folders(const std::filesystem::path& suite,
                                                const LoadOptions& options);
// The suites in a folder of suites, by name; those without any task that has the chosen truth file
// are left out. Throws Error::not_found when there are none.
std::vector<std::filesystem::path> suite_folders(const std::filesystem::path& folder,
                                                 const LoadOptions& options);

// Reads one task. Columns that truth.csv pairs and the chosen truth file does not are left out of
// both sides. Throws Error::not_found or invalid_data naming the file, and the line: for columns
// that do not exist or are there twice and for data files of which nothing would be used, too.
Task load_task(const std::filesystem::path& folder, const LoadOptions& options);

}  // namespace mapctl::eval
