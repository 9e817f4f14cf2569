// SPDX-License-Identifier: Apache-2.0
#include "core/ports/module.hpp"

#include "connectors/xlsx/archive.hpp"
#include "connectors/xlsx/sheets.hpp"

extern "C" __attribute__((visibility("default"))) const MapctlModuleEntry* mapctl_module_entry();

const MapctlModuleEntry* mapctl_module_entry() {
  static const mapctl::connectors::xlsx::XlsxSheetSinkFactory sheets;
  static const mapctl::connectors::xlsx::ZipArchiveSinkFactory archives;
  static const MapctlModuleEntry entry{mapctl::ports::module_interface,
                                       mapctl::ports::Module{nullptr, &sheets, &archives}};
  return &entry;
}
