// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/sheet_source.hpp"

namespace mapctl::connectors::xlsx {

// Workbooks as Excel, LibreOffice and others write them: either edition of the standard, any
// namespace prefix, shared and inline texts, rows and cells with and without addresses.
class XlsxSheetSourceFactory final : public ports::SheetSourceFactory {
 public:
  std::unique_ptr<ports::SheetSource> open(const std::filesystem::path& path,
                                           const ports::SheetLimits& limits) const override;
};

}  // namespace mapctl::connectors::xlsx
