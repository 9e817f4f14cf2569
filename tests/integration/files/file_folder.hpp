// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/duckdb/connector.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "tests/support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::test {

using Options = std::map<std::string, std::string>;

// A folder of files made for one test, read through connector `file`.
class FileFolder {
 public:
  FileFolder& add(const std::string& file, const std::string& text) {
    const auto path = folder_.path() / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream{path, std::ios::binary} << text;
    return *this;
  }
  std::string path(const std::string& file = {}) const {
    return file.empty() ? folder_.path().string() : (folder_.path() / file).string();
  }
  std::unique_ptr<ports::Connector> open(const std::string& file = {}, Options more = {}) const {
    ports::ConnectorOptions options;
    options.profile = "test";
    options.options = std::move(more);
    options.options["path"] = path(file);
    return connectors::duckdb::factory().open(options, {});
  }
  catalog::Catalog read(const std::string& file = {}, bool statistics = false,
                        Options more = {}) const {
    ports::DiscoveryScope scope;
    scope.statistics = statistics;
    scope.protect_personal_data = false;
    return open(file, std::move(more))->discover(scope, {});
  }
  Error failure(const std::string& file = {}, bool statistics = false, Options more = {}) const {
    try {
      read(file, statistics, std::move(more));
    } catch (const Error& error) {
      CHECK_FALSE(error.facts().hint.empty());
      return error;
    }
    FAIL("it was read");
    return Error{ErrorCode::internal, ""};
  }

 private:
  TemporaryDirectory folder_;
};

inline const catalog::Table& only_table(const catalog::Catalog& found) {
  REQUIRE(found.tables().size() == 1);
  return *found.tables().front().table;
}

// "id:integer name:string".
inline std::string columns_of(const catalog::Table& table) {
  std::string text;
  for (const auto& column : table.columns) {
    text += (text.empty() ? "" : " ") + column.name.text + ":" +
            std::string{catalog::to_string(column.type.logical)};
  }
  return text;
}

// Rows as "a|b|-" with "-" for no value.
inline std::vector<std::string> rows_of(const FileFolder& folder, const std::string& file,
                                        Options more = {}) {
  auto connector = folder.open(file, std::move(more));
  const auto found = connector->discover({}, {});
  auto reader = connector->open_reader(found.tables().at(0).ref, {});
  std::vector<std::string> rows;
  std::vector<std::optional<std::string_view>> row;
  while (reader->next(row)) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += (i == 0 ? "" : "|") + std::string{row[i].value_or("-")};
    }
    rows.push_back(text);
  }
  return rows;
}

inline bool warns(const catalog::Catalog& found, const std::string& part) {
  for (const auto& warning : found.warnings) {
    if (warning.message.find(part) != std::string::npos) {
      return !warning.object.empty() && !warning.hint.empty();
    }
  }
  return false;
}

}  // namespace mapctl::test
