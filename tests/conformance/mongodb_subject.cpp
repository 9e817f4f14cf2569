// SPDX-License-Identifier: Apache-2.0
#include "connectors/mongodb/connector.hpp"
#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "tests/conformance/sample.hpp"
#include "tests/conformance/subject.hpp"
#include "tests/support/rest_server.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>

namespace mapctl::test {
namespace {

using catalog::LogicalType;

// Milliseconds since 1970 of "2024-01-02 03:04:05".
std::int64_t milliseconds_of(const std::string& text) {
  const auto part = [&](std::size_t at, std::size_t count) {
    return std::atoi(text.substr(at, count).c_str());
  };
  const std::chrono::sys_days day{std::chrono::year{part(0, 4)} /
                                  static_cast<unsigned>(part(5, 2)) /
                                  static_cast<unsigned>(part(8, 2))};
  const std::int64_t seconds = part(11, 2) * 3600 + part(14, 2) * 60 + part(17, 2);
  return (std::int64_t{day.time_since_epoch().count()} * 86'400 + seconds) * 1000;
}

Json bson_value(LogicalType type, const std::optional<std::string>& value) {
  if (!value) {
    return nullptr;
  }
  Json tagged = Json::object();
  switch (type) {
    case LogicalType::integer:
    case LogicalType::boolean: return Json::parse(*value);
    case LogicalType::decimal: tagged["$numberDecimal"] = *value; return tagged;
    case LogicalType::timestamp: tagged["$date"] = milliseconds_of(*value); return tagged;
    default: return *value;
  }
}

// Collections of one database. Each document has an id, which is its key; references are not
// declared anywhere. Days without a time are text, as there is no type for them, and moments have a
// time zone. The server is a simulation.
class MongoSubject final : public Subject {
 public:
  MongoSubject() {
    auto collections = Json::object();
    for (const SampleTable& table : Subject::tables()) {
      auto documents = Json::array();
      for (const SampleRow& row : table.rows) {
        Json document = Json::object();
        document["_id"]["$oid"] = fmt::format("{:024x}", documents.size() + 1);
        for (std::size_t i = 0; i < row.size(); ++i) {
          document[table.columns[i].name] = bson_value(table.columns[i].type, row[i]);
        }
        documents.push_back(std::move(document));
      }
      collections[table.name]["documents"] = std::move(documents);
    }
    std::ofstream{folder_.path() / "sample.json"} << to_document(collections);
    server_ = std::make_unique<RestServer>(
        std::vector<std::string>{"--data", folder_.path().string()}, "mongo_server.py");
  }

  std::string name() const override { return "mongodb"; }
  const ports::ConnectorFactory& factory() const override { return connectors::mongodb::factory(); }
  ports::ConnectorOptions options() const override { return options_for("sample"); }
  ports::ConnectorOptions options_of_nothing() const override { return options_for("nothing"); }
  std::pair<std::string, std::string> misspelt_option() const override {
    return {"databasess", "databases"};
  }
  std::string schema() const override { return "sample"; }
  std::vector<SampleTable> tables() const override {
    std::vector<SampleTable> made = Subject::tables();
    for (SampleTable& table : made) {
      table.columns.insert(table.columns.begin(), {"_id", LogicalType::string});
      table.primary_key = {"_id"};
      table.foreign_keys.clear();
      int number = 0;
      for (SampleRow& row : table.rows) {
        row.insert(row.begin(), fmt::format("{:024x}", ++number));
      }
    }
    return made;
  }
  std::string spelling(LogicalType type, const std::string& value) const override {
    return type == LogicalType::timestamp ? value.substr(0, 10) + "T" + value.substr(11) + "Z"
                                          : value;
  }

 private:
  ports::ConnectorOptions options_for(const std::string& database) const {
    ports::ConnectorOptions options;
    options.profile = name();
    options.options = {{"url", "mongodb://127.0.0.1:" + server_->port()}, {"databases", database}};
    return options;
  }

  TemporaryDirectory folder_;
  std::unique_ptr<RestServer> server_;
};

}  // namespace

std::unique_ptr<Subject> make_mongodb_subject() {
  return std::make_unique<MongoSubject>();
}

}  // namespace mapctl::test
