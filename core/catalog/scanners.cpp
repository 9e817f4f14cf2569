// SPDX-License-Identifier: Apache-2.0
#include "core/catalog/scanners.hpp"

#include "core/base/ascii.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace mapctl::catalog::scan {
namespace {

constexpr bool is_letter(char c) noexcept {
  return is_upper(c) || is_lower(c);
}
constexpr bool is_high(char c) noexcept {
  return static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool is_hex(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// 'A' stands for a letter (either case), '9' for a digit, ' ' for an optional blank, everything
// else for itself.
bool has_shape(std::string_view text, std::string_view shape) noexcept {
  std::size_t at = 0;
  for (const char wanted : shape) {
    const char c = at < text.size() ? text[at] : '\0';
    if (wanted == ' ') {
      at += c == ' ' ? 1 : 0;
      continue;
    }
    const bool same = wanted == 'A' ? is_letter(c) : wanted == '9' ? is_digit(c) : c == wanted;
    if (!same) {
      return false;
    }
    ++at;
  }
  return at == text.size();
}

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) noexcept {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return word.size() == text.size() && equal_ignoring_case(word, text);
  });
}

bool is_host(std::string_view host) noexcept {
  // Labels of letters, digits and hyphens; the last one a name of two letters or more.
  std::size_t label = 0;
  std::size_t labels = 0;
  bool letters_only = true;
  for (std::size_t i = 0; i <= host.size(); ++i) {
    const char c = i < host.size() ? host[i] : '.';
    if (c == '.') {
      if (label == 0 || host[i - 1] == '-') {
        return false;
      }
      ++labels;
      if (i == host.size()) {
        return labels >= 2 && label >= 2 && letters_only;
      }
      label = 0;
      letters_only = true;
    } else if (is_letter(c) || is_high(c)) {
      ++label;
    } else if (is_digit(c) || (c == '-' && label > 0)) {
      ++label;
      letters_only = false;
    } else {
      return false;
    }
  }
  return false;
}

// Capitalised words that names of companies, places, products and posts are made of. Sorted.
constexpr std::string_view not_names[] = {"account",
                                          "accountant",
                                          "administrator",
                                          "agent",
                                          "analyst",
                                          "and",
                                          "assistant",
                                          "avenue",
                                          "bank",
                                          "business",
                                          "chief",
                                          "city",
                                          "closed",
                                          "co",
                                          "company",
                                          "corp",
                                          "customer",
                                          "director",
                                          "drive",
                                          "east",
                                          "engineer",
                                          "foods",
                                          "for",
                                          "global",
                                          "gmbh",
                                          "group",
                                          "head",
                                          "health",
                                          "holdings",
                                          "in",
                                          "inc",
                                          "institute",
                                          "international",
                                          "lane",
                                          "las",
                                          "limited",
                                          "llc",
                                          "los",
                                          "ltd",
                                          "manager",
                                          "marketing",
                                          "national",
                                          "new",
                                          "north",
                                          "not",
                                          "of",
                                          "officer",
                                          "on",
                                          "open",
                                          "order",
                                          "owner",
                                          "park",
                                          "partners",
                                          "pending",
                                          "president",
                                          "product",
                                          "products",
                                          "report",
                                          "representative",
                                          "republic",
                                          "road",
                                          "saint",
                                          "sales",
                                          "san",
                                          "school",
                                          "service",
                                          "services",
                                          "software",
                                          "south",
                                          "square",
                                          "st",
                                          "street",
                                          "support",
                                          "system",
                                          "systems",
                                          "team",
                                          "the",
                                          "to",
                                          "trading",
                                          "united",
                                          "university",
                                          "vice",
                                          "west",
                                          "with"};
static_assert(std::is_sorted(std::begin(not_names), std::end(not_names)));

bool is_no_name(std::string_view word) noexcept {
  std::array<char, 16> lower{};
  if (word.size() > lower.size()) {
    return false;
  }
  std::transform(word.begin(), word.end(), lower.begin(), [](char c) { return to_lower(c); });
  return std::binary_search(std::begin(not_names), std::end(not_names),
                            std::string_view{lower.data(), word.size()});
}

}  // namespace

bool is_email(std::string_view text) noexcept {
  const auto at = text.find('@');
  if (at == 0 || at == text.npos || at > 64) {
    return false;
  }
  const auto local = text.substr(0, at);
  if (local.front() == '.' || local.back() == '.') {
    return false;
  }
  for (const char c : local) {
    if (!is_letter(c) && !is_digit(c) && !is_high(c) &&
        std::string_view{"._%+-'!#$&*/=?^`{|}~"}.find(c) == std::string_view::npos) {
      return false;
    }
  }
  return is_host(text.substr(at + 1));
}

