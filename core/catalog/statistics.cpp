// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/statistics.hpp"

#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/catalog/composed_text.hpp"
#include "core/catalog/scanners.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace mapctl::catalog {

std::string_view to_string(ValuePattern pattern) noexcept {
  switch (pattern) {
    case ValuePattern::email: return "email";
    case ValuePattern::phone: return "phone";
    case ValuePattern::uuid: return "uuid";
    case ValuePattern::url: return "url";
    case ValuePattern::ip_address: return "ip_address";
    case ValuePattern::iso_date: return "iso_date";
    case ValuePattern::iso_timestamp: return "iso_timestamp";
    case ValuePattern::day_first_date: return "day_first_date";
    case ValuePattern::month_first_date: return "month_first_date";
    case ValuePattern::country_code: return "country_code";
    case ValuePattern::currency_code: return "currency_code";
    case ValuePattern::postcode: return "postcode";
    case ValuePattern::integer_number: return "integer_number";
    case ValuePattern::decimal_number: return "decimal_number";
    case ValuePattern::grouped_number: return "grouped_number";
    case ValuePattern::percentage: return "percentage";
    case ValuePattern::boolean_word: return "boolean_word";
    case ValuePattern::leading_zeros: return "leading_zeros";
    case ValuePattern::json_document: return "json_document";
    case ValuePattern::person_name: return "person_name";
    case ValuePattern::credit_card: return "credit_card";
    case ValuePattern::national_id: return "national_id";
    case ValuePattern::padded: return "padded";
    case ValuePattern::null_word: return "null_word";
  }
  return {};
}

std::optional<ValuePattern> value_pattern_from(std::string_view word) noexcept {
  for (int i = 0; i < value_pattern_count; ++i) {
    if (to_string(static_cast<ValuePattern>(i)) == word) {
      return static_cast<ValuePattern>(i);
    }
  }
  return std::nullopt;
}

double ColumnStatistics::share(ValuePattern pattern) const noexcept {
  for (const PatternShare& known : patterns) {
    if (known.pattern == pattern) {
      return known.share;
    }
  }
  return 0;
}

double ColumnStatistics::distinct_share() const noexcept {
  const double values = static_cast<double>(rows) * (1 - null_share);
  return values < 1 ? 0 : std::min(1.0, static_cast<double>(distinct) / values);
}

bool ColumnStatistics::tells_rows_apart() const noexcept {
  return rows > 1 && null_share == 0 && distinct >= rows;
}

bool is_named_like_key(std::string_view name) {
  const auto lower = to_lower(name);
  constexpr std::array endings{"_id", " id", "-id", "key", "uuid", "guid", "code", "number", "_no"};
  return lower == "id" || name.ends_with("Id") || name.ends_with("ID") ||
         std::any_of(endings.begin(), endings.end(),
                     [&](const char* ending) { return lower.ends_with(ending); });
}

std::uint64_t value_hash(std::string_view value) {
  const std::string_view text = scan::without_idle_zeros(trim(value));
  if (text.empty()) {
    return 0;
  }
  char buffer[128];
  const bool plain = text.size() <= sizeof buffer &&
                     std::none_of(text.begin(), text.end(),
                                  [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  if (!plain) {
    return fast_hash(fold(text));
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    buffer[i] =
        text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + ('a' - 'A')) : text[i];
  }
  return fast_hash({buffer, text.size()});
}

char part_separator(std::string_view text) noexcept {
  for (const char separator : part_separators) {
    if (text.find(separator) != text.npos) {
      return separator;
    }
  }
  return '\0';
}

std::vector<std::string_view> value_parts(std::string_view value) {
  const std::string_view text = trim(value);
  if (text.empty()) {
    return {};
  }
  if (const char separator = part_separator(text); separator != '\0') {
    auto parts = split(text, separator);
    for (auto& part : parts) {
      part = trim(part);
    }
    return parts;
  }
  const auto space = text.find(' ');
  if (space == text.npos) {
    return {text};
  }
  return {text.substr(0, space), trim(text.substr(space))};
}

std::optional<bool> holds_value(const ColumnStatistics& statistics, std::uint64_t hash) noexcept {
  const auto& sketch = statistics.sketch;
  if (hash == 0 || sketch.empty() || (sketch.size() >= sketch_size && hash > sketch.back())) {
    return std::nullopt;
  }
  return std::binary_search(sketch.begin(), sketch.end(), hash);
}

Overlap estimate_overlap(const ColumnStatistics& left, const ColumnStatistics& right) noexcept {
  const auto& a = left.sketch;
  const auto& b = right.sketch;
  if (a.empty() || b.empty()) {
    return {};
  }
  // Below the largest hash of a full sketch every value of that column is known; a sketch that is
  // not full knows all of its column's values. So below the smaller of the two bounds both columns
  // are known exactly, and that part is a random sample of all values.
  constexpr auto unbounded = std::numeric_limits<std::uint64_t>::max();
  const auto bound = std::min(a.size() < sketch_size ? unbounded : a.back(),
                              b.size() < sketch_size ? unbounded : b.back());
  std::size_t in_a = 0;
  std::size_t in_b = 0;
  std::size_t in_both = 0;
  for (std::size_t i = 0, j = 0;
       (i < a.size() && a[i] <= bound) || (j < b.size() && b[j] <= bound);) {
    const bool take_a = i < a.size() && (j >= b.size() || a[i] <= b[j]);
    const bool take_b = j < b.size() && (i >= a.size() || b[j] <= a[i]);
    in_a += take_a ? 1 : 0;
    in_b += take_b ? 1 : 0;
    in_both += take_a && take_b ? 1 : 0;
    i += take_a ? 1 : 0;
    j += take_b ? 1 : 0;
  }
  // Of a sample of one or two values a share says nothing, and is usually 0 or 1.
  const std::size_t least = bound == unbounded ? 1 : 4;
  const auto ratio = [&](std::size_t whole) {
    return whole < least ? 0.0 : static_cast<double>(in_both) / static_cast<double>(whole);
  };
  return {ratio(in_a + in_b - in_both), ratio(in_a), ratio(in_b)};
}

}  // namespace mapctl::catalog
