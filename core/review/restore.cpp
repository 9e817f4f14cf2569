// SPDX-License-Identifier: Apache-2.0
#include "core/base/moment.hpp"
#include "core/base/text.hpp"
#include "core/review/merge.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

// What spreadsheet programs do to texts by themselves, undone.
namespace mapctl::review {
namespace {

std::optional<double> number_of(std::string_view text) {
  text = trim(text);
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
  }
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && result.ec == std::errc{} && result.ptr == text.data() + text.size()
             ? std::optional{value}
             : std::nullopt;
}

bool same_number(std::string_view base, std::string_view digits) {
  const auto before = number_of(base), after = number_of(digits);
  // Fifteen digits is what a spreadsheet keeps.
  return before && after &&
         std::abs(*before - *after) <= 1e-14 * std::max(std::abs(*before), std::abs(*after));
}

// The numbers in a text that could be a day, month names counted: "1-2", "MAR1", "3/4/2025".
std::vector<int> parts_of_date(std::string_view text) {
  std::vector<int> parts;
  const std::string lower = to_lower(text);
  for (std::size_t at = 0; at < lower.size();) {
    const char c = lower[at];
    if (c >= '0' && c <= '9') {
      int value = 0;
      const auto result = std::from_chars(lower.data() + at, lower.data() + lower.size(), value);
      if (result.ec != std::errc{}) {
        return {};
      }
      at = static_cast<std::size_t>(result.ptr - lower.data());
      parts.push_back(value);
    } else if (c >= 'a' && c <= 'z') {
      const int month = month_from(std::string_view{lower}.substr(at, 3));
      if (month == 0) {
        return {};
      }
      parts.push_back(month);
      while (at < lower.size() && lower[at] >= 'a' && lower[at] <= 'z') {
        ++at;
      }
    } else if (c == '-' || c == '/' || c == '.' || c == ' ' || c == ',') {
      ++at;
    } else {
      return {};
    }
  }
  return parts;
}

// Whether a program may have read `base` as the day `iso`.
bool may_be_date(std::string_view base, std::string_view iso) {
  const std::vector<int> before = parts_of_date(base);
  const std::vector<int> day = parts_of_date(iso.substr(0, 10));  // year, month, day
  if (day.size() != 3 || before.empty() || before.size() > 3) {
    return false;
  }
  std::vector<int> left{day[0], day[1], day[2]};
  for (const int part : before) {
    const auto found = std::find_if(left.begin(), left.end(), [&](int known) {
      return known == part || (known >= 1900 && known % 100 == part % 100 && part < 100);
    });
    if (found == left.end()) {
      return false;
    }
    left.erase(found);
  }
  return before.size() > 1;
}

}  // namespace

std::string restore(const Cell& cell, std::string_view base, mapping::ReviewColumn column,
                    bool& note) {
  using Kind = ports::ReadCell::Kind;
  note = false;
  const std::string as_exported = replace_all(std::string{trim(base)}, "\r\n", "\n");
  if (cell.text == as_exported) {
    return std::string{base};
  }
  if (column == mapping::ReviewColumn::reviewed_on && cell.kind == Kind::date) {
    const std::string day = cell.text.substr(0, 10);
    return day == as_exported ? std::string{base} : day;
  }
  const bool is_changed_by_program =
      (cell.kind == Kind::number && same_number(as_exported, cell.text)) ||
      (cell.kind == Kind::boolean && equal_ignoring_case(cell.text, as_exported)) ||
      (cell.kind == Kind::date && may_be_date(as_exported, cell.text)) ||
      // Lines that end in another way.
      replace_all(cell.text, "\n", " ") == replace_all(as_exported, "\n", " ");
  if (is_changed_by_program && !as_exported.empty()) {
    note = true;
    return std::string{base};
  }
  return cell.text;
}

}  // namespace mapctl::review
