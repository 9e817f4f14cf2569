// SPDX-License-Identifier: Apache-2.0
// A module of a program yet to come: it says a number that this one does not know.
#include "core/ports/module.hpp"

extern "C" __attribute__((visibility("default"))) const MapctlModuleEntry* mapctl_module_entry();

extern "C" const MapctlModuleEntry* mapctl_module_entry() {
  static const MapctlModuleEntry entry{mapctl::ports::module_interface + 1, {}};
  return &entry;
}
