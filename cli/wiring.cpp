// SPDX-License-Identifier: Apache-2.0
#include "cli/wiring.hpp"

#include "connectors/dictionary/connector.hpp"
#include "connectors/sqlite/connector.hpp"
#include "connectors/sqlite/session.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>
#if defined(MAPCTL_LINKED_DUCKDB)
#include "connectors/duckdb/connector.hpp"
#endif
#if defined(MAPCTL_LINKED_XLSX)
#include "connectors/xlsx/archive.hpp"
#include "connectors/xlsx/sheets.hpp"
#endif

namespace mapctl::cli {
namespace fs = std::filesystem;
namespace {

#if defined(MAPCTL_LINKED_DUCKDB)
constexpr auto duckdb_availability = Wiring::Availability::linked;
#elif defined(MAPCTL_MODULE_DUCKDB)
constexpr auto duckdb_availability = Wiring::Availability::module;
#else
constexpr auto duckdb_availability = Wiring::Availability::left_out;
#endif

// What the module's own info() says, so that listing connectors loads nothing; `mapctl doctor`
// compares the two.
ports::ConnectorInfo file_info() {
  ports::ConnectorInfo info;
  info.name = "file";
  info.description = "CSV, JSON, JSON Lines and Parquet files, and folders of them";
  info.kind = "file";
  info.capabilities.discovers_statistics = true;
  info.capabilities.counts_rows = true;
  info.capabilities.reads_rows = true;
  info.capabilities.has_schemas = true;
  info.options = {
      {"path", "file, or folder whose files are tables and whose sub-folders are schemas", true,
       true},
      {"format", "auto (by name and content), csv, json, jsonl or parquet", false, false},
      {"encoding", "of text files: utf-8, utf-16, latin-1, windows-1252 or any other iconv knows",
       false, false},
      {"delimiter", "of CSV fields: one character or tab; found out when not given", false, false},
      {"quote", "of CSV fields: one character or none; \" when not given", false, false},
      {"header", "whether CSV files begin with names: auto, true or false", false, false},
      {"null_values", "words for no value beside the empty field, separated by commas", false,
       false},
      {"sample_rows", "rows looked at for types, patterns and samples, 20000 when not given", false,
       false},
      {"bad_rows", "when rows are read and one has too many or too few fields: fail or skip", false,
       false},
  };
  return info;
}

}  // namespace

Wiring::Wiring(fs::path executable_directory)
    : module_directory_{(executable_directory / MAPCTL_MODULE_PATH).lexically_normal()},
      shipped_profiles_{(executable_directory / MAPCTL_DATA_PATH / "profiles").lexically_normal()} {
  entries_.push_back({connectors::sqlite::factory().info(), Availability::linked, {}, {}});
  entries_.push_back({file_info(), duckdb_availability,
                      duckdb_availability == Availability::linked ? "" : "duckdb",
                      "MAPCTL_WITH_DUCKDB=ON"});
  entries_.push_back({connectors::dictionary::factory().info(), Availability::linked, {}, {}});
}

const Wiring::Entry* Wiring::find(std::string_view connector) const noexcept {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.info.name == connector; });
  return found == entries_.end() ? nullptr : &*found;
}

const ports::ConnectorFactory& Wiring::connector(std::string_view name) {
  const Entry* entry = find(name);
  if (entry == nullptr) {
    std::vector<std::string> known;
    for (const Entry& other : entries_) {
      known.push_back(other.info.name);
    }
    throw Error{ErrorCode::configuration, fmt::format("no connector is named '{}'", name),
                suggestion(name, known)};
  }
  if (entry->availability == Availability::left_out) {
    throw Error{ErrorCode::unsupported,
                fmt::format("connector '{}' is not in this build of mapctl", name),
                fmt::format("build mapctl with -D {}", entry->build_option)};
  }
  if (entry->availability == Availability::module) {
    const ports::Module& module = load_module(entry->module);
    if (module.connector == nullptr) {
      throw Error{ErrorCode::internal,
                  fmt::format("module '{}' offers no connector", entry->module)};
    }
    return *module.connector;
  }
  if (name == "sqlite") {
    return connectors::sqlite::factory();
  }
#if defined(MAPCTL_LINKED_DUCKDB)
  if (name == "file") {
    return connectors::duckdb::factory();
  }
#endif
  return connectors::dictionary::factory();
}

