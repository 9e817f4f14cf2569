// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/duckdb/options.hpp"
#include "core/catalog/table.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace mapctl::connectors::duckdb {

struct DataFile {
  std::filesystem::path path{};
  Format format = Format::csv;
  bool compressed = false;
  catalog::TableRef table{};
};

struct Listing {
  std::vector<DataFile> files{};  // by table
  std::vector<catalog::DiscoveryWarning> warnings{};
};

// The tables of a file or folder: the stem is the table's name, a sub-folder is a schema. Files
// of equal stem in one folder are told apart by their whole names. Hidden files and those of other
// kinds are passed over. Throws Error: not_found, denied.
Listing list_files(const FileOptions& options);

}  // namespace mapctl::connectors::duckdb
