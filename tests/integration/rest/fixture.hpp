// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/http/client.hpp"
#include "connectors/rest/connector.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/config/yaml.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/rest_server.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mapctl::test {

inline constexpr const char* good_token = "t0ken-of-the-tests";

inline RestServer& server() {
  static RestServer instance;
  return instance;
}

// Options of a profile as the program gives them to the connector; {URL} stands for the server.
inline ports::ConnectorOptions rest_options(const std::string& yaml,
                                            std::map<std::string, std::string> secrets = {}) {
  static int number = 0;
  ports::ConnectorOptions options;
  options.profile = "rest-" + std::to_string(++number);
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
  for (auto& [name, value] : secrets) {
    options.secrets.emplace(name, Secret{std::move(value)});
  }
  options.limits.attempts = 3;
  options.limits.backoff = 0.01;
  options.limits.max_backoff = 0.05;
  options.limits.timeout = 10;
  options.http = []() -> const ports::HttpClientFactory& { return connectors::http::factory(); };
  return options;
}

inline std::unique_ptr<ports::Connector> open_rest(const ports::ConnectorOptions& options) {
  return connectors::rest::factory().open(options, {});
}

using Rows = std::vector<std::map<std::string, std::optional<std::string>>>;

inline Rows read_rows(ports::Connector& connector, const std::string& stream,
                      std::size_t limit = 100'000) {
  auto reader = connector.open_reader({{}, catalog::TableName{stream}}, {});
  Rows rows;
  std::vector<std::optional<std::string_view>> row;
  while (rows.size() < limit && reader->next(row)) {
    auto& kept = rows.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      kept[reader->columns()[i].text] = row[i] ? std::optional<std::string>{*row[i]} : std::nullopt;
    }
  }
  return rows;
}

inline Rows rows_of(const std::string& yaml, const std::string& stream,
                    std::map<std::string, std::string> secrets = {}) {
  return read_rows(*open_rest(rest_options(yaml, std::move(secrets))), stream);
}

inline std::vector<std::string> values_of(const Rows& rows, const std::string& column) {
  std::vector<std::string> values;
  for (const auto& row : rows) {
    const auto found = row.find(column);
    values.push_back(found == row.end() ? "(none)" : found->second.value_or("null"));
  }
  return values;
}

template <class Action>
Error::Facts facts_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.facts();
  }
  FAIL("nothing was thrown");
  return {};
}

}  // namespace mapctl::test
