// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/sqlite/connector.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/ports/connector.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/errors.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>

namespace mapctl::connectors::sqlite::test {

using mapctl::test::error_of;

// A SQLite file made with SQLite itself, without any code of ours.
class SampleFile {
 public:
  explicit SampleFile(const std::string& sql, const std::string& name = "sample.db")
      : path_{directory_.path() / name} {
    run(sql);
  }
  const std::filesystem::path& path() const noexcept { return path_; }
  const std::filesystem::path& directory() const noexcept { return directory_.path(); }

  void run(const std::string& sql) const {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(path_.c_str(), &database) == SQLITE_OK);
    char* problem = nullptr;
    const int code = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &problem);
    const std::string text = problem == nullptr ? "" : problem;
    sqlite3_free(problem);
    sqlite3_close(database);
    INFO(text);
    REQUIRE(code == SQLITE_OK);
  }

  std::unique_ptr<ports::Connector> open(std::stop_token stop = {}) const {
    ports::ConnectorOptions options;
    options.profile = "sample";
    options.options["path"] = path_.string();
    return factory().open(options, std::move(stop));
  }

  catalog::Catalog discover(const ports::DiscoveryScope& scope = {}) const {
    return open()->discover(scope, {});
  }

 private:
  TemporaryDirectory directory_{};
  std::filesystem::path path_;
};

inline catalog::TableRef table(const std::string& name) {
  return {{}, catalog::TableName{name}};
}

inline std::vector<catalog::ColumnName> names(std::initializer_list<const char*> list) {
  std::vector<catalog::ColumnName> made;
  for (const char* name : list) {
    made.emplace_back(name);
  }
  return made;
}

}  // namespace mapctl::connectors::sqlite::test