bool is_url(std::string_view text) noexcept {
  for (const std::string_view scheme : {"https://", "http://", "ftp://", "ftps://", "sftp://"}) {
    if (text.size() > scheme.size() && equal_ignoring_case(text.substr(0, scheme.size()), scheme)) {
      const char c = text[scheme.size()];
      return is_letter(c) || is_digit(c) || is_high(c) || c == '[';
    }
  }
  if (text.size() > 4 && equal_ignoring_case(text.substr(0, 4), "www.")) {
    return is_host(text.substr(0, text.find_first_of("/?#:")));
  }
  return false;
}

bool is_uuid(std::string_view text) noexcept {
  if (text.size() == 38 && text.front() == '{' && text.back() == '}') {
    text = text.substr(1, 36);
  }
  if (text.size() != 36) {
    return false;
  }
  for (std::size_t i = 0; i < 36; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) {
      return false;
    }
  }
  return true;
}

bool is_ipv4(std::string_view text) noexcept {
  int groups = 0;
  for (std::size_t at = 0;;) {
    int value = 0;
    std::size_t digits = 0;
    for (; at < text.size() && is_digit(text[at]); ++at, ++digits) {
      value = value * 10 + (text[at] - '0');
      if (digits == 3) {
        return false;
      }
    }
    if (digits == 0 || value > 255 || (digits > 1 && text[at - digits] == '0')) {
      return false;
    }
    ++groups;
    if (at == text.size()) {
      return groups == 4;
    }
    if (text[at++] != '.') {
      return false;
    }
  }
}

bool is_ipv6(std::string_view text) noexcept {
  const auto zone = text.find('%');
  text = text.substr(0, zone);
  int groups = 0;
  bool compressed = false;
  std::size_t at = 0;
  if (text.starts_with("::")) {
    compressed = true;
    at = 2;
  }
  while (at < text.size()) {
    const std::size_t start = at;
    while (at < text.size() && is_hex(text[at])) {
      ++at;
    }
    if (at < text.size() && text[at] == '.') {
      return is_ipv4(text.substr(start)) && (groups == 6 || (compressed && groups < 6));
    }
    if (at == start || at - start > 4) {
      return false;
    }
    ++groups;
    if (at == text.size()) {
      break;
    }
    if (text[at++] != ':') {
      return false;
    }
    if (at < text.size() && text[at] == ':') {
      if (compressed) {
        return false;
      }
      compressed = true;
      ++at;
    } else if (at == text.size()) {
      return false;
    }
  }
  return compressed ? groups >= 1 && groups < 8 : groups == 8;
}

bool is_phone(std::string_view text) noexcept {
  for (const std::string_view marker : {" ext. ", " ext.", " ext ", " x"}) {
    const auto at = text.find(marker);
    if (at != text.npos && at + marker.size() < text.size()) {
      const auto extension = text.substr(at + marker.size());
      if (extension.size() > 6 || !std::all_of(extension.begin(), extension.end(), is_digit)) {
        return false;
      }
      text = text.substr(0, at);
      break;
    }
  }
  std::array<std::size_t, 8> groups{};
  std::size_t group_count = 0;
  std::size_t digits = 0;
  std::size_t separators = 0;
  std::size_t dots = 0;
  bool in_group = false;
  const bool international = text.starts_with('+');
  for (std::size_t i = international ? 1 : 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_digit(c)) {
      if (!in_group && ++group_count > groups.size()) {
        return false;
      }
      in_group = true;
      ++groups[group_count - 1];
      ++digits;
    } else if (c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/') {
      in_group = false;
      ++separators;
      dots += c == '.' ? 1 : 0;
    } else {
      return false;
    }
  }
  if (digits < 7 || digits > 15) {
    return false;
  }
  if (international) {
    return true;
  }
  if (separators == 0 || (separators == 1 && dots == 1) || has_shape(text, "99999-9999")) {
    return false;
  }
  if (text.starts_with('(') || text.starts_with('0')) {
    return group_count >= 2;
  }
  // North American grouping, with or without the leading 1, and local numbers.
  const std::size_t first = group_count >= 4 && groups[0] == 1 ? 1 : 0;
  if (group_count == first + 3) {
    return groups[first] == 3 && groups[first + 1] == 3 && groups[first + 2] == 4;
  }
  return group_count == 2 && groups[0] == 3 && groups[1] == 4 && text[3] == '-';
}

