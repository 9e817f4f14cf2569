// SPDX-License-Identifier: Apache-2.0
// Functions, methods, filters and tests of templates.
#include "core/base/base64.hpp"
#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/json_text.hpp"
#include "core/base/template_tree.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace mapctl::templates {
namespace {

constexpr std::array functions{
    "day_delta", "duration", "float", "format_datetime", "int",       "max",      "min",
    "now_local", "now_utc",  "str",   "str_to_datetime", "timestamp", "today_utc"};
constexpr std::array methods{"endswith", "get",    "isoformat", "join",   "json",  "keys",
                             "lower",    "lstrip", "replace",   "rstrip", "split", "startswith",
                             "strftime", "strip",  "timestamp", "upper",  "values"};
constexpr std::array filters{
    "abs",   "base64decode", "base64encode", "count",  "d",      "default", "first", "float",
    "hash",  "int",          "join",         "last",   "length", "list",    "lower", "replace",
    "round", "safe",         "split",        "string", "tojson", "trim",    "upper", "urlencode"};
constexpr std::array tests{"boolean", "defined", "false",  "mapping", "none",
                           "null",    "number",  "string", "true",    "undefined"};
constexpr double most_days = 3'000'000;  // of day_delta()
constexpr const char* iso_seconds = "%Y-%m-%dT%H:%M:%S+00:00";

template <class Names>
bool has(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string text_argument(const Arguments& arguments, std::size_t position, std::string_view name,
                          std::string fallback) {
  const Value* value = arguments.get(position, name);
  return value == nullptr || value->is_missing() ? fallback : text_of(*value);
}

std::string decode_base64(std::string_view text) {
  std::string out;
  unsigned group = 0;
  int bits = 0;
  for (const char c : text) {
    const int digit = c >= 'A' && c <= 'Z'   ? c - 'A'
                      : c >= 'a' && c <= 'z' ? c - 'a' + 26
                      : c >= '0' && c <= '9' ? c - '0' + 52
                      : c == '+' || c == '-' ? 62
                      : c == '/' || c == '_' ? 63
                                             : -1;
    if (digit < 0) {
      continue;
    }
    group = group << 6U | static_cast<unsigned>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(group >> bits & 255U);
    }
  }
  return out;
}

std::string encode_url(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view{"-._~/"}.find(c) != std::string_view::npos;
    out += plain ? std::string(1, c)
                 : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return out;
}

Json split_text(const std::string& text, const std::string& separator) {
  Json list = Json::array();
  if (separator.empty()) {
    const std::string spaced = replace_all(replace_all(text, "\n", " "), "\t", " ");
    for (const std::string_view word : split(spaced, ' ')) {
      if (!word.empty()) {
        list.push_back(std::string{word});
      }
    }
    return list;
  }
  std::size_t begin = 0;
  for (std::size_t at = text.find(separator); at != std::string::npos;
       at = text.find(separator, begin)) {
    list.push_back(text.substr(begin, at - begin));
    begin = at + separator.size();
  }
  list.push_back(text.substr(begin));
  return list;
}

std::string join_list(const Json& list, const std::string& separator) {
  std::string out;
  bool first = true;
  for (const Json& item : list) {
    out += (first ? "" : separator) + to_text(item);
    first = false;
  }
  return out;
}

Value to_integer(const Value& value) {
  if (value.kind == Value::Kind::json && value.json.is_number_integer()) {
    return value;
  }
  const auto number = number_of(value);
  return number && std::abs(*number) < 9e18 ? Value::of(static_cast<std::int64_t>(*number))
                                            : Value::of(0);
}

Value to_real(const Value& value) {
  return Value::of(number_of(value).value_or(0.0));
}

Value extreme(const Arguments& arguments, bool want_larger) {
  std::vector<Value> values = arguments.positional;
  if (values.size() == 1 && values[0].kind == Value::Kind::json && values[0].json.is_array()) {
    const Json list = values[0].json;
    values.clear();
    for (const Json& item : list) {
      values.push_back(Value::of(item));
    }
  }
  Value best = Value::missing();
  for (const Value& value : values) {
    if (value.is_missing()) {
      continue;
    }
    const auto a = number_of(value), b = number_of(best);
    const auto m = moment_of(value), n = moment_of(best);
    const bool larger = a && b ? *a > *b : m && n ? *m > *n : text_of(value) > text_of(best);
    if (best.is_missing() || larger == want_larger) {
      best = value;
    }
  }
  return best;
}

Value required_moment(const Value* value, std::string_view what) {
  if (value != nullptr) {
    if (const auto moment = moment_of(*value)) {
      return Value::of(*moment);
    }
  }
  throw Error{ErrorCode::configuration,
              fmt::format("{} cannot read '{}' as a date", what,
                          value == nullptr ? std::string{} : text_of(*value)),
              "write dates as 2026-01-31 or 2026-01-31T00:00:00Z"};
}

}  // namespace

