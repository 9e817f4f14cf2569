// SPDX-License-Identifier: Apache-2.0
#include "core/base/json_text.hpp"
#include "core/base/template.hpp"
#include "core/base/text.hpp"
#include "core/config/airbyte_converter.hpp"
#include "core/config/airbyte_stream.hpp"
#include "core/config/yaml_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

// Streams of a manifest that stand for many. Of those for the records of an answer or of the
// configuration, the mapping's expressions are written into the template, for the connector to
// evaluate when it knows the records.
namespace mapctl::config {
namespace {

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Every use of a variable by another name: no key, no text in quotes.
std::string renamed(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    const auto end = at + from.size();
    const bool begins = at == 0 || (!is_word_char(text[at - 1]) && text[at - 1] != '.' &&
                                    text[at - 1] != '\'' && text[at - 1] != '"');
    if (begins && (end == text.size() || !is_word_char(text[end]))) {
      text.replace(at, from.size(), to);
      at += to.size();
    } else {
      at = end;
    }
  }
  return text;
}

YamlNode map_node(const YamlNode& like) {
  YamlNode node;
  node.kind = YamlKind::map;
  node.file = like.file;
  node.line = like.line;
  node.column = like.column;
  return node;
}

YamlNode text_node(const YamlNode& like, std::string key, std::string text) {
  YamlNode node = map_node(like);
  node.kind = YamlKind::scalar;
  node.plain = false;
  node.key = std::move(key);
  node.text = std::move(text);
  return node;
}

YamlNode* step(YamlNode& node, const std::string& key) {
  if (node.is_sequence()) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
    const bool is_index = error == std::errc{} && end == key.data() + key.size();
    return is_index && index < node.children.size() ? &node.children[index] : nullptr;
  }
  const auto found = std::find_if(node.children.begin(), node.children.end(),
                                  [&](const YamlNode& child) { return child.key == key; });
  return found == node.children.end() ? nullptr : &*found;
}

// What is not there is made only on request; else nothing happens.
void put_node(YamlNode& root, const std::vector<std::string>& path, YamlNode made,
              bool may_create) {
  YamlNode* at = &root;
  for (const std::string& key : path) {
    YamlNode* next = step(*at, key);
    if (next == nullptr) {
      if (!may_create || !at->is_map()) {
        return;
      }
      YamlNode between = map_node(made);
      between.key = key;
      at->children.push_back(std::move(between));
      next = &at->children.back();
    }
    at = next;
  }
  made.key = at->key;
  made.key_line = at->key_line;
  made.key_column = at->key_column;
  *at = std::move(made);
}

// The key of a profile that must be known when it is read, but is an expression over records.
std::string early_key(const Json& made, std::string_view parent = {}) {
  static constexpr std::string_view early[] = {
      "primary_key", "format",     "formats",  "step",    "granularity", "as",
      "fields",      "start_name", "end_name", "add",     "remove",      "flatten",
      "from",        "to",         "contains", "message", "status",      "type",
      "stream",      "schema",     "method",   "first",   "key"};
  for (const auto& [key, value] : made.items()) {
    const std::string name = made.is_array() ? std::string{parent} : key;
    if (value.is_structured()) {
      if (std::string inner = early_key(value, name); !inner.empty()) {
        return inner;
      }
    } else if (value.is_string() &&
               value.get_ref<const std::string&>().find("component") != std::string::npos &&
               value.get_ref<const std::string&>().find("{{") != std::string::npos &&
               (std::find(std::begin(early), std::end(early), name) != std::end(early) ||
                (parent == "incremental" && name == "cursor"))) {
      return name;
    }
  }
  return {};
}

}  // namespace

bool AirbyteStreams::refuse(const YamlNode& at, std::string component, const std::string& stream,
                            std::string reason) {
  unsupported_.push_back({at.where(), std::move(component), stream, std::move(reason)});
  return false;
}

