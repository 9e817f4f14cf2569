// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/http/client.hpp"
#include "core/ports/connector.hpp"

#include <map>
#include <string>
#include <utility>

namespace mapctl::test {

// Options of a profile `name-NUMBER`, no two alike, so that no two tests share a client's limits
// and breaker. Repeats quickly; the HTTP client is linked in.
inline ports::ConnectorOptions http_options(const std::string& name,
                                            std::map<std::string, std::string> options = {},
                                            std::map<std::string, std::string> secrets = {}) {
  static int number = 0;
  ports::ConnectorOptions made;
  made.profile = name + "-" + std::to_string(++number);
  made.options = std::move(options);
  for (auto& [key, value] : secrets) {
    made.secrets.emplace(key, Secret{std::move(value)});
  }
  made.limits.attempts = 3;
  made.limits.backoff = 0.01;
  made.limits.max_backoff = 0.05;
  made.limits.timeout = 20;
  made.http = []() -> const ports::HttpClientFactory& { return connectors::http::factory(); };
  return made;
}

}  // namespace mapctl::test
