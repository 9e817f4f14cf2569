// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/archive_sink.hpp"
#include "core/ports/connector.hpp"
#include "core/ports/http_client.hpp"
#include "core/ports/sheet_sink.hpp"
#include "core/ports/sheet_source.hpp"
#include "core/ports/sql_session.hpp"

#include <cstdint>
#include <memory>

namespace mapctl::ports {

// What a loadable module offers; each may be null. The objects live as long as the program.
struct Module {
  const ConnectorFactory* connector = nullptr;
  const SheetSinkFactory* sheets = nullptr;
  const ArchiveSinkFactory* archives = nullptr;
  const SheetSourceFactory* readers = nullptr;
  const SqlSessionFactory* sessions = nullptr;  // registries on a server
  const HttpClientFactory* http = nullptr;
};

// A module and the program must be built from the same ports; the program refuses another number.
inline constexpr std::uint32_t module_interface = 5;

}  // namespace mapctl::ports

// Each module defines this one exported function.
extern "C" {
struct MapctlModuleEntry {
  std::uint32_t interface_version;
  mapctl::ports::Module module;
};
}
#define MAPCTL_MODULE_ENTRY_NAME "mapctl_module_entry"
using MapctlModuleFunction = const MapctlModuleEntry* (*)();
