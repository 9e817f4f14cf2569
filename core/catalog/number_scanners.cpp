// SPDX-License-Identifier: Apache-2.0
// Dates, numbers and JSON.
#include "core/base/ascii.hpp"
#include "core/base/moment.hpp"
#include "core/base/text.hpp"
#include "core/catalog/code_lists.hpp"
#include "core/catalog/scanners.hpp"

#include <algorithm>
#include <array>
#include <bitset>

namespace mapctl::catalog::scan {
namespace {

// A text that is eaten from the front.
struct Cursor {
  std::string_view rest;

  bool done() const noexcept { return rest.empty(); }
  char peek() const noexcept { return rest.empty() ? '\0' : rest.front(); }
  bool take(char c) noexcept {
    if (peek() != c) {
      return false;
    }
    rest.remove_prefix(1);
    return true;
  }
  // The run of digits at the front, at most nine of which count.
  int digits(std::size_t& count) noexcept {
    int value = 0;
    for (count = 0; !rest.empty() && is_digit(rest.front()); ++count) {
      value = count < 9 ? value * 10 + (rest.front() - '0') : value;
      rest.remove_prefix(1);
    }
    return value;
  }
};

bool is_day(int year, int month, int day) noexcept {
  constexpr std::array<int, 13> days{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1 || day > days[static_cast<std::size_t>(month)]) {
    return false;
  }
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month != 2 || day < 29 || leap;
}

// hh:mm, hh:mm:ss, hh:mm:ss.ffffff, then AM or PM, then Z, UTC, +hh, +hhmm or +hh:mm.
bool is_time_of_day(Cursor at) noexcept {
  std::size_t count = 0;
  const int hours = at.digits(count);
  if (count < 1 || count > 2 || hours > 24 || !at.take(':')) {
    return false;
  }
  if (at.digits(count) > 59 || count != 2) {
    return false;
  }
  if (at.take(':')) {
    if (at.digits(count) > 60 || count != 2) {
      return false;
    }
    if (at.take('.') || at.take(',')) {
      at.digits(count);
      if (count == 0 || count > 9) {
        return false;
      }
    }
  }
  at.take(' ');
  if (at.rest.size() >= 2 && (equal_ignoring_case(at.rest.substr(0, 2), "am") ||
                              equal_ignoring_case(at.rest.substr(0, 2), "pm"))) {
    at.rest.remove_prefix(2);
    at.take(' ');
  }
  if (at.rest == "UTC" || at.rest == "GMT") {
    return true;
  }
  if (at.take('Z') || at.take('z')) {
    return at.done();
  }
  if (at.take('+') || at.take('-')) {
    const int offset = at.digits(count);
    if (count == 4) {
      return offset <= 1459 && at.done();
    }
    if (count != 2 || offset > 14) {
      return false;
    }
    if (at.take(':') && (at.digits(count) > 59 || count != 2)) {
      return false;
    }
  }
  return at.done();
}

// 1 to 12, for an English name in full or its first three letters; 0 for anything else.
int take_month_name(Cursor& at) noexcept {
  std::size_t size = 0;
  while (size < at.rest.size() && (is_upper(at.rest[size]) || is_lower(at.rest[size]))) {
    ++size;
  }
  const int month = month_from(at.rest.substr(0, size));
  if (month > 0) {
    at.rest.remove_prefix(size);
  }
  return month;
}

// Takes a time of day behind a date; false where something else is there.
bool is_time_or_end(Cursor at, Date& date) noexcept {
  if (at.done()) {
    return true;
  }
  date.time_of_day = at.take('T') || at.take(' ') || at.take(',');
  at.take(' ');
  return date.time_of_day && is_time_of_day(at);
}

// "Oct 27, 2021".
Date parse_month_first(Cursor at) noexcept {
  std::size_t day_size = 0;
  std::size_t year_size = 0;
  const int month = take_month_name(at);
  if (month == 0 || !at.take(' ')) {
    return {};
  }
  const int day = at.digits(day_size);
  at.take(',');
  if (day_size > 2 || !at.take(' ')) {
    return {};
  }
  const int year = at.digits(year_size);
  Date date;
  date.month_first = year_size == 4 && is_day(year, month, day);
  return date.month_first && is_time_or_end(at, date) ? date : Date{};
}

// "-Sep-2018" and " September 18" behind a day.
Date parse_named_month(Cursor at, int day) noexcept {
  const char separator = at.peek();
  std::size_t year_size = 0;
  at.take(separator);
  const int month = take_month_name(at);
  if (month == 0 || !at.take(separator)) {
    return {};
  }
  const int year = at.digits(year_size);
  Date date;
  date.day_first =
      (year_size == 4 || year_size == 2) && is_day(year_size == 2 ? 2000 + year : year, month, day);
  return date.day_first && is_time_or_end(at, date) ? date : Date{};
}

}  // namespace

Date parse_date(std::string_view text) noexcept {
  Cursor at{text};
  if (is_upper(at.peek()) || is_lower(at.peek())) {
    return parse_month_first(at);
  }
  std::size_t first_size = 0;
  std::size_t second_size = 0;
  std::size_t third_size = 0;
  const int first = at.digits(first_size);
  const char separator = at.peek();
  if ((first_size != 4 && first_size != 1 && first_size != 2) ||
      (separator != '-' && separator != '/' && separator != '.' && separator != ' ')) {
    return {};
  }
  if (at.rest.size() > 1 && !is_digit(at.rest[1])) {
    return first_size == 4 ? Date{} : parse_named_month(at, first);
  }
  if (separator == ' ') {
    return {};
  }
  at.take(separator);
  const int second = at.digits(second_size);
  if (second_size < 1 || second_size > 2 || !at.take(separator)) {
    return {};
  }
  const int third = at.digits(third_size);
  Date date;
  if (!is_time_or_end(at, date)) {
    return {};
  }
  if (first_size == 4) {
    date.iso = second_size == 2 && third_size == 2 && first > 0 && is_day(first, second, third);
    return date.iso ? date : Date{};
  }
  // Two-digit years only with slashes, or where all parts have two digits and dots: 1.2.26 is as
  // likely a version, 1-2-26 and 01-02-26 are part numbers.
  const bool short_year =
      third_size == 2 &&
      (separator == '/' || (separator == '.' && first_size == 2 && second_size == 2));
  if (third_size != 4 && !short_year) {
    return {};
  }
  const int year = third_size == 2 ? 2000 + third : third;
  date.day_first = is_day(year, second, first);
  date.month_first = separator != '.' && is_day(year, first, second);
  return date.day_first || date.month_first ? date : Date{};
}

namespace {

bool take_text(Cursor& at, std::string_view text) noexcept {
  if (!at.rest.starts_with(text)) {
    return false;
  }
  at.rest.remove_prefix(text.size());
  return true;
}

// A currency sign or code with the blank beside it.
bool take_currency(Cursor& at) noexcept {
  at.take(' ');
  if (is_digit(at.peek())) {
    return false;
  }
  for (const std::string_view sign :
       {"$", "\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5", "\xE2\x82\xB9", "US$", "CA$", "A$"}) {
    if (take_text(at, sign)) {
      at.take(' ');
      return true;
    }
  }
  const auto code = at.rest.substr(0, 3);
  if (code.size() == 3 && in_code_list("iso4217", code)) {
    at.rest.remove_prefix(3);
    at.take(' ');
    return true;
  }
  return false;
}

bool is_group_separator(char c) noexcept {
  return c == ',' || c == '.' || c == ' ' || c == '\'';
}

}  // namespace

NumberForm number_form(std::string_view text) noexcept {
  Cursor at{text};
  bool dressed = false;  // more than digits, a point, a sign and an exponent
  const bool bracketed = at.peek() == '(' && text.back() == ')';
  if (bracketed) {
    at.rest = at.rest.substr(1, at.rest.size() - 2);
    dressed = true;
  }
  const bool sign = at.take('-') || at.take('+');
  dressed = take_currency(at) || dressed;
  if (!sign) {
    at.take('-');
  }
  std::size_t count = 0;
  at.digits(count);
  if (count == 0 && at.peek() != '.') {
    return NumberForm::none;
  }
  std::size_t groups = 0;
  char group_separator = '\0';
  char point = '\0';
  while (is_group_separator(at.peek()) && at.rest.size() > 1 && is_digit(at.rest[1])) {
    const char separator = at.peek();
    std::size_t size = 0;
    at.take(separator);
    at.digits(size);
    if (point != '\0') {
      return NumberForm::none;
    }
    const bool may_group = size == 3 && count >= 1 && (groups > 0 ? true : count <= 3) &&
                           (group_separator == '\0' || group_separator == separator);
    const bool more = is_group_separator(at.peek());
    // A single point with three digits behind it is read as a decimal point, a comma as grouping.
    if (may_group && (separator != '.' || more || groups > 0)) {
      group_separator = separator;
      ++groups;
    } else if ((separator == '.' || separator == ',') && separator != group_separator) {
      point = separator;
    } else {
      return NumberForm::none;
    }
  }
  if (at.peek() == '.' && at.rest.size() == 1 && groups == 0 && point == '\0') {
    at.take('.');  // "12."
    point = '.';
  }
  if ((at.peek() == 'e' || at.peek() == 'E') && groups == 0 && point != ',') {
    at.rest.remove_prefix(1);
    at.take('-') || at.take('+');
    at.digits(count);
    if (count == 0 || count > 3) {
      return NumberForm::none;
    }
    point = '.';
  }
  if (!at.done() && at.rest.back() == '%') {
    return at.rest == "%" || at.rest == " %" ? NumberForm::percentage : NumberForm::none;
  }
  // Accounts and old systems write the sign behind the number.
  const bool may_follow = !sign && !bracketed;
  bool sign_behind = may_follow && at.take('-');
  if (sign_behind) {
    at.take(' ');
  }
  dressed = (!at.done() && take_currency(at)) || dressed;
  sign_behind = sign_behind || (may_follow && at.take('-'));
  dressed = dressed || sign_behind;
  if (!at.done()) {
    return NumberForm::none;
  }
  if (dressed || groups > 0 || point == ',') {
    return NumberForm::grouped;
  }
  return point == '.' ? NumberForm::decimal : NumberForm::integer;
}

namespace {

// A well-formedness check without recursion: the kind of each open bracket is one bit.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) noexcept : at_{text} {}

