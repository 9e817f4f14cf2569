// SPDX-License-Identifier: Apache-2.0
// What templates give, declared in template.hpp.
#include "core/base/error.hpp"
#include "core/base/json_text.hpp"
#include "core/base/template_tree.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace mapctl {
namespace templates {
namespace {

using Locals = std::map<std::string, Value, std::less<>>;

Value index_of(const Value& on, const Value& key) {
  if (on.kind != Value::Kind::json) {
    return Value::missing();
  }
  if (on.json.is_object()) {
    const auto found = on.json.find(text_of(key));
    return found == on.json.end() ? Value::missing() : Value::of(*found);
  }
  const auto number = number_of(key);
  if (!number) {
    return Value::missing();
  }
  const auto position = [&](std::size_t size) {
    const double at = *number < 0 ? *number + static_cast<double>(size) : *number;
    return at >= 0 && at < static_cast<double>(size) ? std::optional{static_cast<std::size_t>(at)}
                                                     : std::nullopt;
  };
  if (on.json.is_array()) {
    const auto at = position(on.json.size());
    return at ? Value::of(on.json[*at]) : Value::missing();
  }
  if (on.json.is_string()) {
    const auto& text = on.json.get_ref<const std::string&>();
    const auto at = position(text.size());
    return at ? Value::of(std::string(1, text[*at])) : Value::missing();
  }
  return Value::missing();
}

Value slice_of(const Value& on, const Value& from, const Value& to) {
  const bool is_text = on.kind == Value::Kind::json && on.json.is_string();
  if (!is_text && !(on.kind == Value::Kind::json && on.json.is_array())) {
    return Value::missing();
  }
  const auto size =
      static_cast<double>(is_text ? on.json.get_ref<const std::string&>().size() : on.json.size());
  const auto bound = [&](const Value& value, double fallback) {
    double at = number_of(value).value_or(fallback);
    at = at < 0 ? at + size : at;
    return static_cast<std::size_t>(std::clamp(at, 0.0, size));
  };
  const std::size_t begin = bound(from, 0);
  const std::size_t end = std::max(begin, bound(to, size));
  if (is_text) {
    return Value::of(on.json.get_ref<const std::string&>().substr(begin, end - begin));
  }
  Json list = Json::array();
  for (std::size_t i = begin; i < end; ++i) {
    list.push_back(on.json[i]);
  }
  return Value::of(std::move(list));
}

bool are_equal(const Value& left, const Value& right) {
  if (left.kind == Value::Kind::moment || right.kind == Value::Kind::moment) {
    const auto one = moment_of(left), other = moment_of(right);
    return one && other && *one == *other;
  }
  if (left.is_missing() || right.is_missing()) {
    return left.is_missing() && right.is_missing();
  }
  return left.json == right.json;
}

// Less than zero, zero, more; nothing for what has no order.
std::optional<int> compare(const Value& left, const Value& right) {
  const auto sign = [](const auto& a, const auto& b) { return a < b ? -1 : b < a ? 1 : 0; };
  if (left.kind == Value::Kind::moment || right.kind == Value::Kind::moment) {
    const auto one = moment_of(left), other = moment_of(right);
    return one && other ? std::optional{sign(*one, *other)} : std::nullopt;
  }
  if (left.kind != Value::Kind::json || right.kind != Value::Kind::json) {
    return std::nullopt;
  }
  if (left.json.is_string() && right.json.is_string()) {
    return sign(left.json.get_ref<const std::string&>(), right.json.get_ref<const std::string&>());
  }
  if (left.json.is_number() && right.json.is_number()) {
    return sign(left.json.get<double>(), right.json.get<double>());
  }
  return std::nullopt;
}

bool contains(const Value& list, const Value& item) {
  if (list.kind != Value::Kind::json) {
    return false;
  }
  if (list.json.is_string()) {
    return list.json.get_ref<const std::string&>().find(text_of(item)) != std::string::npos;
  }
  if (list.json.is_object()) {
    return list.json.contains(text_of(item));
  }
  return list.json.is_array() && std::any_of(list.json.begin(), list.json.end(),
                                             [&](const Json& one) { return one == item.json; });
}

constexpr std::int64_t smallest_whole = std::numeric_limits<std::int64_t>::min();

// A number of JSON that 64 bits with a sign hold.
bool is_whole(const Json& json) {
  return json.is_number_integer() &&
         (!json.is_number_unsigned() ||
          json.get<std::uint64_t>() <=
              static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}

Value arithmetic(Op op, const Value& left, const Value& right) {
  const auto is = [](const Value& value, Value::Kind kind) { return value.kind == kind; };
  if (is(right, Value::Kind::period)) {
    if (const auto moment = moment_of(left)) {
      return Value::of(op == Op::subtract ? minus(*moment, right.period)
                                          : plus(*moment, right.period));
    }
  }
  if (is(left, Value::Kind::moment) && is(right, Value::Kind::moment) && op == Op::subtract) {
    return Value::of(Period{0, left.moment.microseconds - right.moment.microseconds});
  }
  if (op == Op::add && is(left, Value::Kind::json) && is(right, Value::Kind::json)) {
    if (left.json.is_string() && right.json.is_string()) {
      return Value::of(text_of(left) + text_of(right));
    }
    if (left.json.is_array() && right.json.is_array()) {
      Json list = left.json;
      list.insert(list.end(), right.json.begin(), right.json.end());
      return Value::of(std::move(list));
    }
  }
  const bool numbers = is(left, Value::Kind::json) && is(right, Value::Kind::json) &&
                       left.json.is_number() && right.json.is_number();
  if (!numbers) {
    return Value::missing();
  }
  const double a = left.json.get<double>(), b = right.json.get<double>();
  if (is_whole(left.json) && is_whole(right.json) && op != Op::divide) {
    const auto x = left.json.get<std::int64_t>(), y = right.json.get<std::int64_t>();
    std::int64_t result = 0;
    const bool is_lost = op == Op::add        ? __builtin_add_overflow(x, y, &result)
                         : op == Op::subtract ? __builtin_sub_overflow(x, y, &result)
                         : op == Op::multiply ? __builtin_mul_overflow(x, y, &result)
                                              : y == -1 && x == smallest_whole;
    if ((op == Op::floor_divide || op == Op::modulo) && y == 0) {
      return Value::missing();
    }
    if (!is_lost && (op == Op::floor_divide || op == Op::modulo)) {
      // C++ rounds towards zero, Python down.
      const bool is_rounded_up = x % y != 0 && (x < 0) != (y < 0);
      result = op == Op::floor_divide ? x / y - (is_rounded_up ? 1 : 0)
                                      : x % y + (is_rounded_up ? y : 0);
    }
    if (!is_lost) {
      return Value::of(result);
    }
  }
  switch (op) {
    case Op::add: return Value::of(a + b);
    case Op::subtract: return Value::of(a - b);
    case Op::multiply: return Value::of(a * b);
    default: break;
  }
  if (b == 0) {
    return Value::missing();
  }
  return Value::of(op == Op::divide         ? a / b
                   : op == Op::floor_divide ? std::floor(a / b)
                                            : a - std::floor(a / b) * b);
}

Arguments arguments_of(const Node& node, std::size_t first, const TemplateScope& scope,
                       const Locals& locals) {
  Arguments arguments;
  for (std::size_t i = first; i < node.children.size(); ++i) {
    Value value = evaluate(node.children[i], scope, locals);
    if (node.keywords[i].empty()) {
      arguments.positional.push_back(std::move(value));
    } else {
      arguments.named.emplace_back(node.keywords[i], std::move(value));
    }
  }
  return arguments;
}

// Follows names and constant keys without copying what lies on the way: responses are large.
const Json* lookup(const Node& node, const TemplateScope& scope, const Locals& locals) {
  if (node.op == Op::name) {
    if (locals.contains(node.name)) {
      return nullptr;
    }
    const auto found = scope.names.find(node.name);
    return found == scope.names.end() ? nullptr : found->second;
  }
  const bool is_constant_key = node.op == Op::index && node.children[1].op == Op::literal &&
                               node.children[1].literal.is_string();
  if (node.op != Op::attribute && !is_constant_key) {
    return nullptr;
  }
  const Json* on = lookup(node.children[0], scope, locals);
  if (on == nullptr || !on->is_object()) {
    return nullptr;
  }
  const auto found =
      on->find(node.op == Op::attribute ? node.name
                                        : node.children[1].literal.get_ref<const std::string&>());
  return found == on->end() ? nullptr : &*found;
}

}  // namespace

Value evaluate(const Node& node, const TemplateScope& scope, const Locals& locals) {
  const auto child = [&](std::size_t i) { return evaluate(node.children[i], scope, locals); };
  switch (node.op) {
    case Op::literal: return Value::of(node.literal);
    case Op::name:
      if (const auto local = locals.find(node.name); local != locals.end()) {
        return local->second;
      }
      [[fallthrough]];
    case Op::attribute:
    case Op::index:
      if (const Json* found = lookup(node, scope, locals)) {
        return Value::of(*found);
      }
      if (node.op == Op::name) {
        return Value::missing();
      }
      return index_of(child(0), node.op == Op::attribute ? Value::of(node.name) : child(1));
    case Op::slice: return slice_of(child(0), child(1), child(2));
    case Op::list: {
      Json list = Json::array();
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        list.push_back(json_of(child(i)));
      }
      return Value::of(std::move(list));
    }
    case Op::map: {
      Json map = Json::object();
      for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
        map[text_of(child(i))] = json_of(child(i + 1));
      }
      return Value::of(std::move(map));
    }
    case Op::call: return call_function(node.name, arguments_of(node, 0, scope, locals), scope);
    case Op::method: {
      // get() on a response, without a copy of it.
      if (node.name == "get" && node.children.size() >= 2) {
        const Json* on = lookup(node.children[0], scope, locals);
        if (on != nullptr && on->is_object()) {
          const auto found = on->find(text_of(child(1)));
          if (found != on->end()) {
            return Value::of(*found);
          }
          return node.children.size() > 2 ? child(2) : Value::of(nullptr);
        }
      }
      return call_method(child(0), node.name, arguments_of(node, 1, scope, locals));
    }
    case Op::filter: return apply_filter(child(0), node.name, arguments_of(node, 1, scope, locals));
    case Op::negate: {
      const Value value = child(0);
      if (value.kind == Value::Kind::json && is_whole(value.json) &&
          value.json.get<std::int64_t>() != smallest_whole) {
        return Value::of(-value.json.get<std::int64_t>());
      }
      const auto number = number_of(value);
      return number ? Value::of(-*number) : Value::missing();
    }
    case Op::logical_not: return Value::of(!truth_of(child(0)));
    case Op::logical_and: {
      Value left = child(0);
      return truth_of(left) ? child(1) : left;
    }
    case Op::logical_or: {
      Value left = child(0);
      return truth_of(left) ? left : child(1);
    }
    case Op::conditional: return truth_of(child(0)) ? child(1) : child(2);
    case Op::equal: return Value::of(are_equal(child(0), child(1)));
    case Op::not_equal: return Value::of(!are_equal(child(0), child(1)));
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal: {
      const auto order = compare(child(0), child(1));
      return Value::of(order && (node.op == Op::less         ? *order < 0
                                 : node.op == Op::less_equal ? *order <= 0
                                 : node.op == Op::greater    ? *order > 0
                                                             : *order >= 0));
    }
    case Op::in: return Value::of(contains(child(1), child(0)));
    case Op::not_in: return Value::of(!contains(child(1), child(0)));
    case Op::is: return Value::of(apply_test(child(0), node.name));
    case Op::is_not: return Value::of(!apply_test(child(0), node.name));
    case Op::concatenate: return Value::of(text_of(child(0)) + text_of(child(1)));
    default: return arithmetic(node.op, child(0), child(1));
  }
}

