// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"

#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace mapctl::connectors::duckdb {

// What DuckDB said, not yet put into words about a file. Never leaves the connector.
class DuckError : public std::exception {
 public:
  explicit DuckError(const char* message) : message_{message != nullptr ? message : ""} {}
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

std::string first_line(std::string_view message);

// "CSV Error on Line: 12" and the like.
std::optional<long long> line_in(std::string_view message);

// The error to show for a message about `file`.
Error translate(std::string_view message, const std::filesystem::path& file);

}  // namespace mapctl::connectors::duckdb
