// SPDX-License-Identifier: Apache-2.0
#include "connectors/xlsx/parts.hpp"

#include "connectors/xlsx/archive.hpp"
#include "connectors/xlsx/reader.hpp"
#include "connectors/xlsx/sheets.hpp"

namespace mapctl::connectors::xlsx {

const ports::Module& parts() {
  static const XlsxSheetSinkFactory sheets;
  static const ZipArchiveSinkFactory archives;
  static const XlsxSheetSourceFactory readers;
  static const ports::Module parts{.sheets = &sheets, .archives = &archives, .readers = &readers};
  return parts;
}

}  // namespace mapctl::connectors::xlsx
