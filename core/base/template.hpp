// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/base/moment.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace mapctl {

// What the names in a template stand for. The values must outlive the call.
struct TemplateScope {
  std::map<std::string, const Json*, std::less<>> names{};
  Moment now{};
  // Who gives the values of `config`, for messages: "profile 'crm'". Empty where nobody is known.
  std::string config_of{};
};

// Text with expressions: "https://{{ config.domain }}/api/{{ record['id'] | int }}". The language
// is the part of Jinja that descriptions of APIs use: {{ }}, {% set %}, {% if %}, {# #}; operators
// of Python, conditional expressions, slices; get(), replace(), split() and other methods; filters
// such as int, join, tojson, default, base64encode; now_utc(), format_datetime(), day_delta(),
// duration(), timestamp(), min(), max(). No loops, no access to anything but the scope. Immutable;
// copies share their tree.
class Template {
 public:
  struct Tree;
  Template() = default;  // the empty text
  // Throws Error::configuration "<where>: ..." naming what is wrong or not known.
  static Template parse(std::string_view text, std::string_view where);
  // A text that is taken as it is.
  static Template constant(std::string text);

  const std::string& source() const noexcept { return source_; }
  bool empty() const noexcept { return source_.empty(); }
  bool is_constant() const noexcept { return tree_ == nullptr; }
  // Whether the name occurs in it: "response".
  bool mentions(std::string_view name) const;

  // A template that is one expression gives its value, any other one text. What does not exist is
  // null.
  Json value(const TemplateScope& scope) const;
  bool is_true(const TemplateScope& scope) const;  // as Python sees it; the empty text is false
  // Null gives nothing. Throws Error::configuration where something printed does not exist.
  std::string text(const TemplateScope& scope) const;

 private:
  std::string source_;
  std::string where_;
  std::shared_ptr<const Tree> tree_;
};

}  // namespace mapctl
