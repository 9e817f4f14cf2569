// SPDX-License-Identifier: Apache-2.0
#include "core/config/airbyte_import.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/config/airbyte_stream.hpp"
#include "core/config/yaml_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace mapctl::config {
namespace {

constexpr int depth_limit = 100;
constexpr std::size_t node_limit = 2'000'000;

// The tree without references: "$ref" maps, and texts that are nothing but a pointer.
class References {
 public:
  explicit References(const YamlNode& root) : root_{root} {}

  YamlNode resolve(const YamlNode& node, int depth = 0) {
    if (depth > depth_limit || ++nodes_ > node_limit) {
      fail_at(node, "references lead to too much, or in a circle", "shorten the manifest");
    }
    if (node.is_scalar() && node.text.starts_with("#/")) {
      return renamed(resolve(target(node, node.text), depth + 1), node);
    }
    if (!node.is_map() && !node.is_sequence()) {
      return node;
    }
    YamlNode made = node;
    made.children.clear();
    if (const YamlNode* reference = node.find("$ref"); reference != nullptr && node.is_map()) {
      made = renamed(resolve(target(*reference, reference->text), depth + 1), node);
    }
    for (const YamlNode& child : node.children) {
      if (child.key == "$ref" && node.is_map()) {
        continue;
      }
      YamlNode resolved = resolve(child, depth + 1);
      const auto known =
          !node.is_map() ? made.children.end()
                         : std::find_if(made.children.begin(), made.children.end(),
                                        [&](const YamlNode& one) { return one.key == child.key; });
      if (known != made.children.end()) {
        *known = std::move(resolved);
      } else {
        made.children.push_back(std::move(resolved));
      }
    }
    return made;
  }

 private:
  static YamlNode renamed(YamlNode node, const YamlNode& as) {
    node.key = as.key;
    node.key_line = as.key_line;
    node.key_column = as.key_column;
    return node;
  }

  const YamlNode& target(const YamlNode& from, std::string_view pointer) const {
    const YamlNode* at = &root_;
    for (const std::string_view part :
         split(pointer.substr(std::min<std::size_t>(2, pointer.size())), '/')) {
      at = at->find(part);
      if (at == nullptr) {
        fail_at(from, fmt::format("reference '{}' leads nowhere", pointer),
                "check the names under definitions:");
      }
    }
    return *at;
  }