  bool run() noexcept {
    for (;;) {
      skip_blanks();
      if (!value_or_open()) {
        return false;
      }
      // Behind a value: close what ends here, then a comma, or the end of it all.
      for (;;) {
        skip_blanks();
        if (depth_ == 0) {
          return at_.done();
        }
        if (at_.take(open_[depth_ - 1] ? '}' : ']')) {
          --depth_;
          just_opened_ = false;
          continue;
        }
        break;
      }
      if (just_opened_) {
        just_opened_ = false;
      } else if (!at_.take(',')) {
        return false;
      }
      skip_blanks();
      if (open_[depth_ - 1] && !key()) {
        return false;
      }
    }
  }

 private:
  static constexpr std::size_t deepest = 256;

  void skip_blanks() noexcept {
    while (at_.peek() == ' ' || at_.peek() == '\n' || at_.peek() == '\t' || at_.peek() == '\r') {
      at_.rest.remove_prefix(1);
    }
  }

  bool key() noexcept {
    if (!string()) {
      return false;
    }
    skip_blanks();
    return at_.take(':');
  }

  bool value_or_open() noexcept {
    const char c = at_.peek();
    if (c == '{' || c == '[') {
      if (depth_ == deepest) {
        return false;
      }
      at_.rest.remove_prefix(1);
      open_[depth_++] = c == '{';
      just_opened_ = true;
      return true;
    }
    just_opened_ = false;
    if (c == '"') {
      return string();
    }
    return take_text(at_, "true") || take_text(at_, "false") || take_text(at_, "null") || number();
  }

