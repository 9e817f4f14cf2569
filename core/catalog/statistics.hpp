// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::catalog {

// Forms that values take. Each is a claim about one value, so a column has a share of each.
enum class ValuePattern : std::uint8_t {
  email,
  phone,
  uuid,
  url,
  ip_address,
  iso_date,       // 2026-01-31, or 2026/01/31 and 2026.01.31
  iso_timestamp,  // 2026-01-31T08:00:00Z and close relatives
  // 31/01/2026 and 31-Jan-2026 are day first, 01/31/2026 is month first, 01/02/2026 is both. In the
  // shares of a column such dates count for the order that its other dates have; both orders have
  // the same share only where nothing tells.
  day_first_date,
  month_first_date,
  country_code,   // ISO 3166 alpha-2 or alpha-3
  currency_code,  // ISO 4217
  postcode,
  integer_number,
  decimal_number,  // point as decimal separator
  grouped_number,  // 1,234.50 or 1.234,50 or with a currency sign
  percentage,      // 12 %
  boolean_word,    // true, no, Y, 0 ...
  leading_zeros,   // 00123: a code, not a number
  json_document,
  person_name,
  credit_card,  // with a valid Luhn check digit
  national_id,  // forms such as a US social security number
  padded,       // white space at either end
  null_word,    // N/A, null, none, -: nothing, spelled out
};
inline constexpr int value_pattern_count = static_cast<int>(ValuePattern::null_word) + 1;

std::string_view to_string(ValuePattern pattern) noexcept;
std::optional<ValuePattern> value_pattern_from(std::string_view word) noexcept;

struct PatternShare {
  ValuePattern pattern{};
  double share = 0;  // of the non-null values looked at
  bool operator==(const PatternShare&) const = default;
};

struct FrequentValue {
  std::string text{};
  std::int64_t count = 0;
  bool operator==(const FrequentValue&) const = default;
};

// Why a column is thought to hold personal data.
struct PersonalData {
  std::string kind{};    // "email", "phone", "name", "address", "birth date", "national id", ...
  std::string reason{};  // in words: what in the name or the values says so
  double likelihood = 0;
  bool operator==(const PersonalData&) const = default;
};

// What one pass over a column's rows found. Shares are 0..1.
struct ColumnStatistics {
  std::int64_t rows = 0;                              // rows the figures rest on
  bool sampled = false;                               // fewer than the table has
  double null_share = 0;                              // SQL null, or empty field in a text file
  std::int64_t distinct = 0;                          // an estimate above some thousands
  std::optional<std::string> minimum{}, maximum{};    // as text; masked when personal
  std::optional<double> mean{}, deviation{};          // of numbers
  std::vector<double> quantiles{};                    // of numbers: 0, .1, .25, .5, .75, .9, 1
  std::optional<std::int64_t> shortest{}, longest{};  // characters
  std::optional<double> average_length{};
  int integer_digits = 0;                 // of numbers: most digits before the point ...
  int fraction_digits = 0;                // ... and behind it
  std::vector<PatternShare> patterns{};   // share > 0, largest first
  std::vector<FrequentValue> frequent{};  // most frequent first, ties by text; masked when personal
  std::vector<std::string>
      samples{};  // at most some dozens, in order of appearance; masked when personal
  std::vector<std::uint64_t> sketch{};  // bottom-k value_hash() of distinct values, ascending
  // The first rows' values in their order, empty for null, so that columns of one table can be
  // compared row by row; masked when personal. Long ones are cut and end in "...".
  std::vector<std::string> first_rows{};
  // Of personal columns, whose rows are masked: value_hash() of each of value_parts(), by row;
  // nothing for a value in one part.
  std::vector<std::vector<std::uint64_t>> row_parts{};
  std::optional<double> presence{};  // of nested fields: share of documents that have it

  double share(ValuePattern pattern) const noexcept;
  double distinct_share() const noexcept;  // distinct / non-null rows
  bool tells_rows_apart() const noexcept;  // no two of several rows are equal, and none is null
  bool operator==(const ColumnStatistics&) const = default;
};

// Rows that `first_rows` keeps.
inline constexpr std::size_t first_row_count = 50;

// Of the folded, trimmed text, a number's without idle zeros, as `sketch` has it; 0 for nothing.
std::uint64_t value_hash(std::string_view value);
// What a composed text consists of, trimmed: between its commas, or, without any, its first word
// and the rest. "12 Mill Road, Utrecht" and "Ada King Lovelace" have two parts, "Ada" has one.
std::vector<std::string_view> value_parts(std::string_view value);
// Whether the column has the value, as far as the sketch can tell.
std::optional<bool> holds_value(const ColumnStatistics& statistics, std::uint64_t hash) noexcept;

// Whether a name says that its column tells rows apart: "id", "order_no", "customerKey".
bool is_named_like_key(std::string_view name);

// Estimated Jaccard similarity and containment (|A and B| / |A|) of two columns' distinct values,
// from bottom-k sketches (Cohen and Kaplan 2007). Empty sketches give 0.
struct Overlap {
  double jaccard = 0;
  double left_in_right = 0;
  double right_in_left = 0;
};
Overlap estimate_overlap(const ColumnStatistics& left, const ColumnStatistics& right) noexcept;
inline constexpr std::size_t sketch_size = 256;

}  // namespace mapctl::catalog
