// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/column_guess.hpp"

#include "core/base/ascii.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace mapctl::connectors::duckdb {
namespace {

using catalog::LogicalType;

enum Possible : std::uint32_t {
  boolean = 1U << 0U,
  integer = 1U << 1U,
  decimal = 1U << 2U,
  floating = 1U << 3U,
  iso_date = 1U << 4U,
  iso_timestamp = 1U << 5U,
  iso_moment = 1U << 6U,
  clock_time = 1U << 7U,
  slash_date = 1U << 8U,
};

// A 64-bit integer holds every number of 18 digits, a double of 15.
constexpr std::size_t integer_digits = 18;
constexpr std::size_t double_digits = 15;
constexpr std::size_t most_digits = 60;
// Few decimals, and as many in each value: an amount that is exact, not what a double was printed
// as.
constexpr std::size_t fixed_decimals = 9;

// Takes characters off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_{text} {}
  std::size_t digits() noexcept {
    std::size_t count = 0;
    while (count < rest_.size() && is_digit(rest_[count])) {
      ++count;
    }
    rest_.remove_prefix(count);
    return count;
  }
  bool one(char c) noexcept {
    const bool found = rest_.starts_with(c);
    rest_.remove_prefix(found ? 1 : 0);
    return found;
  }
  // A number of exactly, or with a smaller minimum up to, `most` digits.
  std::optional<int> number(std::size_t least, std::size_t most) noexcept {
    int value = 0;
    std::size_t count = 0;
    while (count < most && count < rest_.size() && is_digit(rest_[count])) {
      value = value * 10 + (rest_[count] - '0');
      ++count;
    }
    if (count < least) {
      return std::nullopt;
    }
    rest_.remove_prefix(count);
    return value;
  }
  char peek() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }
  bool at_end() const noexcept { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// The digits of a number from the first that is not zero to the exponent.
std::string significant_digits(std::string_view number) {
  std::string digits;
  for (const char c : number.substr(0, number.find_first_of("eE"))) {
    if (is_digit(c) && (c != '0' || !digits.empty())) {
      digits += c;
    }
  }
  return digits;
}

// Whether a double printed with as many digits is the number again.
bool double_repeats(std::string_view number, std::string_view digits) {
  double value = 0;
  const auto* end = number.data() + number.size();
  const auto parsed = std::from_chars(number.data(), end, value);
  return digits.size() <= most_digits && parsed.ec == std::errc{} && parsed.ptr == end &&
         significant_digits(fmt::format("{:.{}e}", value, digits.size() - 1)) == digits;
}

struct NumberForms {
  std::uint32_t forms = 0;
  std::size_t decimals = 0;
  bool is_long = false;  // has more digits than every double can hold
};

NumberForms number_forms(std::string_view value) {
  Scanner scan{value};
  scan.one('-');
  const bool zero = scan.peek() == '0';
  const auto whole = scan.digits();
  if (zero && whole > 1) {
    return {};  // a code
  }
  if (whole > 0 && scan.at_end()) {
    if (whole > integer_digits) {
      return {};
    }
    return {integer | (whole <= double_digits ? decimal | floating : 0U)};
  }
  std::size_t fraction = 0;
  if (scan.one('.')) {
    fraction = scan.digits();
    if (fraction == 0) {
      return {};
    }
  }
  if (whole + fraction == 0) {
    return {};
  }
  bool is_long = false;
  if (whole + fraction > double_digits) {
    const auto digits = significant_digits(value);
    is_long = digits.size() > double_digits;
    if (is_long && !double_repeats(value, digits)) {
      return {};
    }
  }
  if (scan.at_end()) {
    return {is_long ? std::uint32_t{floating} : decimal | floating, fraction, is_long};
  }
  if (!scan.one('e') && !scan.one('E')) {
    return {};
  }
  if (!scan.one('-')) {
    scan.one('+');
  }
  const auto exponent = scan.digits();
  if (exponent == 0 || exponent > 2 || !scan.at_end()) {
    return {};
  }
  // An exponent is what doubles are printed with, however many decimals stand before it.
  return {floating, fixed_decimals + 1, is_long};
}

bool is_day(std::optional<int> month, std::optional<int> day) noexcept {
  constexpr std::array days{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month && day && *month >= 1 && *month <= 12 && *day >= 1 &&
         *day <= days[static_cast<std::size_t>(*month) - 1];
}

bool clock(Scanner& scan) noexcept {
  const auto hour = scan.number(2, 2);
  if (!hour || *hour > 23 || !scan.one(':')) {
    return false;
  }
  const auto minute = scan.number(2, 2);
  if (!minute || *minute > 59) {
    return false;
  }
  if (!scan.one(':')) {
    return true;
  }
  const auto second = scan.number(2, 2);
  if (!second || *second > 59) {
    return false;
  }
  if (scan.one('.')) {
    const auto digits = scan.digits();
    return digits >= 1 && digits <= 6;
  }
  return true;
}

std::uint32_t date_forms(std::string_view value) noexcept {
  Scanner scan{value};
  if (!scan.number(4, 4) || !scan.one('-')) {
    Scanner time{value};
    return clock(time) && time.at_end() ? std::uint32_t{clock_time} : 0U;
  }
  const auto month = scan.number(2, 2);
  if (!scan.one('-') || !is_day(month, scan.number(2, 2))) {
    return 0;
  }
  if (scan.at_end()) {
    return iso_date | iso_timestamp;
  }
  if ((!scan.one('T') && !scan.one(' ')) || !clock(scan)) {
    return 0;
  }
  if (scan.at_end()) {
    return iso_timestamp;
  }
  if (scan.one('Z')) {
    return scan.at_end() ? std::uint32_t{iso_moment} : 0U;
  }
  if (!scan.one('+') && !scan.one('-')) {
    return 0;
  }
  const auto hours = scan.number(2, 2);
  if (!hours || *hours > 14) {
    return 0;
  }
  if (!scan.at_end() && (!scan.one(':') || !scan.number(2, 2))) {
    return 0;
  }
  return scan.at_end() ? std::uint32_t{iso_moment} : 0U;
}

struct SlashDate {
  int first = 0, second = 0;
  char separator = '\0';
};

std::optional<SlashDate> slash_date_of(std::string_view value) noexcept {
  Scanner scan{value};
  const auto first = scan.number(1, 2);
  const char separator = scan.peek();
  if (!first || (separator != '/' && separator != '.' && separator != '-')) {
    return std::nullopt;
  }
  scan.one(separator);
  const auto second = scan.number(1, 2);
  if (!second || !scan.one(separator)) {
    return std::nullopt;
  }
  const auto year = scan.number(4, 4);
  if (!year || !scan.at_end() || (!is_day(second, first) && !is_day(first, second))) {
    return std::nullopt;
  }
  return SlashDate{*first, *second, separator};
}

catalog::DataType make(LogicalType logical, std::string native) {
  catalog::DataType type;
  type.logical = logical;
  type.native = std::move(native);
  return type;
}

}  // namespace

void ColumnGuess::add(std::string_view value) {
  ++values_;
  if (possible_ == 0) {
    return;
  }
  std::uint32_t forms = 0;
  const char start = value.empty() ? '\0' : value.front();
  if (is_digit(start) || start == '-' || start == '.') {
    const auto number = number_forms(value);
    forms = number.forms | date_forms(value);
    if (number.forms != 0) {
      has_long_number_ = has_long_number_ || number.is_long;
      fixed_point_ = fixed_point_ && number.decimals <= fixed_decimals &&
                     (values_ == 1 || number.decimals == decimals_);
      decimals_ = number.decimals;
    }
    if (const auto date = slash_date_of(value);
        date && (date_separator_ == '\0' || date_separator_ == date->separator)) {
      forms |= slash_date;
      date_separator_ = date->separator;
      day_decides_ = day_decides_ || date->first > 12 || date->separator == '.';
      month_decides_ = month_decides_ || date->second > 12;
    }
  } else if (equal_ignoring_case(value, "true") || equal_ignoring_case(value, "false")) {
    forms = boolean;
  }
  possible_ &= forms;
}

bool ColumnGuess::is_text() const noexcept {
  const bool only_floating = possible_ == floating;
  return values_ == 0 || possible_ == 0 || (only_floating && has_long_number_ && fixed_point_);
}

GuessedType ColumnGuess::type() const {
  GuessedType guess;
  guess.type = make(LogicalType::string, "VARCHAR");
  if (is_text()) {
    return guess;
  }
  const auto can_be = [&](Possible form) { return (possible_ & form) != 0; };
  if (can_be(boolean)) {
    guess.type = make(LogicalType::boolean, "BOOLEAN");
  } else if (can_be(integer)) {
    guess.type = make(LogicalType::integer, "BIGINT");
    guess.type.bits = 64;
  } else if (can_be(decimal)) {
    // The file holds exact decimals; only reading them for figures goes through a double.
    guess.type = make(LogicalType::decimal, "DECIMAL");
    guess.duckdb_type = "DOUBLE";
    return guess;
  } else if (can_be(floating)) {
    guess.type = make(LogicalType::floating, "DOUBLE");
    guess.type.bits = 64;
  } else if (can_be(iso_date)) {
    guess.type = make(LogicalType::date, "DATE");
  } else if (can_be(iso_timestamp)) {
    guess.type = make(LogicalType::timestamp, "TIMESTAMP");
  } else if (can_be(iso_moment)) {
    guess.type = make(LogicalType::timestamp, "TIMESTAMPTZ");
    guess.type.time_zone = true;
  } else if (can_be(clock_time)) {
    guess.type = make(LogicalType::time, "TIME");
    // DuckDB wants seconds; the text sorts as the time does.
    return guess;
  } else if (can_be(slash_date) && day_decides_ != month_decides_) {
    const std::string separator(1, date_separator_);
    guess.date_format = day_decides_ ? "%d" + separator + "%m" + separator + "%Y"
                                     : "%m" + separator + "%d" + separator + "%Y";
    guess.type = make(LogicalType::date, "DATE " + guess.date_format);
    return guess;
  } else {
    return guess;
  }
  guess.duckdb_type = guess.type.native;
  return guess;
}

bool looks_like_uuid(std::string_view value) noexcept {
  if (value.size() != 36) {
    return false;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) {
      return false;
    }
  }
  return true;
}

}  // namespace mapctl::connectors::duckdb
