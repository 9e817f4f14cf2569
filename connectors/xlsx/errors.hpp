// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

namespace mapctl::connectors::xlsx {

// True for the errno values that say that no more bytes fit.
bool is_full(int error_number) noexcept;

// Throws what libxlsxwriter's error code and errno say about `path`; returns for 0, no error.
// `action` is a verb phrase such as "write a cell of".
void check(int lxw_error, int error_number, std::string_view action,
           const std::filesystem::path& path);

// The file cannot take more bytes.
[[noreturn]] void throw_full(int error_number, const std::filesystem::path& path);

}  // namespace mapctl::connectors::xlsx
