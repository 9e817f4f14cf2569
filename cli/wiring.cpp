// SPDX-License-Identifier: Apache-2.0
#include "cli/wiring.hpp"

#include "cli/connector_facts.hpp"
#include "connectors/couchdb/info.hpp"
#include "connectors/couchdb/parts.hpp"
#include "connectors/dictionary/connector.hpp"
#include "connectors/dictionary/facts.hpp"
#include "connectors/duckdb/info.hpp"
#include "connectors/duckdb/parts.hpp"
#include "connectors/http/parts.hpp"
#include "connectors/mongodb/info.hpp"
#include "connectors/mongodb/parts.hpp"
#include "connectors/odbc/info.hpp"
#include "connectors/odbc/parts.hpp"
#include "connectors/postgres/info.hpp"
#include "connectors/postgres/parts.hpp"
#include "connectors/rest/info.hpp"
#include "connectors/rest/parts.hpp"
#include "connectors/salesforce/info.hpp"
#include "connectors/salesforce/parts.hpp"
#include "connectors/sqlite/connector.hpp"
#include "connectors/sqlite/facts.hpp"
#include "connectors/sqlite/session.hpp"
#include "connectors/xlsx/parts.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace mapctl::cli {
namespace fs = std::filesystem;
namespace {

using Availability = Wiring::Availability;

constexpr Availability availability(bool linked, bool module) {
  return linked ? Availability::linked : module ? Availability::module : Availability::left_out;
}

constexpr auto with_duckdb = availability(MAPCTL_LINKED_DUCKDB != 0, MAPCTL_MODULE_DUCKDB != 0);
constexpr auto with_postgres =
    availability(MAPCTL_LINKED_POSTGRES != 0, MAPCTL_MODULE_POSTGRES != 0);
constexpr auto with_http = availability(MAPCTL_LINKED_HTTP != 0, MAPCTL_MODULE_HTTP != 0);
constexpr auto with_odbc = availability(MAPCTL_LINKED_ODBC != 0, MAPCTL_MODULE_ODBC != 0);
constexpr auto with_rest = availability(MAPCTL_LINKED_REST != 0, MAPCTL_MODULE_REST != 0);
constexpr auto with_couchdb = availability(MAPCTL_LINKED_COUCHDB != 0, MAPCTL_MODULE_COUCHDB != 0);
constexpr auto with_mongodb = availability(MAPCTL_LINKED_MONGODB != 0, MAPCTL_MODULE_MONGODB != 0);
constexpr auto with_salesforce =
    availability(MAPCTL_LINKED_SALESFORCE != 0, MAPCTL_MODULE_SALESFORCE != 0);
constexpr auto with_xlsx = availability(MAPCTL_LINKED_XLSX != 0, MAPCTL_MODULE_XLSX != 0);

// Null for what is loaded, or is not in this build: its code is then not asked for either.
const ports::Module* linked_parts(std::string_view module) {
  if constexpr (with_duckdb == Availability::linked) {
    if (module == "duckdb") {
      return &connectors::duckdb::parts();
    }
  }
  if constexpr (with_postgres == Availability::linked) {
    if (module == "postgres") {
      return &connectors::postgres::parts();
    }
  }
  if constexpr (with_http == Availability::linked) {
    if (module == "http") {
      return &connectors::http::parts();
    }
  }
  if constexpr (with_odbc == Availability::linked) {
    if (module == "odbc") {
      return &connectors::odbc::parts();
    }
  }
  if constexpr (with_rest == Availability::linked) {
    if (module == "rest") {
      return &connectors::rest::parts();
    }
  }
  if constexpr (with_couchdb == Availability::linked) {
    if (module == "couchdb") {
      return &connectors::couchdb::parts();
    }
  }
  if constexpr (with_mongodb == Availability::linked) {
    if (module == "mongodb") {
      return &connectors::mongodb::parts();
    }
  }
  if constexpr (with_salesforce == Availability::linked) {
    if (module == "salesforce") {
      return &connectors::salesforce::parts();
    }
  }
  if constexpr (with_xlsx == Availability::linked) {
    if (module == "xlsx") {
      return &connectors::xlsx::parts();
    }
  }
  return nullptr;
}

}  // namespace

Wiring::Wiring(fs::path executable_directory)
    : module_directory_{(executable_directory / MAPCTL_MODULE_PATH).lexically_normal()},
      shipped_profiles_{(executable_directory / MAPCTL_DATA_PATH / "profiles").lexically_normal()} {
  entries_.push_back({connectors::sqlite::factory().info(), Availability::linked, {}, {}});
  entries_.push_back({connectors::duckdb::info(), with_duckdb, "duckdb", "MAPCTL_WITH_DUCKDB=ON"});
  entries_.push_back({connectors::dictionary::factory().info(), Availability::linked, {}, {}});
  entries_.push_back(
      {connectors::postgres::info(), with_postgres, "postgres", "MAPCTL_WITH_POSTGRES=ON"});
  entries_.push_back({connectors::odbc::info(), with_odbc, "odbc", "MAPCTL_WITH_ODBC=ON"});
  entries_.push_back({connectors::rest::info(), with_rest, "rest", "MAPCTL_WITH_REST=ON"});
  entries_.push_back(
      {connectors::salesforce::info(), with_salesforce, "salesforce", "MAPCTL_WITH_SALESFORCE=ON"});
  entries_.push_back(
      {connectors::couchdb::info(), with_couchdb, "couchdb", "MAPCTL_WITH_COUCHDB=ON"});
  entries_.push_back(
      {connectors::mongodb::info(), with_mongodb, "mongodb", "MAPCTL_WITH_MONGODB=ON"});
}

