// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/http/client.hpp"
#include "connectors/salesforce/connector.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/ports/http_client.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/http_options.hpp"
#include "tests/support/rest_server.hpp"
#include "tests/support/rows.hpp"
#include "tests/support/source_path.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::test {

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
    more.insert({{"login_url", url()}, {"instance_url", url()}});
    return http_options("sf", std::move(more), std::move(secrets));
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

}  // namespace mapctl::test
