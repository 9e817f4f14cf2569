// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/json_value.hpp"

#include <nlohmann/json.hpp>

namespace mapctl::connectors::rest {

JsonTemplate::JsonTemplate(const config::YamlNode& node) : kind_{node.kind} {
  if (node.is_scalar()) {
    text_ = Template::parse(node.text, node.where());
    constant_ = to_json(node);
  }
  for (const config::YamlNode& child : node.children) {
    children_.emplace_back(Template::parse(child.key, node.where()), JsonTemplate{child});
  }
}

Json JsonTemplate::value(const TemplateScope& scope) const {
  switch (kind_) {
    case config::YamlKind::null: return nullptr;
    case config::YamlKind::scalar: return text_.is_constant() ? constant_ : text_.value(scope);
    case config::YamlKind::sequence: {
      Json list = Json::array();
      for (const auto& [key, child] : children_) {
        list.push_back(child.value(scope));
      }
      return list;
    }
    case config::YamlKind::map: {
      Json map = Json::object();
      for (const auto& [key, child] : children_) {
        map[key.text(scope)] = child.value(scope);
      }
      return map;
    }
  }
  return nullptr;
}

}  // namespace mapctl::connectors::rest
