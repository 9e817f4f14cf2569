// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/mongodb/connector.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/rest_server.hpp"
#include "tests/support/source_path.hpp"

#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::test {

// tests/support/mongo_server.py, a simulation; its head says what it does and what it does not.
class MongoServer {
 public:
  // `database` is the text of shop.json: its collections.
  explicit MongoServer(const std::string& database, std::vector<std::string> arguments = {}) {
    std::ofstream{folder_.path() / "shop.json"} << database;
    arguments.insert(arguments.end(), {"--data", folder_.path().string()});
    server_ = std::make_unique<RestServer>(arguments, "mongo_server.py");
  }
  std::string address() const { return "127.0.0.1:" + server_->port(); }

 private:
  TemporaryDirectory folder_;
  std::unique_ptr<RestServer> server_;
};

// The database that most cases look at.
inline std::string shop() {
  return read_file(source_path("tests/data/mongodb/shop.json"));
}

inline ports::ConnectorOptions mongo_options(const std::string& address,
                                             std::map<std::string, std::string> more = {}) {
  ports::ConnectorOptions made;
  made.profile = "mongo";
  made.options = {{"url", "mongodb://" + address}};
  for (auto& [name, value] : more) {
    made.options[name] = value;
  }
  return made;
}

inline std::unique_ptr<ports::Connector> open_mongo(const ports::ConnectorOptions& made) {
  return connectors::mongodb::factory().open(made, {});
}

inline catalog::TableRef in_shop(const std::string& collection) {
  return {catalog::SchemaName{"shop"}, catalog::TableName{collection}};
}

}  // namespace mapctl::test
