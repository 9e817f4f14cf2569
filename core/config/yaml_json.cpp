// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml_json.hpp"

#include "core/base/text.hpp"
#include "core/config/yaml.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace mapctl::config {
namespace {

Json scalar(const YamlNode& node) {
  const std::string& text = node.text;
  if (!node.plain) {
    return text;
  }
  if (text == "true" || text == "True" || text == "TRUE") {
    return true;
  }
  if (text == "false" || text == "False" || text == "FALSE") {
    return false;
  }
  const char* end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto read = std::from_chars(text.data(), end, whole);
      read.ec == std::errc{} && read.ptr == end && !text.empty()) {
    return whole;
  }
  double real = 0;
  if (const auto read = std::from_chars(text.data(), end, real);
      read.ec == std::errc{} && read.ptr == end && !text.empty() && std::isfinite(real)) {
    return real;
  }
  return text;
}

bool is_plain(std::string_view text) {
  static constexpr std::string_view words[] = {"true", "false", "null", "yes", "no",
                                               "on",   "off",   "y",    "n"};
  const bool is_simple = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"_-./"}.find(c) != std::string_view::npos;
  });
  const bool begins_well =
      !text.empty() && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z') ||
                        text[0] == '_' || text[0] == '/');
  return is_simple && begins_well &&
         std::none_of(std::begin(words), std::end(words),
                      [&](std::string_view word) { return equal_ignoring_case(word, text); });
}

std::string in_quotes(std::string_view text) {
  if (is_plain(text)) {
    return std::string{text};
  }
  std::string out;
  append_json_string(out, text);
  return out;
}

bool is_short(const Json& value) {
  return !value.is_structured() || value.empty() ||
         (value.size() <= 6 &&
          std::none_of(value.begin(), value.end(),
                       [](const Json& item) { return item.is_structured() && !item.empty(); }) &&
          to_line(value).size() < 80);
}

std::string flow(const Json& value) {
  if (value.is_string()) {
    return in_quotes(value.get_ref<const std::string&>());
  }
  if (!value.is_structured()) {
    return to_line(value);
  }
  std::string out = value.is_array() ? "[" : "{";
  bool first = true;
  for (const auto& [key, item] : value.items()) {
    out += first ? "" : ", ";
    first = false;
    out += value.is_array() ? flow(item) : in_quotes(key) + ": " + flow(item);
  }
  return out + (value.is_array() ? "]" : "}");
}

void write(std::string& out, const Json& value, std::size_t indent) {
  const std::string space(indent, ' ');
  for (const auto& [key, item] : value.items()) {
    if (value.is_object()) {
      out += fmt::format("{}{}:", space, in_quotes(key));
      if (is_short(item)) {
        out += fmt::format(" {}\n", flow(item));
      } else {
        out += '\n';
        write(out, item, indent + 2);
      }
    } else if (is_short(item)) {
      out += fmt::format("{}- {}\n", space, flow(item));
    } else {
      // The first key stands behind the dash.
      std::string inner;
      write(inner, item, indent + 2);
      inner[indent] = '-';
      out += inner;
    }
  }
}

}  // namespace

Json to_json(const YamlNode& node) {
  switch (node.kind) {
    case YamlKind::null: return nullptr;
    case YamlKind::scalar: return scalar(node);
    case YamlKind::sequence: {
      Json list = Json::array();
      for (const YamlNode& child : node.children) {
        list.push_back(to_json(child));
      }
      return list;
    }
    case YamlKind::map: {
      Json map = Json::object();
      for (const YamlNode& child : node.children) {
        map[child.key] = to_json(child);
      }
      return map;
    }
  }
  return nullptr;
}

std::string to_yaml(const Json& map) {
  std::string out;
  write(out, map, 0);
  return out;
}

}  // namespace mapctl::config
