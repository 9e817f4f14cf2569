// SPDX-License-Identifier: Apache-2.0
#include "connectors/xlsx/errors.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"

#include <fmt/format.h>
#include <xlsxwriter.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace mapctl::connectors::xlsx {

bool is_full(int error_number) noexcept {
  return error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
}

void throw_full(int error_number, const std::filesystem::path& path) {
  Error::Facts facts;
  facts.code = ErrorCode::resource_limit;
  facts.message = fmt::format("cannot write '{}': {}", path.string(), std::strerror(error_number));
  facts.hint = "free some disk space or choose another place; what stood there before is unchanged";
  facts.native_code = fmt::format("errno {}", error_number);
  throw Error{std::move(facts)};
}

void check(int lxw_error, int error_number, std::string_view action,
           const std::filesystem::path& path) {
  if (lxw_error == LXW_NO_ERROR) {
    return;
  }
  if (is_full(error_number)) {
    throw_full(error_number, path);
  }
  Error::Facts facts;
  const auto code = static_cast<::lxw_error>(lxw_error);
  facts.native_code = fmt::format("libxlsxwriter {}", lxw_error);
  facts.message = fmt::format("cannot {} '{}': {}", action, path.string(), lxw_strerror(code));
  switch (code) {
    case LXW_ERROR_CREATING_XLSX_FILE:
    case LXW_ERROR_CREATING_TMPFILE:
    case LXW_ERROR_ZIP_FILE_OPERATION:
      if (error_number != 0) {
        throw_io_error(error_number, action, path);
      }
      facts.code = ErrorCode::io;
      break;
    case LXW_ERROR_READING_TMPFILE:
    case LXW_ERROR_ZIP_FILE_ADD:
    case LXW_ERROR_ZIP_CLOSE: facts.code = ErrorCode::io; break;
    case LXW_ERROR_MEMORY_MALLOC_FAILED: facts.code = ErrorCode::resource_limit; break;
    default: facts.code = ErrorCode::internal;
  }
  throw Error{std::move(facts)};
}

}  // namespace mapctl::connectors::xlsx
