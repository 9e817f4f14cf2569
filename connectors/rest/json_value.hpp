// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json_path.hpp"
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

}  // namespace mapctl::connectors::rest
