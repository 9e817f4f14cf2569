// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/named_keys.hpp"

#include "core/base/ascii.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace mapctl::matching {
namespace {

// Identifiers of a record itself, as other systems or older ones know it.
constexpr std::array<std::string_view, 14> other_keys{
    "external", "foreign", "global", "internal", "legacy", "local",  "object",
    "original", "record",  "remote", "row",      "source", "system", "unique"};

// "user_id", "userId" and "user-ref" refer to a user.
std::string_view without_key_ending(std::string_view step) noexcept {
  constexpr std::array<std::string_view, 5> endings{"id", "ref", "key", "guid", "uuid"};
  constexpr std::size_t shortest = 2;
  for (const auto ending : endings) {
    if (step.size() < shortest + ending.size() ||
        !equal_ignoring_case(step.substr(step.size() - ending.size()), ending)) {
      continue;
    }
    const auto rest = step.substr(0, step.size() - ending.size());
    if (rest.back() == '_' || rest.back() == '-' || rest.back() == ' ') {
      return rest.substr(0, rest.size() - 1);
    }
    const char first = step[rest.size()];
    if (is_upper(first) && !is_upper(rest.back())) {
      return rest;
    }
  }
  return {};
}

}  // namespace

KeyRole key_by_name(const Side& side, const ColumnFeatures& column) noexcept {
  const auto words = side.list(column.expanded);
  if (words.empty() || side.terms[words.back()].text != "identifier") {
    return KeyRole::none;
  }
  const auto rest = words.first(words.size() - 1);
  if (rest.empty()) {
    return KeyRole::primary;
  }
  const auto is_other_key = [&](std::uint32_t term) {
    return std::find(other_keys.begin(), other_keys.end(), side.terms[term].text) !=
           other_keys.end();
  };
  if (std::all_of(rest.begin(), rest.end(), is_other_key)) {
    return KeyRole::unique;
  }
  const auto all_in = [&](std::span<const std::uint32_t> some,
                          std::span<const std::uint32_t> others) {
    return std::all_of(some.begin(), some.end(), [&](std::uint32_t term) {
      return std::any_of(others.begin(), others.end(), [&](std::uint32_t other) {
        return side.terms[term].hash == side.terms[other].hash;
      });
    });
  };
  const auto names = side.list(side.tables[column.table].name);
  if (names.empty()) {
    return KeyRole::none;
  }
  return all_in(rest, names) && all_in(names, rest) ? KeyRole::primary : KeyRole::foreign;
}

std::string_view referred_name(std::string_view column) noexcept {
  const auto dot = column.rfind('.');
  if (dot == std::string_view::npos) {
    return {};
  }
  constexpr std::array<std::string_view, 6> keys{"id", "value", "key", "ref", "guid", "uuid"};
  const auto part = column.substr(dot + 1);
  if (part.empty() || std::any_of(keys.begin(), keys.end(), [&](std::string_view key) {
        return equal_ignoring_case(part, key);
      })) {
    return {};
  }
  return without_key_ending(column.substr(0, dot));
}

}  // namespace mapctl::matching