  const YamlNode& root_;
  std::size_t nodes_ = 0;
};

bool is_secret(std::string_view key) {
  static constexpr std::string_view words[] = {"token",  "secret",      "password", "api_key",
                                               "apikey", "private_key", "passwd"};
  const std::string name = to_lower(key);
  return std::any_of(std::begin(words), std::end(words),
                     [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

struct Property {
  bool secret = false;
  bool required = false;
  std::string fallback{};
  bool has_fallback = false;
};

// What the manifest says of its configuration, with dotted names.
void read_properties(const YamlNode& node, const std::string& prefix, bool parent_required,
                     std::map<std::string, Property>& properties) {
  std::vector<std::string> required;
  if (const YamlNode* list = node.find("required"); list != nullptr && list->is_sequence()) {
    for (const YamlNode& item : list->children) {
      required.push_back(item.text);
    }
  }
  for (const char* key : {"oneOf", "anyOf"}) {
    if (const YamlNode* choices = node.find(key); choices != nullptr) {
      for (const YamlNode& choice : choices->children) {
        // Which of them is needed depends on the choice.
        read_properties(choice, prefix, false, properties);
      }
    }
  }
  const YamlNode* fields = node.find("properties");
  if (fields == nullptr) {
    return;
  }
  for (const YamlNode& field : fields->children) {
    const std::string name = prefix.empty() ? field.key : prefix + "." + field.key;
    const bool is_required =
        parent_required && std::find(required.begin(), required.end(), field.key) != required.end();
    Property property;
    const YamlNode* secret = field.find("airbyte_secret");
    property.secret = secret != nullptr && secret->text == "true";
    property.required = is_required;
    for (const char* key : {"default", "const"}) {
      if (const YamlNode* value = field.find(key); value != nullptr && value->is_scalar()) {
        property.fallback = value->text;
        property.has_fallback = true;
      }
    }
    properties.emplace(name, property);
    read_properties(field, name, is_required, properties);
  }
}

std::string variable_name(std::string_view profile, std::string_view key) {
  std::string name = to_upper(fmt::format("{}_{}", profile, key));
  for (char& c : name) {
    if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) {
      c = '_';
    }
  }
  return name;
}

void put(Json& map, std::string_view dotted, Json value) {
  Json* at = &map;
  for (const std::string_view part : split(dotted, '.')) {
    if (!at->is_object()) {
      *at = Json::object();
    }
    at = &(*at)[std::string{part}];
  }
  *at = std::move(value);
}

}  // namespace

AirbyteImport import_airbyte(const YamlNode& manifest, std::string_view name) {
  if (!manifest.is_map() ||
      (manifest.find("streams") == nullptr && manifest.find("dynamic_streams") == nullptr)) {
    fail_at(manifest, "is no declarative manifest: it has no streams",
            "name the manifest.yaml of a low-code source");
  }
  AirbyteImport made;
  AirbyteStreams streams{made.unsupported};
  References references{manifest};
  if (const YamlNode* list = manifest.find("streams")) {
    for (const YamlNode& item : list->children) {
      const AirbyteComponent root;
      streams.add(root.child(references.resolve(item)), false);
    }
  }
  if (const YamlNode* dynamic = manifest.find("dynamic_streams")) {
    std::size_t place = 0;
    for (const YamlNode& item : dynamic->children) {
      const AirbyteComponent root;
      streams.add_dynamic(root.child(references.resolve(item)), ++place);
    }
  }

  std::map<std::string, Property> properties;
  if (const YamlNode* spec = manifest.find("spec")) {
    const YamlNode resolved = references.resolve(*spec);
    if (const YamlNode* connection = resolved.find("connection_specification")) {
      read_properties(*connection, {}, true, properties);
    }
  }
  Json config = Json::object(), auth = Json::object();
  for (const std::string& key : streams.config_keys()) {
    const auto known = properties.find(key);
    const Property property = known == properties.end() ? Property{} : known->second;
    const auto is_parent = [&](const std::string& other) { return other.starts_with(key + "."); };
    if (std::any_of(streams.config_keys().begin(), streams.config_keys().end(), is_parent)) {
      continue;
    }
    const std::string reference = fmt::format("${{env:{}}}", variable_name(name, key));
    if (property.secret || is_secret(key)) {
      if (property.required || known == properties.end() || properties.empty()) {
        auth[key] = reference;
      } else {
        made.remarks.push_back(fmt::format("auth key '{}' is optional: add \"{}: {}\" to use it",
                                           key, key, reference));
      }
    } else if (property.has_fallback) {
      put(config, key, property.fallback);
    } else if (property.required || known == properties.end()) {
      put(config, key, reference);
    } else {
      made.remarks.push_back(fmt::format("config key '{}' is optional and left out", key));
    }
  }
  made.remarks.insert(made.remarks.end(), streams.remarks().begin(), streams.remarks().end());

  Json profile = Json::object();
  profile["name"] = std::string{name};
  profile["connector"] = "rest";
  profile["description"] = fmt::format("from {}", *manifest.file);
  Json options = Json::object();
  if (!config.empty()) {
    options["config"] = std::move(config);
  }
  if (const YamlNode* check = manifest.find("check")) {
    if (const YamlNode* names = check->find("stream_names");
        names != nullptr && !names->children.empty() &&
        streams.streams().contains(names->children[0].text)) {
      options["check"] = names->children[0].text;
    }
  }
  options["streams"] = streams.streams();
  for (const auto& [stream, definition] : streams.streams().items()) {
    if (!definition.contains("hidden")) {
      made.streams.push_back(stream);
    }
  }
  profile["options"] = std::move(options);
  if (!auth.empty()) {
    profile["auth"] = std::move(auth);
  }
  made.profile = to_yaml(profile);
  return made;
}

}  // namespace mapctl::config
