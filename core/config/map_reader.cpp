// SPDX-License-Identifier: Apache-2.0
// Typed values and MapReader, declared in yaml.hpp.
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/config/yaml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace mapctl::config {
namespace {

// A thousand years: whoever counts in milliseconds has room for it.
constexpr double longest_duration = 1000.0 * 365 * 86400;

[[noreturn]] void fail_kind(const YamlNode& node, std::string_view what,
                            std::string_view expected) {
  if (node.is_scalar()) {
    fail_at(node, fmt::format("{} is '{}', but must be {}", what, node.text, expected),
            node.plain ? std::string{} : "write it without quotes");
  }
  fail_at(node, fmt::format("{} is {}, but must be {}", what, to_string(node.kind), expected));
}

template <class T>
std::optional<T> parse_whole(std::string_view text) noexcept {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
    return std::nullopt;
  }
  return value;
}

template <class T>
void check_range(const YamlNode& node, std::string_view what, T value, const Range<T>& range) {
  if (value >= range.minimum && value <= range.maximum) {
    return;
  }
  if (range.maximum == std::numeric_limits<T>::max()) {
    fail_at(node, fmt::format("{} is {}, but must be at least {}", what, node.text, range.minimum));
  }
  fail_at(node, fmt::format("{} is {}, but must be between {} and {}", what, node.text,
                            range.minimum, range.maximum));
}

std::vector<std::string> to_strings(std::span<const std::string_view> words) {
  return {words.begin(), words.end()};
}

}  // namespace

std::string text_of(const YamlNode& node, std::string_view what) {
  if (!node.is_scalar()) {
    fail_kind(node, what, "text");
  }
  return node.text;
}

bool boolean_of(const YamlNode& node, std::string_view what) {
  if (node.is_scalar() && node.plain) {
    if (node.text == "true" || node.text == "True" || node.text == "TRUE") {
      return true;
    }
    if (node.text == "false" || node.text == "False" || node.text == "FALSE") {
      return false;
    }
  }
  fail_kind(node, what, "true or false");
}

std::int64_t integer_of(const YamlNode& node, std::string_view what) {
  if (node.is_scalar() && node.plain) {
    if (const auto value = parse_whole<std::int64_t>(node.text)) {
      return *value;
    }
  }
  fail_kind(node, what, "a whole number");
}

double number_of(const YamlNode& node, std::string_view what) {
  if (node.is_scalar() && node.plain) {
    const auto value = parse_whole<double>(node.text);
    if (value && std::isfinite(*value)) {
      return *value;
    }
  }
  fail_kind(node, what, "a number");
}