bool is_postcode(std::string_view text) noexcept {
  if (!is_digit(text.back()) && !is_letter(text.back())) {
    return false;
  }
  for (const std::string_view shape :
       {"99999-9999", "A9A 9A9", "A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA",
        "9999 AA", "99-999", "9999-999", "999-9999", "99999-999"}) {
    if (has_shape(text, shape)) {
      return true;
    }
  }
  return text.size() == 6 && text[3] == ' ' && has_shape(text, "999 99");
}

bool is_national_id(std::string_view text) noexcept {
  if (has_shape(text, "999-99-9999")) {
    const auto area = text.substr(0, 3);
    return area != "000" && area != "666" && area[0] != '9' && text.substr(4, 2) != "00" &&
           text.substr(7) != "0000";
  }
  if (has_shape(text, "AA 99 99 99 A")) {
    const char last = text.back();
    return (last >= 'A' && last <= 'D') || (last >= 'a' && last <= 'd');
  }
  if (has_shape(text, "99999999A") || has_shape(text, "A9999999A")) {
    constexpr std::string_view letters = "TRWAGMYFPDXBNJZSQVHLCKE";
    std::size_t value = 0;
    const char prefix = static_cast<char>(text[0] & ~0x20);
    if (is_letter(text[0])) {
      if (prefix < 'X' || prefix > 'Z') {
        return false;
      }
      value = static_cast<std::size_t>(prefix - 'X');
    }
    for (const char c : text.substr(0, text.size() - 1)) {
      value = is_digit(c) ? value * 10 + static_cast<std::size_t>(c - '0') : value;
    }
    return letters[value % letters.size()] == static_cast<char>(text.back() & ~0x20);
  }
  return has_shape(text, "AAAAAA99A99A999A");
}

bool is_credit_card(std::string_view text) noexcept {
  std::array<int, 19> digits{};
  std::size_t count = 0;
  for (const char c : text) {
    if (is_digit(c)) {
      if (count == digits.size()) {
        return false;
      }
      digits[count++] = c - '0';
    } else if ((c != ' ' && c != '-') || count == 0) {
      return false;
    }
  }
  if (count < 13) {
    return false;
  }
  const int two = digits[0] * 10 + digits[1];
  const int four = two * 100 + digits[2] * 10 + digits[3];
  const bool issuer =
      (digits[0] == 4 && (count == 13 || count == 16 || count == 19)) ||
      (count == 16 && ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720) || two == 35 ||
                       two == 65 || four == 6011 || (four >= 6440 && four <= 6499))) ||
      (count == 15 && (two == 34 || two == 37)) ||
      (count == 14 && (two == 36 || two == 38 || two == 30));
  if (!issuer) {
    return false;
  }
  int sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const int digit = digits[count - 1 - i];
    const int doubled = i % 2 == 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 == 0;
}

bool is_boolean_word(std::string_view text) noexcept {
  static constexpr std::array<std::string_view, 12> words{"true", "false", "yes", "no",  "y", "n",
                                                          "t",    "f",     "on",  "off", "0", "1"};
  return is_one_of(text, words);
}

bool is_null_word(std::string_view text) noexcept {
  static constexpr std::array<std::string_view, 19> words{
      "n/a", "na",  "#n/a", "null", "(null)", "none",   "nil",   "nan",           "-",        "--",
      "---", "\\n", "?",    ".",    "n.a.",   "<null>", "null.", "not available", "undefined"};
  return is_one_of(text, words);
}

bool is_person_name(std::string_view text) noexcept {
  std::size_t words = 0;
  std::size_t initials = 0;
  bool comma = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    auto word = text.substr(at, end - at);
    at = end + 1;
    if (word.ends_with(',') && words == 0) {
      comma = true;
      word.remove_suffix(1);
    }
    if (word.empty() || ++words > 3 || !(is_upper(word[0]) || is_high(word[0]))) {
      return false;
    }
    if (word.size() == 2 && word[1] == '.') {
      ++initials;
      continue;
    }
    if (word.size() < 2 || is_no_name(word)) {
      return false;
    }
    // After an apostrophe or a hyphen, and in "McKay", a capital may stand inside.
    for (std::size_t i = 1; i < word.size(); ++i) {
      const char c = word[i];
      const bool joint = (c == '\'' || c == '-') && i + 1 < word.size();
      const char before = word[i - 1];
      const bool inner =
          is_upper(c) && (before == '\'' || before == '-' || (i == 2 && word.starts_with("Mc")));
      if (!is_lower(c) && !is_high(c) && !joint && !inner) {
        return false;
      }
    }
  }
  return words - initials >= 2 || (comma && words >= 2);
}

}  // namespace mapctl::catalog::scan
