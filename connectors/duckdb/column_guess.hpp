// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/types.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mapctl::connectors::duckdb {

// What a column of text can be read as without losing anything.
struct GuessedType {
  catalog::DataType type{};
  std::string duckdb_type = "VARCHAR";  // to read it with
  std::string date_format{};            // strptime format, for dates that are not ISO
};

// Guesses the type of a column of a text file from its values. Numbers with leading zeros or a plus
// sign are codes, so text; dates whose day and month cannot be told apart stay text as well.
class ColumnGuess {
 public:
  void add(std::string_view value);  // not for empty fields
  GuessedType type() const;
  // Nothing but text was seen, or nothing at all.
  bool is_text() const noexcept;

 private:
  std::uint32_t possible_ = ~0U;
  std::int64_t values_ = 0;
  bool day_decides_ = false;    // a first part above 12, or points between
  bool month_decides_ = false;  // a second part above 12
  char date_separator_ = '\0';
  std::size_t decimals_ = 0;      // of the last number
  bool fixed_point_ = true;       // all numbers have as many decimals, and few
  bool has_long_number_ = false;  // of more digits than every double can hold
};

bool looks_like_uuid(std::string_view value) noexcept;

}  // namespace mapctl::connectors::duckdb
