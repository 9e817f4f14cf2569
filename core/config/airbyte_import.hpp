// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/config/yaml.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mapctl::config {

// What of a manifest the connector `rest` does not do.
struct UnsupportedComponent {
  std::string where{};      // file, line and column
  std::string component{};  // "AsyncRetriever", a class name, "expression"
  std::string stream{};     // empty: concerns the whole manifest
  std::string reason{};
};

struct AirbyteImport {
  std::string profile{};  // YAML of a profile; streams that need something unsupported are left out
  std::vector<std::string> streams{};  // of the profile
  std::vector<UnsupportedComponent> unsupported{};
  std::vector<std::string> remarks{};  // what to know of the profile
};

// Turns an Airbyte declarative manifest into a profile for the connector `rest`. Values that its
// expressions ask of `config` become references to the environment: MY_CRM_API_KEY for `api_key`
// of the profile `my-crm`. Throws Error::configuration for a file that is no such manifest.
AirbyteImport import_airbyte(const YamlNode& manifest, std::string_view name);

}  // namespace mapctl::config
