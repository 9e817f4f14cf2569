// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/handle.hpp"

#include <minizip/zip.h>
#include <xlsxwriter.h>

#include <memory>

namespace mapctl::connectors::xlsx {

// Frees without writing; workbook_close() writes and frees.
using WorkbookHandle = Handle<lxw_workbook, &lxw_workbook_free>;

// zipFile is a void pointer, so the deleter names the type.
struct ZipCloser {
  using pointer = zipFile;
  void operator()(zipFile file) const noexcept { zipClose(file, nullptr); }
};
using ZipHandle = std::unique_ptr<void, ZipCloser>;

}  // namespace mapctl::connectors::xlsx
