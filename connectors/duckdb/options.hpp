// SPDX-License-Identifier: Apache-2.0
#pragma once

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

}  // namespace mapctl::connectors::duckdb