bool AirbyteStreams::add_dynamic(const AirbyteComponent& dynamic, std::size_t place) {
  const YamlNode* stream_template = dynamic.node.find("stream_template");
  const YamlNode* resolver_node = dynamic.node.find("components_resolver");
  if (stream_template == nullptr || resolver_node == nullptr) {
    return refuse(dynamic.node, "DynamicDeclarativeStream", {},
                  "without a stream_template or a components_resolver");
  }
  const auto usable = [](const YamlNode* name) {
    return name != nullptr && name->is_scalar() && !name->text.empty() &&
           name->text.find("{{") == std::string::npos;
  };
  const YamlNode* own = dynamic.node.find("name");
  const YamlNode* of_template = stream_template->find("name");
  std::string name = usable(own)           ? own->text
                     : usable(of_template) ? of_template->text
                                           : fmt::format("dynamic_{}", place);
  if (streams().contains(name)) {
    name += fmt::format("_{}", place);
  }
  const AirbyteComponent resolver = dynamic.child(*resolver_node);
  if (resolver.type() == "ParametrizedComponentsResolver") {
    return add_parametrized(dynamic, *stream_template, resolver);
  }
  YamlNode filled = *stream_template;
  const YamlNode* mappings = resolver.get("components_mapping");
  for (const YamlNode& mapping :
       mappings == nullptr ? std::vector<YamlNode>{} : mappings->children) {
    const YamlNode* path = mapping.find("field_path");
    const YamlNode* value = mapping.find("value");
    if (path == nullptr || value == nullptr || !value->is_scalar()) {
      return refuse(mapping, "ComponentMappingDefinition", name, "without field_path or value");
    }
    if (mapping.find("condition") != nullptr) {
      return refuse(mapping, "ComponentMappingDefinition", name, "a condition");
    }
    std::vector<std::string> keys;
    for (const YamlNode& key : path->children) {
      if (key.text.find("{{") != std::string::npos || key.text.find('*') != std::string::npos) {
        return refuse(key, "ComponentMappingDefinition", name,
                      fmt::format("'{}' in a field_path", key.text));
      }
      keys.push_back(key.text);
    }
    if (value->text.find("stream_template_config") != std::string::npos) {
      return refuse(*value, "ComponentMappingDefinition", name, "stream_template_config");
    }
    const YamlNode* create = mapping.find("create_or_update");
    put_node(filled, keys,
             text_node(*value, {},
                       renamed(renamed(value->text, "stream_slice", "component_slice"),
                               "components_values", "component")),
             create != nullptr && create->text == "true");
  }
  std::optional<Json> made = each(resolver, name);
  if (!made) {
    return false;
  }
  const YamlNode* made_name = filled.find("name");
  (*made)["name"] = made_name == nullptr ? std::string{} : made_name->text;
  Json extra = Json::object();
  extra["each"] = std::move(*made);
  if (!put(name, dynamic.child(filled), false, std::move(extra))) {
    return false;
  }
  if (const std::string key = early_key((*streams_)[name]); !key.empty()) {
    streams_->erase(name);
    return refuse(dynamic.node, "ComponentMappingDefinition", name,
                  fmt::format("a value for '{}' that is not known before", key));
  }
  return true;
}

// Its parameters stand in the manifest, so that each set of them is a stream like any other.
bool AirbyteStreams::add_parametrized(const AirbyteComponent& dynamic,
                                      const YamlNode& stream_template,
                                      const AirbyteComponent& resolver) {
  const YamlNode* given = resolver.get("stream_parameters");
  const YamlNode* list = given == nullptr ? nullptr : given->find("list_of_parameters_for_stream");
  const YamlNode* mappings = resolver.get("components_mapping");
  if (list == nullptr || !list->is_sequence() || mappings == nullptr) {
    return refuse(resolver.node, resolver.type(), {},
                  "without list_of_parameters_for_stream or components_mapping");
  }
  bool all_good = true;
  for (const YamlNode& parameters : list->children) {
    const Json values = to_json(parameters);
    YamlNode filled = stream_template;
    bool is_good = true;
    for (const YamlNode& mapping : mappings->children) {
      is_good = is_good && fill(mapping, values, filled);
    }
    const YamlNode* name = filled.find("name");
    if (!is_good) {
      all_good = false;
    } else if (name == nullptr || !name->is_scalar() || name->text.empty()) {
      all_good = refuse(parameters, resolver.type(), {}, "a stream without a name");
    } else if (streams().contains(name->text)) {
      all_good = refuse(parameters, resolver.type(), name->text, "a second stream of that name");
    } else {
      all_good = put(name->text, dynamic.child(filled), false, Json::object()) && all_good;
    }
  }
  return all_good;
}

