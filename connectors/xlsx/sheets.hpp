// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/sheet_sink.hpp"

namespace mapctl::connectors::xlsx {

// Workbooks through libxlsxwriter in its constant-memory mode: one row in memory, one temporary
// file a sheet, in the folder of the destination and gone when the sink is.
class XlsxSheetSinkFactory final : public ports::SheetSinkFactory {
 public:
  std::unique_ptr<ports::SheetSink> create(
      const std::filesystem::path& path,
      const ports::WorkbookProperties& properties) const override;
};

}  // namespace mapctl::connectors::xlsx
