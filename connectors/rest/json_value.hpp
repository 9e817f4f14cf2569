// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/base/template.hpp"
#include "core/config/yaml.hpp"
#include "core/config/yaml_json.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::connectors::rest {

using config::to_json;

// JSON whose texts and keys are templates.
class JsonTemplate {
 public:
  JsonTemplate() = default;
  explicit JsonTemplate(const config::YamlNode& node);
  bool is_null() const noexcept { return kind_ == config::YamlKind::null; }
  Json value(const TemplateScope& scope) const;

 private:
  config::YamlKind kind_ = config::YamlKind::null;
  Json constant_;
  Template text_;
  std::vector<std::pair<Template, JsonTemplate>> children_;
};

// Keys from the outside in; "*" stands for every item.
using JsonPath = std::vector<std::string>;
JsonPath parse_path(std::string_view dotted);
// Null when it is not there.
const Json* find(const Json& value, const JsonPath& path);
// Replaces what is no map on the way.
void put(Json& value, const JsonPath& path, Json item);
void erase(Json& value, const JsonPath& path);

}  // namespace mapctl::connectors::rest
