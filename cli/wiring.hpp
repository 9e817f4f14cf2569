// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/config/settings.hpp"
#include "core/ports/connector.hpp"
#include "core/ports/module.hpp"
#include "core/ports/sql_session.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::cli {

// Which part of the program is where: connectors, modules, shipped data. Modules are loaded when
// they are first needed and stay loaded. Safe to use from several threads.
class Wiring {
 public:
  enum class Availability : std::uint8_t { linked, module, left_out };

  struct Entry {
    ports::ConnectorInfo info{};  // known without loading anything
    Availability availability = Availability::left_out;
    std::string module{};        // "duckdb" of mapctl_duckdb.so; empty for what is always linked
    std::string build_option{};  // that adds it to a build: "MAPCTL_WITH_DUCKDB=ON"
  };

  // `executable_directory` is where the program's own file is; everything else is found from there.
  explicit Wiring(std::filesystem::path executable_directory);

  const std::vector<Entry>& connectors() const noexcept { return entries_; }
  // Null for a name that no connector has.
  const Entry* find(std::string_view connector) const noexcept;
  // Throws Error::configuration for a name that no connector has, offering the nearest, and
  // Error::unsupported for one that is not in this build or whose module cannot be loaded.
  const ports::ConnectorFactory& connector(std::string_view name);

  const ports::SheetSinkFactory& sheets();
  const ports::ArchiveSinkFactory& archives();
  const ports::SheetSourceFactory& readers();
  const ports::HttpClientFactory& http();

  // Names of the modules that this build loads, and where each should be.
  std::vector<std::string> modules() const;
  std::filesystem::path module_path(std::string_view name) const;
  // Throws Error::unsupported: file missing, not loadable, of another version.
  const ports::Module& load_module(std::string_view name);

  // <prefix>/share/mapctl/profiles.
  const std::filesystem::path& shipped_profiles() const noexcept { return shipped_profiles_; }

  // One on a server loads the postgres module.
  std::unique_ptr<ports::SqlSession> open_registry(const config::RegistryPlace& place, bool create,
                                                   std::stop_token stop);

 private:
  // What a connector's folder offers, linked or loaded now.
  const ports::Module& parts(std::string_view module);

  std::filesystem::path module_directory_;
  std::filesystem::path shipped_profiles_;
  std::vector<Entry> entries_;
  std::mutex mutex_;
  std::map<std::string, ports::Module, std::less<>> loaded_;
};

// The folder of the running program's file.
std::filesystem::path executable_directory();

}  // namespace mapctl::cli
