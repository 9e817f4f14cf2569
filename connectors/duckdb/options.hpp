// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"
#include "core/ports/connector.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mapctl::connectors::duckdb {

enum class Format : std::uint8_t { automatic, csv, json, json_lines, parquet };
enum class Header : std::uint8_t { automatic, present, absent };

struct FileOptions {
  std::string profile{};
  std::filesystem::path path{};
  Format format = Format::automatic;
  std::string encoding{};           // empty: UTF-8, or what a byte order mark says
  std::optional<char> delimiter{};  // of CSV
  std::optional<char> quote{};      // of CSV; '\0': none
  Header header = Header::automatic;
  std::optional<std::size_t> skip_lines{};  // of CSV, above the header; found out when not given
  std::vector<std::string> null_values{};   // beside the empty field
  std::int64_t sample_rows = 20'000;        // rows looked at for types, patterns and samples
  bool skip_bad_rows = false;               // when rows are read; discovery always goes on
};

// Throws Error::configuration for unknown, missing or unusable options.
FileOptions parse_options(const ports::ConnectorOptions& options);

// A hint about `file` that names an option ("`encoding: latin-1`"). Where the endpoint is a
// location, which takes none, it goes on with the command that makes a profile.
std::string hint_for_endpoint(const FileOptions& options, const std::filesystem::path& file,
                              const std::string& hint);
Error with_hint_for_endpoint(const FileOptions& options, const std::filesystem::path& file,
                             const Error& error);

}  // namespace mapctl::connectors::duckdb
