// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/http/client.hpp"
#include "connectors/salesforce/connector.hpp"
#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/ports/http_client.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/rest_server.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::test {

inline std::string source_path(const std::string& relative) {
  const char* root = std::getenv("MAPCTL_TEST_SOURCE_DIR");
  return (root == nullptr ? std::string{"."} : std::string{root}) + "/" + relative;
}

// A simulated organisation with the objects of tests/data/salesforce, or of other arguments.
class Organisation {
 public:
  explicit Organisation(std::vector<std::string> arguments = {"--data",
                                                              source_path("tests/data/salesforce")})
      : server_{std::move(arguments), "salesforce_server.py"} {
    ports::HttpSettings settings;
    settings.name = "control-" + server_.port();
    control_ = connectors::http::factory().client(settings);
  }

  std::string url(const std::string& path = {}) const { return server_.url(path); }
  // A JSON object lays its keys over how the server behaves; nothing puts it back.
  void set(const std::string& behaviour = {}) const {
    ports::HttpRequest request;
    request.method = "POST";
    request.url = url("/_set");
    request.body = behaviour;
    REQUIRE(control_->send(request, {}, {}).status == 200);
  }
  Json log() const {
    ports::HttpRequest request;
    request.url = url("/_log");
    return Json::parse(control_->send(request, {}, {}).body);
  }
  // Requests whose path holds `part`.
  int asked(const std::string& part) const {
    int count = 0;
    for (const Json& request : log()) {
      count += request["path"].get<std::string>().find(part) != std::string::npos ? 1 : 0;
    }
    return count;
  }

  // Options of a profile that logs in with a refresh token.
  ports::ConnectorOptions options(std::map<std::string, std::string> more = {},
                                  std::map<std::string, std::string> secrets = {
                                      {"client_id", "client"},
                                      {"refresh_token", "refresh-1"}}) const {
    static int number = 0;
    ports::ConnectorOptions made;
    made.profile = "sf-" + std::to_string(++number);
    made.options = {{"login_url", url()}, {"instance_url", url()}};
    for (auto& [name, value] : more) {
      made.options[name] = value;
    }
    for (auto& [name, value] : secrets) {
      made.secrets.emplace(name, Secret{value});
    }
    made.limits.attempts = 3;
    made.limits.backoff = 0.01;
    made.limits.max_backoff = 0.05;
    made.limits.timeout = 20;
    made.http = []() -> const ports::HttpClientFactory& { return connectors::http::factory(); };
    return made;
  }

 private:
  RestServer server_;
  std::shared_ptr<ports::HttpClient> control_;
};

// One for all cases of the program, put back to how it began.
inline Organisation& organisation() {
  static Organisation instance;
  instance.set();
  return instance;
}

inline std::unique_ptr<ports::Connector> open_org(const ports::ConnectorOptions& options) {
  return connectors::salesforce::factory().open(options, {});
}

using Rows = std::vector<std::map<std::string, std::optional<std::string>>>;

inline Rows read_rows(ports::Connector& connector, const std::string& object) {
  auto reader = connector.open_reader({{}, catalog::TableName{object}}, {});
  Rows rows;
  std::vector<std::optional<std::string_view>> row;
  while (reader->next(row)) {
    auto& kept = rows.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      kept[reader->columns()[i].text] = row[i] ? std::optional<std::string>{*row[i]} : std::nullopt;
    }
  }
  return rows;
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