bool AirbyteStreams::fill(const YamlNode& mapping, const Json& values, YamlNode& filled) {
  constexpr const char* component = "ComponentMappingDefinition";
  const YamlNode* path = mapping.find("field_path");
  const YamlNode* value = mapping.find("value");
  if (path == nullptr || value == nullptr || !value->is_scalar()) {
    return refuse(mapping, component, {}, "without field_path or value");
  }
  if (mapping.find("condition") != nullptr) {
    return refuse(mapping, component, {}, "a condition");
  }
  TemplateScope scope;
  scope.names = {{"components_values", &values}};
  std::vector<std::string> keys;
  for (const YamlNode& key : path->children) {
    const Template text = Template::parse(key.text, key.where());
    if (text.mentions("config") || key.text.find('*') != std::string::npos) {
      return refuse(key, component, {}, fmt::format("'{}' in a field_path", key.text));
    }
    keys.push_back(text.text(scope));
  }
  const Template text = Template::parse(value->text, value->where());
  const bool is_late = text.mentions("config");
  for (const char* name : {"stream_template_config", "stream_slice"}) {
    if (text.mentions(name)) {
      return refuse(*value, component, {}, name);
    }
  }
  if (is_late && text.mentions("components_values")) {
    return refuse(*value, component, {}, "config beside components_values in one value");
  }
  YamlNode made = text_node(*value, {}, value->text);
  if (!is_late) {
    const Json known = text.value(scope);
    if (known.is_structured()) {
      // A document of JSON is one of YAML, too.
      YamlNode read = parse_yaml(to_line(known), *value->file);
      made.kind = read.kind;
      made.children = std::move(read.children);
    } else {
      made.text = to_text(known);
      made.plain = !known.is_string();
    }
  }
  const YamlNode* create = mapping.find("create_or_update");
  put_node(filled, keys, std::move(made), create != nullptr && create->text == "true");
  return true;
}

std::optional<Json> AirbyteStreams::each(const AirbyteComponent& resolver,
                                         const std::string& name) {
  Json made = Json::object();
  const std::string type = resolver.type();
  if (const YamlNode* retriever = resolver.node.find("retriever");
      type == "HttpComponentsResolver" && retriever != nullptr) {
    const std::string parent = name + "_components";
    YamlNode stream = map_node(resolver.node);
    stream.children.push_back(text_node(resolver.node, "name", parent));
    stream.children.push_back(*retriever);
    if (!put(parent, resolver.child(stream), true, Json::object())) {
      return std::nullopt;
    }
    made["stream"] = parent;
    return made;
  }
  const YamlNode* config = resolver.get("stream_config");
  if (type != "ConfigComponentsResolver" || config == nullptr) {
    refuse(resolver.node, type.empty() ? "components_resolver" : type, name,
           "this way to find streams");
    return std::nullopt;
  }
  if (config->is_sequence() && config->children.size() != 1) {
    refuse(*config, type, name, "lists of the configuration that are combined");
    return std::nullopt;
  }
  const AirbyteComponent source =
      resolver.child(config->is_sequence() ? config->children[0] : *config);
  std::string expression = "config";
  std::vector<std::string> keys;
  if (const YamlNode* pointer = source.get("configs_pointer")) {
    for (const YamlNode& key : pointer->children) {
      if (key.text.find_first_of("{'\\") != std::string::npos) {
        refuse(key, "StreamConfig", name, fmt::format("'{}' in a configs_pointer", key.text));
        return std::nullopt;
      }
      keys.push_back(key.text);
      expression += fmt::format("['{}']", key.text);
    }
  }
  made["values"] = Json::array({fmt::format("{{{{ {} }}}}", expression)});
  if (const YamlNode* defaults = source.get("default_values")) {
    for (const YamlNode& value : defaults->children) {
      made["values"].push_back(to_json(value));
    }
  }
  config_keys_.insert(join(keys, "."));
  remarks_.push_back(fmt::format("config key '{}' is a list: write it there, or give it as JSON",
                                 join(keys, ".")));
  return made;
}

}  // namespace mapctl::config
