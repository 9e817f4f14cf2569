// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl {

// ASCII only; bytes of multi-byte characters pass through.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept;

std::string_view trim(std::string_view text) noexcept;  // ASCII white space
std::vector<std::string_view> split(std::string_view text, char separator);
// The parts would look into a string that is gone.
std::vector<std::string_view> split(std::same_as<std::string> auto&& text, char separator) = delete;
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

// Shell globs: '*', '?' (one code point) and '[a-z]' (one byte); every other character stands for
// itself, and so does a '[' that is never closed.
bool glob_match(std::string_view pattern, std::string_view text, bool ignore_case);
bool has_glob(std::string_view text) noexcept;

// Levenshtein distance in bytes, or anything above `limit` once it is exceeded.
std::size_t edit_distance(std::string_view left, std::string_view right, std::size_t limit = 64);

// The known name nearest to `name`, if one is near enough to be a typing slip.
std::optional<std::string> nearest(std::string_view name, std::span<const std::string> known);

// "did you mean 'x'?" or, when nothing is near, "known names: a, b, c" (at most eight).
std::string suggestion(std::string_view name, std::span<const std::string> known);

// Byte offset of the first ill-formed sequence, or nothing for well-formed UTF-8.
std::optional<std::size_t> first_invalid_utf8(std::string_view text) noexcept;
// Ill-formed bytes become U+FFFD.
std::string to_valid_utf8(std::string_view text);
// Number of code points of well-formed UTF-8.
std::size_t utf8_length(std::string_view text) noexcept;
// At most `count` code points from the front, never cutting one in two.
std::string_view utf8_prefix(std::string_view text, std::size_t count) noexcept;
// Columns a terminal needs (East Asian wide characters count two, combining marks none).
std::size_t display_width(std::string_view text) noexcept;

// Unicode case folding with diacritics removed ("Łódź Straße" -> "lodz strasse" where a
// decomposition exists); used to compare names, never to store them.
std::string fold(std::string_view text);

// 1234567 -> "1,234,567".
std::string with_thousands(long long value);
// Bytes as "1.2 MiB", seconds as "850 ms", "12.3 s", "4m 05s".
std::string human_bytes(double bytes);
std::string human_duration(double seconds);

}  // namespace mapctl
