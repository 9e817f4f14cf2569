// SPDX-License-Identifier: Apache-2.0
#include "core/ports/module.hpp"

#include "connectors/duckdb/connector.hpp"

extern "C" __attribute__((visibility("default"))) const MapctlModuleEntry* mapctl_module_entry();

extern "C" const MapctlModuleEntry* mapctl_module_entry() {
  static const MapctlModuleEntry entry{mapctl::ports::module_interface,
                                       {&mapctl::connectors::duckdb::factory(), nullptr}};
  return &entry;
}