const ports::SheetSinkFactory& Wiring::sheets() {
#if defined(MAPCTL_LINKED_XLSX)
  static const connectors::xlsx::XlsxSheetSinkFactory factory;
  return factory;
#else
  const ports::Module& module = load_module("xlsx");
  if (module.sheets == nullptr) {
    throw Error{ErrorCode::internal, "module 'xlsx' writes no workbooks"};
  }
  return *module.sheets;
#endif
}

const ports::ArchiveSinkFactory& Wiring::archives() {
#if defined(MAPCTL_LINKED_XLSX)
  static const connectors::xlsx::ZipArchiveSinkFactory factory;
  return factory;
#else
  const ports::Module& module = load_module("xlsx");
  if (module.archives == nullptr) {
    throw Error{ErrorCode::internal, "module 'xlsx' writes no archives"};
  }
  return *module.archives;
#endif
}

std::vector<std::string> Wiring::modules() const {
  std::vector<std::string> names;
#if defined(MAPCTL_MODULE_DUCKDB)
  names.emplace_back("duckdb");
#endif
#if defined(MAPCTL_MODULE_XLSX)
  names.emplace_back("xlsx");
#endif
  return names;
}

fs::path Wiring::module_path(std::string_view name) const {
  return module_directory_ / fmt::format("mapctl_{}.so", name);
}

const ports::Module& Wiring::load_module(std::string_view name) {
  const std::lock_guard lock{mutex_};
  if (const auto found = loaded_.find(name); found != loaded_.end()) {
    return found->second;
  }
  const fs::path path = module_path(name);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    throw Error{ErrorCode::unsupported,
                fmt::format("module '{}' is missing: there is no '{}'", name, path.string()),
                "install mapctl completely, or build it with -D MAPCTL_LINK_CONNECTORS=ON"};
  }
  // Never unloaded: what it makes may live until the program ends.
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* cause = ::dlerror();
    throw Error{ErrorCode::unsupported,
                fmt::format("module '{}' cannot be loaded: {}", name,
                            cause == nullptr ? "no reason given" : cause),
                "install the library that it needs; 'mapctl doctor' checks all modules"};
  }
  void* symbol = ::dlsym(handle, MAPCTL_MODULE_ENTRY_NAME);
  if (symbol == nullptr) {
    throw Error{ErrorCode::unsupported,
                fmt::format("'{}' is not a module of mapctl", path.string()),
                "install mapctl again"};
  }
  const MapctlModuleEntry* entry = reinterpret_cast<MapctlModuleFunction>(symbol)();
  if (entry == nullptr || entry->interface_version != ports::module_interface) {
    throw Error{
        ErrorCode::unsupported,
        fmt::format("module '{}' has interface {}, but this mapctl needs {}", name,
                    entry == nullptr ? 0U : entry->interface_version, ports::module_interface),
        "install module and program from the same version"};
  }
  return loaded_.emplace(std::string{name}, entry->module).first->second;
}

std::unique_ptr<ports::SqlSession> Wiring::open_registry(const fs::path& path, bool create,
                                                         std::stop_token stop) const {
  using connectors::sqlite::OpenMode;
  connectors::sqlite::SessionSettings settings;
  settings.stop = std::move(stop);
  return connectors::sqlite::open_registry_session(
      path, create ? OpenMode::create : OpenMode::read_write, settings);
}

fs::path executable_directory() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) {
    throw Error{ErrorCode::io,
                fmt::format("the program's own file cannot be found: {}", error.message()),
                "mapctl needs /proc"};
  }
  return self.parent_path();
}

}  // namespace mapctl::cli
