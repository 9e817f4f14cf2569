// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/duckdb/csv_text.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::connectors::duckdb {

// A number, date, address and the like: what is no name of a column.
bool is_typed(std::string_view value);
bool looks_like_year(std::string_view value) noexcept;

// Whether every field is a name, and none stands twice.
bool are_names(const std::vector<std::string>& fields);

// What Excel writes and reads as a first line: "sep=;".
std::optional<char> separator_line(std::string_view start);

// Where the names of columns stand when something stands above them, as the title of a report does.
struct HeaderPlace {
  std::size_t line = 0;  // from 1
  bool sure = false;     // a blank line parts them, or columns of numbers and dates begin below
};

// Looks through the start of a file whose rows have `width` fields; none where the first record is
// as wide as the others are.
std::optional<HeaderPlace> find_lower_header(std::string_view start, bool complete,
                                             const Dialect& dialect, std::size_t width);

}  // namespace mapctl::connectors::duckdb