  bool string() noexcept {
    if (!at_.take('"')) {
      return false;
    }
    while (!at_.done()) {
      const char c = at_.peek();
      at_.rest.remove_prefix(1);
      if (c == '"') {
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) {
        return false;
      }
      if (c == '\\' && !escape()) {
        return false;
      }
    }
    return false;
  }

  bool escape() noexcept {
    const char c = at_.peek();
    if (at_.done() || std::string_view{"\"\\/bfnrtu"}.find(c) == std::string_view::npos) {
      return false;
    }
    at_.rest.remove_prefix(1);
    for (int i = 0; c == 'u' && i < 4; ++i) {
      const char h = at_.peek();
      if (!is_digit(h) && !(h >= 'a' && h <= 'f') && !(h >= 'A' && h <= 'F')) {
        return false;
      }
      at_.rest.remove_prefix(1);
    }
    return true;
  }

  bool number() noexcept {
    std::size_t count = 0;
    at_.take('-');
    const bool zero = at_.peek() == '0';
    at_.digits(count);
    if (count == 0 || (zero && count > 1)) {
      return false;
    }
    if (at_.take('.')) {
      at_.digits(count);
      if (count == 0) {
        return false;
      }
    }
    if (at_.take('e') || at_.take('E')) {
      at_.take('-') || at_.take('+');
      at_.digits(count);
      return count > 0;
    }
    return true;
  }

  Cursor at_;
  std::bitset<deepest> open_{};  // true: an object
  std::size_t depth_ = 0;
  bool just_opened_ = false;
};

}  // namespace

bool is_json_document(std::string_view text) noexcept {
  const bool closed =
      (text.front() == '{' && text.back() == '}') || (text.front() == '[' && text.back() == ']');
  return closed && JsonScanner{text}.run();
}

namespace {

// Digits with at most one point, a sign before all.
bool is_plain_number(std::string_view text) noexcept {
  if (text.starts_with('-') || text.starts_with('+')) {
    text.remove_prefix(1);
  }
  const auto digits = std::count_if(text.begin(), text.end(), is_digit);
  const auto points = std::count(text.begin(), text.end(), '.');
  return digits > 0 && points <= 1 && static_cast<std::size_t>(digits + points) == text.size();
}

}  // namespace

std::string_view without_fraction_zeros(std::string_view text) noexcept {
  const auto point = text.find('.');
  if (point == text.npos || point == 0 || !is_digit(text[point - 1]) || !is_plain_number(text)) {
    return text;
  }
  const auto last = text.find_last_not_of('0');
  return text.substr(0, last == point ? point : last + 1);
}

std::string_view without_idle_zeros(std::string_view text) noexcept {
  text = without_fraction_zeros(text);
  if (text.size() > 1 && text.front() == '0' && is_digit(text[1]) && is_plain_number(text)) {
    const auto first = text.find_first_not_of('0');
    const bool nothing_before_point = first == text.npos || text[first] == '.';
    text.remove_prefix(first == text.npos ? text.size() - 1
                                          : first - (nothing_before_point ? 1 : 0));
  }
  return text;
}

}  // namespace mapctl::catalog::scan
