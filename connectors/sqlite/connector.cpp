// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/connector.hpp"

#include "connectors/sqlite/catalog.hpp"
#include "connectors/sqlite/database.hpp"
#include "connectors/sqlite/reader.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/ports/change_mark.hpp"
#include "core/ports/connector_options.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace mapctl::connectors::sqlite {
namespace {

constexpr std::chrono::seconds busy_timeout{30};

ports::Capabilities abilities() {
  ports::Capabilities can;
  can.discovers_keys = true;
  can.discovers_statistics = true;
  can.counts_rows = true;
  can.reads_rows = true;
  can.names_ignore_case = true;
  return can;
}

void require_file(const std::filesystem::path& path) {
  std::error_code problem;
  const auto kind = std::filesystem::status(path, problem).type();
  if (kind == std::filesystem::file_type::not_found) {
    throw Error{ErrorCode::not_found, fmt::format("there is no file '{}'", path.string()),
                "check the path in the profile or on the command line"};
  }
  if (problem) {
    throw_io_error(problem.value(), "read", path);
  }
  if (kind == std::filesystem::file_type::directory) {
    throw Error{ErrorCode::configuration, fmt::format("'{}' is a directory", path.string()),
                "name a SQLite file in it, or read its files with file:"};
  }
}

std::unique_ptr<Database> open_file(const std::filesystem::path& path, std::stop_token stop) {
  require_file(path);
  auto database = std::make_unique<Database>(path, SQLITE_OPEN_READONLY, busy_timeout);
  database->watch(std::move(stop));
  database->read_header();
  return database;
}

class SqliteConnector final : public ports::Connector, public ports::ChangeMarked {
 public:
  SqliteConnector(std::filesystem::path path, std::stop_token stop)
      : path_{std::move(path)}, database_{open_file(path_, std::move(stop))} {}

  ports::Capabilities capabilities() const override { return abilities(); }

  catalog::Catalog discover(const ports::DiscoveryScope& scope, std::stop_token stop) override {
    database_->watch(stop);
    return read_catalog(*database_, scope, std::move(stop));
  }

  // Counts the changes of the schema; another file under the same name has counted for itself.
  std::optional<std::string> change_mark(std::stop_token stop) override {
    database_->watch(std::move(stop));
    Rows rows{*database_, "PRAGMA schema_version"};
    rows.step();
    struct stat file {};
    const bool is_there = ::stat(path_.c_str(), &file) == 0;
    return fmt::format("{} {}", rows.text(0), is_there ? file.st_ino : 0);
  }

  std::unique_ptr<ports::RowReader> open_reader(const catalog::TableRef& table,
                                                std::stop_token stop) override {
    return make_reader(open_file(path_, std::move(stop)), table);
  }

  ports::ServerInfo test(std::stop_token stop) override {
    database_->watch(std::move(stop));
    database_->read_header();
    return {fmt::format("SQLite {}", sqlite3_libversion()), {}};
  }

 private:
  std::filesystem::path path_;
  std::unique_ptr<Database> database_;
};

class SqliteFactory final : public ports::ConnectorFactory {
 public:
  ports::ConnectorInfo info() const override {
    return {"sqlite",
            "SQLite database files, read without changing them",
            "database",
            abilities(),
            {{"path", "the database file", true, true}}};
  }

  std::unique_ptr<ports::Connector> open(const ports::ConnectorOptions& options,
                                         std::stop_token stop) const override {
    ports::check_options(options, info());
    const std::string path = ports::text_option(options, "path");
    if (path.empty()) {
      ports::fail_option(options, "path", "is empty", "give the path of the database file");
    }
    return std::make_unique<SqliteConnector>(path, std::move(stop));
  }
};

}  // namespace

const ports::ConnectorFactory& factory() {
  static const SqliteFactory instance;
  return instance;
}

}  // namespace mapctl::connectors::sqlite