namespace {

class Run {
 public:
  Run(const TemplateScope& scope, bool strict, std::string_view where)
      : scope_{scope}, strict_{strict}, where_{where} {}

  void all(const std::vector<Statement>& statements) {
    for (const Statement& statement : statements) {
      switch (statement.kind) {
        case Statement::Kind::text: out += statement.text; break;
        case Statement::Kind::set:
          locals_[statement.text] = evaluate(statement.expression, scope_, locals_);
          break;
        case Statement::Kind::branch:
          all(truth_of(evaluate(statement.expression, scope_, locals_)) ? statement.body
                                                                        : statement.otherwise);
          break;
        case Statement::Kind::print: {
          const Value value = evaluate(statement.expression, scope_, locals_);
          if (strict_ && value.is_missing()) {
            fail_missing(statement.text);
          }
          out += text_of(value);
          break;
        }
      }
    }
  }
  std::string out;

 private:
  [[noreturn]] void fail_missing(std::string_view text) const {
    constexpr std::string_view of_config = "config.";
    const auto config = scope_.names.find("config");
    const bool is_path = std::all_of(text.begin(), text.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '_' || c == '.';
    });
    if (!text.starts_with(of_config) || !is_path || scope_.config_of.empty() ||
        config == scope_.names.end() || !config->second->is_object()) {
      throw Error{ErrorCode::configuration, fmt::format("{}: '{}' has no value", where_, text),
                  "give the value under options: config: or auth: of the profile"};
    }
    const std::string_view key = text.substr(of_config.size());
    std::vector<std::string> given;
    for (const auto& [name, value] : config->second->items()) {
      given.push_back(name);
    }
    const auto near = nearest(key, given);
    throw Error{ErrorCode::configuration,
                fmt::format("{} has no '{}' under auth: or config:, which {} needs",
                            scope_.config_of, key, where_),
                near ? fmt::format("rename '{}' to '{}'", *near, key)
                     : fmt::format("write auth: {{{}: \"${{env:NAME}}\"}}, or give it under "
                                   "options: config: if it is no secret",
                                   key)};
  }

  const TemplateScope& scope_;
  bool strict_;
  std::string_view where_;
  Locals locals_;
};

}  // namespace
}  // namespace templates

Json Template::value(const TemplateScope& scope) const {
  if (tree_ == nullptr) {
    return source_;
  }
  using Kind = templates::Statement::Kind;
  if (tree_->statements.size() == 1 && tree_->statements[0].kind == Kind::print) {
    return templates::json_of(templates::evaluate(tree_->statements[0].expression, scope, {}));
  }
  templates::Run run{scope, false, where_};
  run.all(tree_->statements);
  return run.out;
}

bool Template::is_true(const TemplateScope& scope) const {
  const Json result = value(scope);
  // Several pieces give text: what a person would read as no is no.
  if (result.is_string()) {
    const std::string text = to_lower(trim(result.get_ref<const std::string&>()));
    return !text.empty() && text != "false" && text != "none" && text != "0";
  }
  return is_truthy(result);
}

std::string Template::text(const TemplateScope& scope) const {
  if (tree_ == nullptr) {
    return source_;
  }
  templates::Run run{scope, true, where_};
  run.all(tree_->statements);
  return std::move(run.out);
}

}  // namespace mapctl