ports::ConnectorFacts connector_facts(std::string_view connector) {
  using Facts = ports::ConnectorFacts (*)();
  static constexpr std::pair<std::string_view, Facts> known[] = {
      {"sqlite", &connectors::sqlite::facts},
      {"file", &connectors::duckdb::facts},
      {"dictionary", &connectors::dictionary::facts},
      {"postgres", &connectors::postgres::facts},
      {"odbc", &connectors::odbc::facts},
      {"rest", &connectors::rest::facts},
      {"salesforce", &connectors::salesforce::facts},
      {"couchdb", &connectors::couchdb::facts},
      {"mongodb", &connectors::mongodb::facts}};
  for (const auto& [name, facts] : known) {
    if (name == connector) {
      return facts();
    }
  }
  return {};
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
  if (entry->module.empty()) {
    return name == "sqlite" ? connectors::sqlite::factory() : connectors::dictionary::factory();
  }
  const ports::Module& found = parts(entry->module);
  if (found.connector == nullptr) {
    throw Error{ErrorCode::internal, fmt::format("module '{}' offers no connector", entry->module)};
  }
  return *found.connector;
}

const ports::SheetSinkFactory& Wiring::sheets() {
  const ports::Module& found = parts("xlsx");
  if (found.sheets == nullptr) {
    throw Error{ErrorCode::internal, "module 'xlsx' writes no workbooks"};
  }
  return *found.sheets;
}

const ports::ArchiveSinkFactory& Wiring::archives() {
  const ports::Module& found = parts("xlsx");
  if (found.archives == nullptr) {
    throw Error{ErrorCode::internal, "module 'xlsx' writes no archives"};
  }
  return *found.archives;
}

const ports::SheetSourceFactory& Wiring::readers() {
  const ports::Module& found = parts("xlsx");
  if (found.readers == nullptr) {
    throw Error{ErrorCode::internal, "module 'xlsx' reads no workbooks"};
  }
  return *found.readers;
}

const ports::HttpClientFactory& Wiring::http() {
  if (with_http == Availability::left_out) {
    throw Error{ErrorCode::unsupported, "this build of mapctl has no HTTP client",
                "build mapctl with -D MAPCTL_WITH_HTTP=ON"};
  }
  const ports::Module& found = parts("http");
  if (found.http == nullptr) {
    throw Error{ErrorCode::internal, "module 'http' offers no HTTP client"};
  }
  return *found.http;
}

const ports::Module& Wiring::parts(std::string_view module) {
  const ports::Module* linked = linked_parts(module);
  return linked != nullptr ? *linked : load_module(module);
}

std::vector<std::string> Wiring::modules() const {
  std::vector<std::string> names;
  if (with_duckdb == Availability::module) {
    names.emplace_back("duckdb");
  }
  if (with_postgres == Availability::module) {
    names.emplace_back("postgres");
  }
  if (with_http == Availability::module) {
    names.emplace_back("http");
  }
  if (with_odbc == Availability::module) {
    names.emplace_back("odbc");
  }
  if (with_rest == Availability::module) {
    names.emplace_back("rest");
  }
  if (with_couchdb == Availability::module) {
    names.emplace_back("couchdb");
  }
  if (with_mongodb == Availability::module) {
    names.emplace_back("mongodb");
  }
  if (with_salesforce == Availability::module) {
    names.emplace_back("salesforce");
  }
  if (with_xlsx == Availability::module) {
    names.emplace_back("xlsx");
  }
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

std::unique_ptr<ports::SqlSession> Wiring::open_registry(const config::RegistryPlace& place,
                                                         bool create, std::stop_token stop) {
  if (place.is_on_server()) {
    if (with_postgres == Availability::left_out) {
      throw Error{ErrorCode::unsupported, "this build of mapctl has no registry on PostgreSQL",
                  "build mapctl with -D MAPCTL_WITH_POSTGRES=ON, or name a file"};
    }
    const ports::Module& found = parts("postgres");
    if (found.sessions == nullptr) {
      throw Error{ErrorCode::internal, "module 'postgres' opens no registries"};
    }
    return found.sessions->open({place.url, create}, std::move(stop));
  }
  using connectors::sqlite::OpenMode;
  connectors::sqlite::SessionSettings settings;
  settings.stop = std::move(stop);
  return connectors::sqlite::open_registry_session(
      place.file, create ? OpenMode::create : OpenMode::read_write, settings);
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