const Value* Arguments::get(std::size_t position, std::string_view name) const {
  for (const auto& [key, value] : named) {
    if (key == name) {
      return &value;
    }
  }
  return position < positional.size() ? &positional[position] : nullptr;
}

bool is_function(std::string_view name) noexcept {
  return has(functions, name);
}
bool is_method(std::string_view name) noexcept {
  return has(methods, name);
}
bool is_filter(std::string_view name) noexcept {
  return has(filters, name);
}
bool is_test(std::string_view name) noexcept {
  return has(tests, name);
}
std::vector<std::string> function_names() {
  return {functions.begin(), functions.end()};
}
std::vector<std::string> method_names() {
  return {methods.begin(), methods.end()};
}
std::vector<std::string> filter_names() {
  return {filters.begin(), filters.end()};
}

std::string text_of(const Value& value) {
  switch (value.kind) {
    case Value::Kind::missing: return {};
    case Value::Kind::moment:
      return format_moment(value.moment, value.moment.microseconds % 1'000'000 == 0
                                             ? "%Y-%m-%d %H:%M:%S+00:00"
                                             : "%Y-%m-%d %H:%M:%S.%f+00:00");
    case Value::Kind::period:
      return fmt::format("{}", static_cast<double>(value.period.microseconds) / 1e6);
    case Value::Kind::json: return to_text(value.json);
  }
  return {};
}

Json json_of(const Value& value) {
  return value.kind == Value::Kind::json      ? value.json
         : value.kind == Value::Kind::missing ? Json(nullptr)
                                              : Json(text_of(value));
}

bool truth_of(const Value& value) {
  return value.kind == Value::Kind::json ? is_truthy(value.json) : !value.is_missing();
}

std::optional<double> number_of(const Value& value) {
  if (value.kind == Value::Kind::moment) {
    return static_cast<double>(value.moment.microseconds) / 1e6;
  }
  if (value.kind != Value::Kind::json) {
    return std::nullopt;
  }
  if (value.json.is_number()) {
    return value.json.get<double>();
  }
  if (value.json.is_boolean()) {
    return value.json.get<bool>() ? 1 : 0;
  }
  if (value.json.is_string()) {
    const std::string_view text = trim(value.json.get_ref<const std::string&>());
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size() && !text.empty()) {
      return number;
    }
  }
  return std::nullopt;
}

std::optional<Moment> moment_of(const Value& value) {
  if (value.kind == Value::Kind::moment) {
    return value.moment;
  }
  if (value.kind != Value::Kind::json || value.json.is_null()) {
    return std::nullopt;
  }
  if (value.json.is_number_float()) {
    return parse_moment(fmt::format("{:.6f}", value.json.get<double>()), "%s_as_float");
  }
  return parse_moment(text_of(value));
}

