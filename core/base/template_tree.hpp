// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/template.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

// The inside of templates: shared by the parser, the evaluation and the functions.
namespace mapctl::templates {

// A value while it is computed. Moments and periods are no JSON.
struct Value {
  enum class Kind : std::uint8_t { json, missing, moment, period } kind = Kind::json;
  Json json{};
  Moment moment{};
  Period period{};

  static Value missing() {
    Value value;
    value.kind = Kind::missing;
    return value;
  }
  static Value of(Json json) {
    Value value;
    value.json = std::move(json);
    return value;
  }
  static Value of(Moment moment) {
    Value value;
    value.kind = Kind::moment;
    value.moment = moment;
    return value;
  }
  static Value of(Period period) {
    Value value;
    value.kind = Kind::period;
    value.period = period;
    return value;
  }
  bool is_missing() const noexcept { return kind == Kind::missing; }
};

enum class Op : std::uint8_t {
  literal,
  name,
  list,
  map,
  attribute,
  index,
  slice,
  call,
  method,
  filter,
  negate,
  logical_not,
  logical_and,
  logical_or,
  conditional,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  not_in,
  is,
  is_not,
  add,
  subtract,
  multiply,
  divide,
  floor_divide,
  modulo,
  concatenate
};

struct Node {
  Op op = Op::literal;
  std::string name{};  // of a name, attribute, function, method, filter, test
  Json literal{};
  std::vector<Node> children{};
  std::vector<std::string> keywords{};  // of arguments, aligned with children; "" for positional
};

struct Statement {
  enum class Kind : std::uint8_t { text, print, set, branch } kind = Kind::text;
  std::string text{};  // literal, name that is set, or source of what is printed
  Node expression{};
  std::vector<Statement> body{}, otherwise{};
};

// What stands between braces; throws Error::configuration.
Node parse_expression(std::string_view source, std::string_view where);
[[noreturn]] void fail_expression(std::string_view where, std::string_view source,
                                  std::string_view cause,
                                  std::string hint = "check the expression between the braces");

bool is_function(std::string_view name) noexcept;
bool is_method(std::string_view name) noexcept;
bool is_filter(std::string_view name) noexcept;
bool is_test(std::string_view name) noexcept;
std::vector<std::string> function_names();
std::vector<std::string> method_names();
std::vector<std::string> filter_names();

struct Arguments {
  std::vector<Value> positional{};
  std::vector<std::pair<std::string, Value>> named{};
  const Value* get(std::size_t position, std::string_view name) const;
};

Value call_function(std::string_view name, const Arguments& arguments, const TemplateScope& scope);
Value call_method(const Value& on, std::string_view name, const Arguments& arguments);
Value apply_filter(const Value& on, std::string_view name, const Arguments& arguments);
bool apply_test(const Value& on, std::string_view name);

std::string text_of(const Value& value);
Json json_of(const Value& value);
bool truth_of(const Value& value);
std::optional<double> number_of(const Value& value);
std::optional<Moment> moment_of(const Value& value);

Value evaluate(const Node& node, const TemplateScope& scope,
               const std::map<std::string, Value, std::less<>>& locals);

}  // namespace mapctl::templates

namespace mapctl {
struct Template::Tree {
  std::vector<templates::Statement> statements{};
};
}  // namespace mapctl
