// SPDX-License-Identifier: Apache-2.0
#include "connectors/mongodb/parts.hpp"

extern "C" __attribute__((visibility("default"))) const MapctlModuleEntry* mapctl_module_entry();

const MapctlModuleEntry* mapctl_module_entry() {
  static const MapctlModuleEntry entry{mapctl::ports::module_interface,
                                       mapctl::connectors::mongodb::parts()};
  return &entry;
}
