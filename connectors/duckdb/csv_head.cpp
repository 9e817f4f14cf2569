// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/csv_head.hpp"

#include "connectors/duckdb/column_guess.hpp"
#include "core/base/ascii.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <set>

namespace mapctl::connectors::duckdb {
namespace {

constexpr std::size_t title_records = 20;
constexpr std::size_t rows_below = 200;

std::size_t filled(const std::vector<std::string>& fields) {
  return static_cast<std::size_t>(std::count_if(
      fields.begin(), fields.end(), [](const std::string& field) { return !trim(field).empty(); }));
}

// Whether a column has nothing but numbers, dates and the like in the records to come.
bool has_typed_column(RecordSplitter& records, bool complete, std::size_t size, std::size_t width) {
  std::vector<bool> typed(width, false);
  std::vector<bool> text(width, false);
  std::vector<std::string> fields;
  for (std::size_t row = 0; row < rows_below && records.next(fields); ++row) {
    if (!complete && records.offset() >= size) {
      break;
    }
    for (std::size_t i = 0; i < std::min(width, fields.size()); ++i) {
      if (!fields[i].empty()) {
        (is_typed(fields[i]) ? typed : text)[i] = true;
      }
    }
  }
  for (std::size_t i = 0; i < width; ++i) {
    if (typed[i] && !text[i]) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool looks_like_year(std::string_view value) noexcept {
  return value.size() == 4 && (value.starts_with("19") || value.starts_with("20")) &&
         std::all_of(value.begin(), value.end(), is_digit);
}

bool is_typed(std::string_view value) {
  ColumnGuess guess;
  guess.add(value);
  return !guess.is_text() || looks_like_uuid(value) || value.find('@') != std::string_view::npos ||
         value.starts_with("http://") || value.starts_with("https://");
}

bool are_names(const std::vector<std::string>& fields) {
  std::set<std::string_view> seen;
  return std::all_of(fields.begin(), fields.end(), [&](const std::string& field) {
    const auto name = trim(field);
    return !name.empty() && seen.insert(name).second && (!is_typed(name) || looks_like_year(name));
  });
}

std::optional<char> separator_line(std::string_view start) {
  auto line = start.substr(0, start.find_first_of("\r\n"));
  if (line.size() > 2 && line.front() == '"' && line.back() == '"') {
    line = line.substr(1, line.size() - 2);
  }
  constexpr std::string_view key = "sep=";
  if (line.size() != key.size() + 1 || !equal_ignoring_case(line.substr(0, key.size()), key)) {
    return std::nullopt;
  }
  return line.back();
}

std::optional<HeaderPlace> find_lower_header(std::string_view start, bool complete,
                                             const Dialect& dialect, std::size_t width) {
  RecordSplitter records{start, dialect};
  std::vector<std::string> fields;
  bool parted = false;
  for (std::size_t i = 0; i < title_records && records.next(fields); ++i) {
    const auto values = filled(fields);
    if (2 * values > width) {
      if (i == 0 || fields.size() != width || !are_names(fields)) {
        return std::nullopt;
      }
      HeaderPlace place{records.line(), parted};
      place.sure = parted || has_typed_column(records, complete, start.size(), width);
      return place;
    }
    const auto next = start.substr(std::min(start.size(), records.offset()), 1);
    parted = parted || values == 0 || next == "\n" || next == "\r";
  }
  return std::nullopt;
}

}  // namespace mapctl::connectors::duckdb