std::optional<double> parse_duration(std::string_view text) noexcept {
  static constexpr std::pair<std::string_view, double> units[] = {
      {"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
  double factor = 1;
  for (const auto& [unit, seconds] : units) {
    if (text.ends_with(unit)) {
      text.remove_suffix(unit.size());
      factor = seconds;
      break;
    }
  }
  const auto value = parse_whole<double>(trim(text));
  if (!value || !(*value >= 0) || *value * factor > longest_duration) {
    return std::nullopt;
  }
  return *value * factor;
}

double duration_of(const YamlNode& node, std::string_view what) {
  if (node.is_scalar()) {
    if (const auto seconds = parse_duration(node.text)) {
      return *seconds;
    }
  }
  fail_kind(node, what, "a duration such as 500ms, 30s, 2m or 1h");
}

void require_choice(const YamlNode& node, std::string_view what,
                    std::span<const std::string_view> words) {
  const std::string value = text_of(node, what);
  if (std::find(words.begin(), words.end(), value) != words.end()) {
    return;
  }
  const std::vector<std::string> known = to_strings(words);
  fail_at(node, fmt::format("{} is '{}', but must be one of: {}", what, value, join(known, ", ")),
          nearest(value, known) ? suggestion(value, known) : std::string{});
}

MapReader::MapReader(const YamlNode& node, std::string what)
    : node_{&node}, what_{std::move(what)} {
  if (!node.is_map() && !node.is_null()) {
    fail_at(node, fmt::format("{} is {}, but must be a map of keys", what_, to_string(node.kind)),
            "write one 'key: value' a line");
  }
}

std::string MapReader::describe(std::string_view key) const {
  return fmt::format("key '{}' of {}", key, what_);
}

const YamlNode* MapReader::get(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
    known_.emplace_back(key);
  }
  const YamlNode* child = node_->find(key);
  return child == nullptr || child->is_null() ? nullptr : child;
}

const YamlNode& MapReader::required(std::string_view key) {
  const YamlNode* child = get(key);
  if (child == nullptr) {
    // A key that is misspelt would otherwise be reported as missing only.
    std::vector<std::string> given;
    for (const YamlNode& other : node_->children) {
      if (std::find(known_.begin(), known_.end(), other.key) == known_.end()) {
        given.push_back(other.key);
      }
    }
    const auto near = nearest(key, given);
    fail_at(
        *node_, fmt::format("{} has no key '{}'", what_, key),
        near ? fmt::format("rename '{}' to '{}'", *near, key) : fmt::format("add '{}: ...'", key));
  }
  return *child;
}

const YamlNode* MapReader::get_map(std::string_view key) {
  const YamlNode* child = get(key);
  if (child != nullptr && !child->is_map()) {
    fail_kind(*child, describe(key), "a map of keys");
  }
  return child;
}

const YamlNode* MapReader::get_sequence(std::string_view key) {
  const YamlNode* child = get(key);
  if (child != nullptr && !child->is_sequence()) {
    fail_kind(*child, describe(key), "a list");
  }
  return child;
}

std::string MapReader::required_string(std::string_view key) {
  const YamlNode& child = required(key);
  std::string value = text_of(child, describe(key));
  if (value.empty()) {
    fail_at(child, fmt::format("{} is empty", describe(key)));
  }
  return value;
}

std::optional<std::string> MapReader::optional_string(std::string_view key) {
  const YamlNode* child = get(key);
  return child == nullptr ? std::nullopt : std::optional{text_of(*child, describe(key))};
}

std::string MapReader::string(std::string_view key, std::string fallback) {
  return optional_string(key).value_or(std::move(fallback));
}

std::optional<bool> MapReader::optional_boolean(std::string_view key) {
  const YamlNode* child = get(key);
  return child == nullptr ? std::nullopt : std::optional{boolean_of(*child, describe(key))};
}

bool MapReader::boolean(std::string_view key, bool fallback) {
  return optional_boolean(key).value_or(fallback);
}

std::optional<std::int64_t> MapReader::optional_integer(std::string_view key,
                                                        Range<std::int64_t> range) {
  const YamlNode* child = get(key);
  if (child == nullptr) {
    return std::nullopt;
  }
  const std::int64_t value = integer_of(*child, describe(key));
  check_range(*child, describe(key), value, range);
  return value;
}

std::int64_t MapReader::integer(std::string_view key, std::int64_t fallback,
                                Range<std::int64_t> range) {
  return optional_integer(key, range).value_or(fallback);
}

std::optional<double> MapReader::optional_number(std::string_view key, Range<double> range) {
  const YamlNode* child = get(key);
  if (child == nullptr) {
    return std::nullopt;
  }
  const double value = number_of(*child, describe(key));
  check_range(*child, describe(key), value, range);
  return value;
}

double MapReader::number(std::string_view key, double fallback, Range<double> range) {
  return optional_number(key, range).value_or(fallback);
}

std::optional<double> MapReader::optional_duration(std::string_view key) {
  const YamlNode* child = get(key);
  return child == nullptr ? std::nullopt : std::optional{duration_of(*child, describe(key))};
}

std::vector<std::string> MapReader::strings(std::string_view key) {
  const YamlNode* child = get(key);
  std::vector<std::string> values;
  if (child == nullptr) {
    return values;
  }
  if (!child->is_sequence()) {
    values.push_back(text_of(*child, describe(key)));
    return values;
  }
  for (const YamlNode& item : child->children) {
    values.push_back(text_of(item, fmt::format("an item of {}", describe(key))));
  }
  return values;
}

std::optional<std::string> MapReader::optional_choice(std::string_view key,
                                                      std::span<const std::string_view> words) {
  const YamlNode* child = get(key);
  if (child == nullptr) {
    return std::nullopt;
  }
  require_choice(*child, describe(key), words);
  return child->text;
}

void MapReader::finish() const {
  for (const YamlNode& child : node_->children) {
    if (std::find(known_.begin(), known_.end(), child.key) == known_.end()) {
      fail_at_key(child, fmt::format("unknown key '{}' in {}", child.key, what_),
                  suggestion(child.key, known_));
    }
  }
}

}  // namespace mapctl::config
