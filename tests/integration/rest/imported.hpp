// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/file.hpp"
#include "core/config/airbyte_import.hpp"
#include "core/config/profile.hpp"
#include "tests/integration/rest/fixture.hpp"

#include <fstream>
#include <string>

namespace mapctl::test {

// As the program opens a profile, with one text for every reference.
inline ports::ConnectorOptions imported(const config::YamlNode& manifest, const std::string& text) {
  const auto made = config::import_airbyte(manifest, "imported");
  const TemporaryDirectory folder;
  const auto path = folder.path() / "imported.yaml";
  std::ofstream{path} << made.profile;
  const auto profile = config::load_profile_file(path, {});
  config::SecretSources sources;
  sources.environment = [&](const std::string&) { return std::optional<std::string>{text}; };
  ports::ConnectorOptions options = rest_options("{}");
  options.options.clear();
  for (const auto& [name, value] : profile.options) {
    if (value.tree) {
      options.trees[name] = config::resolve_tree(value, sources);
    } else {
      options.options[name] = config::resolve(value, sources).reveal();
    }
  }
  for (const auto& [name, value] : profile.auth) {
    options.secrets.emplace(name, config::resolve(value, sources));
  }
  return options;
}

}  // namespace mapctl::test
