// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"

#include "core/base/ascii.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace mapctl {
namespace {

// One "[...]" class starting at pattern[at]; on return `at` is behind the class. A class that is
// never closed is a literal '['.
bool match_class(std::string_view pattern, std::size_t& at, char c) {
  // A ']' that comes first stands for itself: "[]a]", "[!]a]".
  const bool negates =
      at + 1 < pattern.size() && (pattern[at + 1] == '!' || pattern[at + 1] == '^');
  const std::size_t close = pattern.find(']', at + (negates ? 3 : 2));
  if (close == std::string_view::npos) {
    ++at;
    return c == '[';
  }
  std::size_t i = at + 1;
  i += negates ? 1 : 0;
  bool found = false;
  for (; i < close; ++i) {
    if (i + 2 < close && pattern[i + 1] == '-') {
      found = found || (pattern[i] <= c && c <= pattern[i + 2]);
      i += 2;
    } else {
      found = found || pattern[i] == c;
    }
  }
  at = close + 1;
  return found != negates;
}

}  // namespace

std::string to_lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return to_lower(c); });
  return result;
}

std::string to_upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return to_upper(c); });
  return result;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return to_lower(a) == to_lower(b); });
}

std::string_view trim(std::string_view text) noexcept {
  const auto is_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0;;) {
    const auto end = text.find(separator, start);
    parts.push_back(text.substr(start, end == std::string_view::npos ? end : end - start));
    if (end == std::string_view::npos) {
      return parts;
    }
    start = end + 1;
  }
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts.begin(), parts.end(), separator));
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string result;
  for (std::size_t start = 0;;) {
    const auto at = from.empty() ? std::string_view::npos : text.find(from, start);
    result += text.substr(start, at == std::string_view::npos ? at : at - start);
    if (at == std::string_view::npos) {
      return result;
    }
    result += to;
    start = at + from.size();
  }
}

bool has_glob(std::string_view text) noexcept {
  return text.find_first_of("*?[") != std::string_view::npos;
}

bool glob_match(std::string_view pattern, std::string_view text, bool ignore_case) {
  if (ignore_case) {
    return glob_match(to_lower(pattern), to_lower(text), false);
  }
  // Back-tracking to the last '*' only: linear for all but pathological patterns, never recursive.
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
      continue;
    }
    bool matched = false;
    std::size_t next = p + 1;
    if (p < pattern.size()) {
      if (pattern[p] == '[') {
        next = p;
        matched = match_class(pattern, next, text[t]);
      } else {
        matched = pattern[p] == '?' || pattern[p] == text[t];
      }
    }
    if (matched) {
      const bool whole_character = pattern[p] == '?';
      p = next;
      ++t;
      while (whole_character && t < text.size() &&
             (static_cast<unsigned char>(text[t]) & 0xC0U) == 0x80U) {
        ++t;
      }
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::size_t edit_distance(std::string_view left, std::string_view right, std::size_t limit) {
  if (left.size() > right.size()) {
    std::swap(left, right);
  }
  if (right.size() - left.size() > limit) {
    return limit + 1;
  }
  std::vector<std::size_t> row(left.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t j = 0; j < right.size(); ++j) {
    std::size_t diagonal = row[0];
    row[0] = j + 1;
    std::size_t best = row[0];
    for (std::size_t i = 0; i < left.size(); ++i) {
      const std::size_t above = row[i + 1];
      row[i + 1] = std::min({above + 1, row[i] + 1, diagonal + (left[i] == right[j] ? 0U : 1U)});
      diagonal = above;
      best = std::min(best, row[i + 1]);
    }
    if (best > limit) {
      return limit + 1;
    }
  }
  return row.back();
}

namespace {

// Two neighbouring letters in the wrong order: the commonest slip, and two edits to Levenshtein.
bool is_swapped(std::string_view left, std::string_view right) noexcept {
  if (left.size() != right.size()) {
    return false;
  }
  const auto [at, other] = std::mismatch(left.begin(), left.end(), right.begin());
  return left.end() - at >= 2 && at[0] == other[1] && at[1] == other[0] &&
         std::equal(at + 2, left.end(), other + 2);
}

}  // namespace

std::optional<std::string> nearest(std::string_view name, std::span<const std::string> known) {
  const std::string wanted = to_lower(name);
  const std::size_t limit = std::max<std::size_t>(1, std::min<std::size_t>(3, name.size() / 3));
  std::optional<std::string> best;
  std::size_t best_distance = limit + 1;
  for (const std::string& candidate : known) {
    const std::string other = to_lower(candidate);
    const std::size_t distance =
        is_swapped(wanted, other) ? 1 : edit_distance(wanted, other, limit);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view name, std::span<const std::string> known) {
  if (const auto near = nearest(name, known)) {
    return fmt::format("did you mean '{}'?", *near);
  }
  if (known.empty()) {
    return {};
  }
  constexpr std::size_t shown = 8;
  const auto count = std::min(known.size(), shown);
  std::string list = join(known.first(count), ", ");
  return fmt::format("known names: {}{}", list, known.size() > shown ? ", ..." : "");
}

std::string with_thousands(long long value) {
  std::string digits = fmt::format("{}", value);
  const std::size_t sign = value < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > sign + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string human_bytes(double bytes) {
  constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  // What would be rounded up to 1024.0 is shown in the next unit.
  while (bytes >= (unit == 0 ? 1024 : 1023.95) && unit + 1 < std::size(units)) {
    bytes /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, units[unit]);
}

std::string human_duration(double seconds) {
  if (seconds < 0.9995) {
    return fmt::format("{:.0f} ms", seconds * 1000);
  }
  if (seconds < 59.95) {
    return fmt::format("{:.1f} s", seconds);
  }
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 3600) {
    return fmt::format("{}m {:02}s", whole / 60, whole % 60);
  }
  return fmt::format("{}h {:02}m", whole / 3600, whole % 3600 / 60);
}

}  // namespace mapctl
