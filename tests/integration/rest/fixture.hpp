// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/rest/connector.hpp"
#include "core/base/text.hpp"
#include "core/config/yaml.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/http_options.hpp"
#include "tests/support/rest_server.hpp"
#include "tests/support/rows.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace mapctl::test {

inline constexpr const char* good_token = "t0ken-of-the-tests";

inline RestServer& server() {
  static RestServer instance;
  return instance;
}

// Options of a profile as the program gives them to the connector; {URL} stands for the server.
inline ports::ConnectorOptions rest_options(const std::string& yaml,
                                            std::map<std::string, std::string> secrets = {}) {
  ports::ConnectorOptions options = http_options("rest", {}, std::move(secrets));
  options.limits.timeout = 10;
  const config::YamlNode root =
      config::parse_yaml(replace_all(yaml, "{URL}", server().url()), "test.yaml");
  for (const config::YamlNode& node : root.children) {
    if (node.is_scalar()) {
      options.options[node.key] = node.text;
    } else {
      options.trees[node.key] = std::make_shared<const config::YamlNode>(node);
    }
  }
  if (!options.options.contains("base_url")) {
    options.options["base_url"] = server().url();
  }
  return options;
}

inline std::unique_ptr<ports::Connector> open_rest(const ports::ConnectorOptions& options) {
  return connectors::rest::factory().open(options, {});
}

inline Rows rows_of(const std::string& yaml, const std::string& stream,
                    std::map<std::string, std::string> secrets = {}) {
  return read_rows(*open_rest(rest_options(yaml, std::move(secrets))), stream);
}

}  // namespace mapctl::test