Value call_function(std::string_view name, const Arguments& arguments, const TemplateScope& scope) {
  const Value* first = arguments.get(0, "value");
  if (name == "now_utc" || name == "now_local") {
    return Value::of(scope.now);
  }
  if (name == "today_utc") {
    return Value::of(format_moment(scope.now, "%Y-%m-%d"));
  }
  if (name == "day_delta") {
    const double days = number_of(first == nullptr ? Value::of(0) : *first).value_or(0);
    if (!(std::abs(days) <= most_days)) {
      throw Error{ErrorCode::configuration, fmt::format("day_delta() cannot go {} days", days),
                  "give a number of days from -3000000 to 3000000"};
    }
    const Moment moment{scope.now.microseconds +
                        static_cast<std::int64_t>(days * 86'400) * 1'000'000};
    return Value::of(
        format_moment(moment, text_argument(arguments, 1, "format", "%Y-%m-%dT%H:%M:%S.%f%z")));
  }
  if (name == "duration") {
    const auto period = parse_period(first == nullptr ? std::string{} : text_of(*first));
    if (!period) {
      throw Error{
          ErrorCode::configuration,
          fmt::format("duration() cannot read '{}'", first == nullptr ? "" : text_of(*first)),
          "write it as P1D, PT12H or P1Y2M"};
    }
    return Value::of(*period);
  }
  if (name == "format_datetime") {
    const Value* value = arguments.get(0, "dt");
    Value moment;
    if (const Value* input = arguments.get(2, "input_format");
        input != nullptr && value != nullptr) {
      const auto parsed = parse_moment(text_of(*value), text_of(*input));
      moment = parsed ? Value::of(*parsed) : required_moment(nullptr, "format_datetime()");
    } else {
      moment = required_moment(value, "format_datetime()");
    }
    return Value::of(
        format_moment(moment.moment, text_argument(arguments, 1, "format", "%Y-%m-%dT%H:%M:%SZ")));
  }
  if (name == "str_to_datetime") {
    return required_moment(first, "str_to_datetime()");
  }
  if (name == "timestamp") {
    return Value::of(required_moment(first, "timestamp()").moment.microseconds / 1'000'000);
  }
  if (name == "max" || name == "min") {
    return extreme(arguments, name == "max");
  }
  const Value value = first == nullptr ? Value::missing() : *first;
  return name == "int"     ? to_integer(value)
         : name == "float" ? to_real(value)
                           : Value::of(text_of(value));
}

Value call_method(const Value& on, std::string_view name, const Arguments& arguments) {
  if (name == "get") {
    const Value* fallback = arguments.get(1, "default");
    if (on.kind == Value::Kind::json && on.json.is_object()) {
      const auto found = on.json.find(text_argument(arguments, 0, "key", ""));
      if (found != on.json.end()) {
        return Value::of(*found);
      }
    } else if (!on.is_missing() && !(on.kind == Value::Kind::json && on.json.is_null())) {
      return Value::missing();
    }
    return fallback == nullptr ? Value::of(nullptr) : *fallback;
  }
  if (name == "json") {
    return on;
  }
  if (on.is_missing()) {
    return on;
  }
  if (name == "strftime" || name == "isoformat" || name == "timestamp") {
    const auto moment = moment_of(on);
    if (!moment) {
      return Value::missing();
    }
    if (name == "timestamp") {
      return Value::of(static_cast<double>(moment->microseconds) / 1e6);
    }
    if (name == "strftime") {
      return Value::of(format_moment(*moment, text_argument(arguments, 0, "format", iso_seconds)));
    }
    const bool whole = text_argument(arguments, 1, "timespec", "auto") == "seconds" ||
                       moment->microseconds % 1'000'000 == 0;
    return Value::of(
        format_moment(*moment, replace_all(whole ? iso_seconds : "%Y-%m-%dT%H:%M:%S.%f+00:00",
                                           "T%H", text_argument(arguments, 0, "sep", "T") + "%H")));
  }
  if (name == "keys" || name == "values") {
    Json list = Json::array();
    if (on.kind == Value::Kind::json && on.json.is_object()) {
      for (const auto& [key, value] : on.json.items()) {
        list.push_back(name == "keys" ? Json(key) : value);
      }
    }
    return Value::of(std::move(list));
  }
  const std::string text = text_of(on);
  const std::string argument = text_argument(arguments, 0, "sep", "");
  if (name == "join") {
    const Value* list = arguments.get(0, "iterable");
    return Value::of(list == nullptr ? std::string{} : join_list(list->json, text));
  }
  if (name == "startswith" || name == "endswith") {
    return Value::of(name == "startswith" ? text.starts_with(argument) : text.ends_with(argument));
  }
  if (name == "split") {
    return Value::of(split_text(text, argument));
  }
  if (name == "replace") {
    return argument.empty()
               ? Value::of(text)
               : Value::of(replace_all(text, argument, text_argument(arguments, 1, "new", "")));
  }
  if (name == "lower" || name == "upper") {
    return Value::of(name == "lower" ? to_lower(text) : to_upper(text));
  }
  const std::string characters = argument.empty() ? " \t\r\n" : argument;
  const std::size_t begin =
      name == "rstrip" ? 0 : std::min(text.find_first_not_of(characters), text.size());
  const std::size_t last = text.find_last_not_of(characters);
  const std::size_t end = name == "lstrip" || last == std::string::npos ? text.size() : last + 1;
  return Value::of(text.substr(begin, end > begin ? end - begin : 0));
}

Value apply_filter(const Value& on, std::string_view name, const Arguments& arguments) {
  if (name == "default" || name == "d") {
    const Value* fallback = arguments.get(0, "default_value");
    const Value* boolean = arguments.get(1, "boolean");
    const bool use = on.is_missing() || (boolean != nullptr && truth_of(*boolean) && !truth_of(on));
    return use ? (fallback == nullptr ? Value::of("") : *fallback) : on;
  }
  if (name == "int") {
    return to_integer(on);
  }
  if (name == "float") {
    return to_real(on);
  }
  if (name == "abs" || name == "round") {
    const double number = number_of(on).value_or(0);
    return Value::of(name == "abs" ? std::abs(number) : std::round(number));
  }
  if (name == "tojson") {
    return Value::of(to_line(json_of(on)));
  }
  const bool is_list = on.kind == Value::Kind::json && on.json.is_array();
  if (name == "length" || name == "count") {
    const bool is_text = on.kind == Value::Kind::json && on.json.is_string();
    return Value::of(
        static_cast<std::int64_t>(is_text ? utf8_length(on.json.get_ref<const std::string&>())
                                  : on.kind == Value::Kind::json ? on.json.size()
                                                                 : 0));
  }
  if (name == "first" || name == "last") {
    return is_list && !on.json.empty()
               ? Value::of(name == "first" ? on.json.front() : on.json.back())
               : Value::missing();
  }
  if (name == "list") {
    return is_list ? on : Value::of(Json::array({json_of(on)}));
  }
  if (name == "join") {
    return Value::of(is_list ? join_list(on.json, text_argument(arguments, 0, "d", ""))
                             : text_of(on));
  }
  if (name == "safe") {
    return on;
  }
  const std::string text = text_of(on);
  if (name == "base64encode") {
    return Value::of(base64(text));
  }
  if (name == "base64decode") {
    return Value::of(decode_base64(text));
  }
  if (name == "urlencode") {
    return Value::of(encode_url(text));
  }
  if (name == "hash") {
    return Value::of(sha256(text));
  }
  if (name == "split" || name == "replace") {
    return call_method(Value::of(text), name, arguments);
  }
  if (name == "lower" || name == "upper") {
    return Value::of(name == "lower" ? to_lower(text) : to_upper(text));
  }
  return Value::of(name == "trim" ? std::string{trim(text)} : text);
}

bool apply_test(const Value& on, std::string_view name) {
  const bool is_json = on.kind == Value::Kind::json;
  if (name == "defined" || name == "undefined") {
    return on.is_missing() == (name == "undefined");
  }
  if (name == "none" || name == "null") {
    return is_json && on.json.is_null();
  }
  if (name == "true" || name == "false") {
    return is_json && on.json.is_boolean() && on.json.get<bool>() == (name == "true");
  }
  return is_json && (name == "string"    ? on.json.is_string()
                     : name == "number"  ? on.json.is_number()
                     : name == "mapping" ? on.json.is_object()
                                         : on.json.is_boolean());
}

}  // namespace mapctl::templates
