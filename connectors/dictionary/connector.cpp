// SPDX-License-Identifier: Apache-2.0
#include "connectors/dictionary/connector.hpp"

#include "connectors/dictionary/csv_dictionary.hpp"
#include "connectors/dictionary/entity_file.hpp"
#include "connectors/dictionary/tables.hpp"
#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/ports/connector_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace mapctl::connectors::dictionary {
namespace {

namespace fs = std::filesystem;

enum class Kind { automatic, dictionary, canonical };

struct Options {
  std::string profile{};
  fs::path path{};
  Kind kind = Kind::automatic;
  std::optional<char> delimiter{};
  std::vector<fs::path> entity_folders{};  // read when there is no path; the first one that has an
                                           // entity decides
};

bool has_extension(const fs::path& path, std::initializer_list<const char*> extensions) {
  const auto own = to_lower(path.extension().string());
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](const char* extension) { return own == extension; });
}

bool is_entity_file(const fs::path& path) {
  return has_extension(path, {".yaml", ".yml"});
}

bool is_csv_file(const fs::path& path) {
  return has_extension(path, {".csv", ".tsv", ".txt"});
}

std::vector<fs::path> files_in(const fs::path& folder, Kind kind) {
  std::error_code failure;
  std::vector<fs::path> files;
  for (fs::directory_iterator at{folder, failure}; !failure && at != fs::directory_iterator{};
       at.increment(failure)) {
    const auto& path = at->path();
    const bool wanted = (kind != Kind::dictionary && is_entity_file(path)) ||
                        (kind != Kind::canonical && is_csv_file(path));
    // Opening a pipe waits for whoever writes to it.
    std::error_code gone;
    const bool is_special = fs::is_other(path, gone);
    if (wanted && !is_special && !path.filename().string().starts_with('.')) {
      files.push_back(path);
    }
  }
  if (failure) {
    throw_io_error(failure.value(), "read", folder);
  }
  std::sort(files.begin(), files.end());
  return files;
}

ports::Capabilities abilities() {
  ports::Capabilities can;
  can.discovers_keys = true;
  can.has_schemas = true;
  return can;
}

class DictionaryConnector final : public ports::Connector {
 public:
  explicit DictionaryConnector(Options options) : options_{std::move(options)} {}

  ports::Capabilities capabilities() const override { return abilities(); }

  catalog::Catalog discover(const ports::DiscoveryScope& scope, std::stop_token stop) override {
    auto tables = read(stop);
    const auto& pattern = scope.tables;
    std::erase_if(tables, [&](const auto& entry) {
      return !scope.schemas.matches(entry.first.schema.text, false) ||
             !pattern.matches(entry.first, false);
    });
    catalog::Catalog result;
    result.system = "dictionary";
    result.taken_at = system_clock().now();
    for (auto& [ref, table] : tables) {
      settle(table);
      // The map is sorted by schema first.
      if (result.schemas.empty() || result.schemas.back().name != ref.schema) {
        result.schemas.push_back({ref.schema, {}});
      }
      result.schemas.back().tables.push_back(std::move(table));
    }
    catalog::normalise(result);
    return result;
  }

  std::unique_ptr<ports::RowReader> open_reader(const catalog::TableRef& table,
                                                std::stop_token) override {
    throw Error{ErrorCode::unsupported,
                fmt::format("table '{}' has no rows: {} only describes it",
                            catalog::to_string(table), described()),
                "use the system or the files that hold the data"};
  }

  ports::ServerInfo test(std::stop_token stop) override {
    const auto tables = read(stop);
    ports::ServerInfo info;
    info.product = fmt::format("{} {} described in {}", tables.size(),
                               tables.size() == 1 ? "table" : "tables", described());
    return info;
  }

 private:
  std::string described() const {
    return options_.path.empty() ? std::string{"the canonical entities"}
                                 : fmt::format("'{}'", options_.path.string());
  }

  void read_one(const fs::path& file, Tables& tables) const {
    const bool entity =
        options_.kind == Kind::automatic ? is_entity_file(file) : options_.kind == Kind::canonical;
    if (entity) {
      read_entity_file(file, tables);
    } else {
      read_csv_dictionary(file, options_.delimiter, tables);
    }
  }

  Tables read_folder(const fs::path& folder, Kind kind, const std::stop_token& stop) const {
    Tables tables;
    for (const auto& file : files_in(folder, kind)) {
      if (stop.stop_requested()) {
        throw Error{ErrorCode::cancelled, "reading descriptions was cancelled"};
      }
      read_one(file, tables);
    }
    return tables;
  }

  Tables read(const std::stop_token& stop) const {
    if (stop.stop_requested()) {
      throw Error{ErrorCode::cancelled, "reading descriptions was cancelled"};
    }
    Tables tables;
    if (options_.path.empty()) {
      for (const auto& folder : options_.entity_folders) {
        tables.merge(read_folder(folder, Kind::canonical, stop));
      }
    } else if (fs::is_directory(options_.path)) {
      tables = read_folder(options_.path, options_.kind, stop);
    } else {
      read_one(options_.path, tables);
    }
    if (tables.empty()) {
      throw Error{ErrorCode::not_found, fmt::format("no table is described in {}", described()),
                  "a description is a CSV file with table,column,type,description or an entity "
                  "in YAML"};
    }
    return tables;
  }

  Options options_;
};

class DictionaryFactory final : public ports::ConnectorFactory {
 public:
  ports::ConnectorInfo info() const override {
    ports::ConnectorInfo info;
    info.name = "dictionary";
    info.description = "data dictionaries (CSV) and canonical entities (YAML): tables without rows";
    info.kind = "file";
    info.capabilities = abilities();
    info.options = {
        {"path",
         "file or folder; without it the canonical entities of the project, the user and "
         "mapctl",
         false, true},
        {"kind", "auto (by file name), dictionary (CSV) or canonical (YAML)", false, false},
        {"delimiter", "of CSV fields: one character or tab; found out when not given", false,
         false},
    };
    return info;
  }

  std::unique_ptr<ports::Connector> open(const ports::ConnectorOptions& given,
                                         std::stop_token) const override {
    ports::check_options(given, info());
    Options options;
    options.profile = given.profile;
    options.path = ports::text_option(given, "path");
    options.kind = ports::word_option(given, "kind",
                                      {{"auto", Kind::automatic},
                                       {"dictionary", Kind::dictionary},
                                       {"canonical", Kind::canonical}},
                                      options.kind);
    options.delimiter = ports::delimiter_option(given, "delimiter");
    if (options.path.empty()) {
      for (const auto& folder : given.data_directories) {
        if (fs::is_directory(fs::path{folder} / "entities")) {
          options.entity_folders.push_back(fs::path{folder} / "entities");
        }
      }
      if (options.entity_folders.empty()) {
        throw Error{ErrorCode::configuration,
                    fmt::format("profile '{}': no canonical entities were found", given.profile),
                    "give option 'path': a file or a folder"};
      }
    } else if (!fs::exists(options.path)) {
      throw Error{ErrorCode::not_found,
                  fmt::format("path '{}' does not exist", options.path.string()),
                  "check the spelling; relative paths start at the file that names them, or at "
                  "the current folder"};
    }
    return std::make_unique<DictionaryConnector>(std::move(options));
  }
};

}  // namespace

const ports::ConnectorFactory& factory() {
  static const DictionaryFactory instance;
  return instance;
}

}  // namespace mapctl::connectors::dictionary
