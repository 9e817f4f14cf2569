// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>

namespace mapctl::connectors::duckdb {

// The encoding that a byte order mark at the start names, "utf-8" without one.
std::string_view encoding_of_mark(std::string_view start) noexcept;

bool is_utf8(std::string_view encoding) noexcept;

// Writes `file` as UTF-8 without byte order mark to `destination`, in bounded memory. Throws Error:
// configuration for an encoding that nobody knows, invalid_data naming file and byte offset for
// bytes that it does not have, io, denied, resource_limit, cancelled.
void convert_to_utf8(const std::filesystem::path& file, const std::string& encoding,
                     const std::filesystem::path& destination, std::stop_token stop);

// Writes `head` and what `file` has from `offset` on to `destination`. Throws Error: io, denied,
// resource_limit, cancelled.
void copy_with_head(const std::filesystem::path& file, std::size_t offset, std::string_view head,
                    const std::filesystem::path& destination, const std::stop_token& stop);

// The first `limit` bytes; `complete` tells whether they are all.
struct FileStart {
  std::string text{};
  bool complete = false;
};
FileStart read_start(const std::filesystem::path& file, std::size_t limit);

// Throws Error::invalid_data naming file, byte offset and line of the first ill-formed sequence; a
// character cut in two by the end of an incomplete start is none.
void require_utf8(const FileStart& start, const std::filesystem::path& file);

}  // namespace mapctl::connectors::duckdb
