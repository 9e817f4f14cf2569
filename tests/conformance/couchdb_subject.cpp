// SPDX-License-Identifier: Apache-2.0
#include "connectors/couchdb/connector.hpp"
#include "connectors/http/client.hpp"
#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "tests/conformance/json_sample.hpp"
#include "tests/conformance/sample.hpp"
#include "tests/conformance/subject.hpp"
#include "tests/support/rest_server.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace mapctl::test {
namespace {

using catalog::LogicalType;

// All tables are kinds of documents in one database. Each document has an id, which is its key, and
// says its kind; references are not declared anywhere. The server is a fake.
class CouchSubject final : public Subject {
 public:
  CouchSubject() {
    auto documents = Json::array();
    for (const SampleTable& table : tables()) {
      for (const SampleRow& row : table.rows) {
        documents.push_back(json_record(table, row));
      }
    }
    std::ofstream{folder_.path() / "sample.json"} << to_document(documents);
    server_ = std::make_unique<RestServer>(
        std::vector<std::string>{"--data", folder_.path().string()}, "couchdb_server.py");
  }

  std::string name() const override { return "couchdb"; }
  const ports::ConnectorFactory& factory() const override { return connectors::couchdb::factory(); }
  ports::ConnectorOptions options() const override { return options_at(server_->url()); }
  ports::ConnectorOptions options_of_nothing() const override {
    return options_at(server_->url("/nothing"));
  }
  std::pair<std::string, std::string> misspelt_option() const override {
    return {"databasess", "databases"};
  }
  std::string schema() const override { return "sample"; }
  std::vector<SampleTable> tables() const override {
    std::vector<SampleTable> made = Subject::tables();
    for (SampleTable& table : made) {
      table.columns.insert(table.columns.begin(),
                           {{"_id", LogicalType::string}, {"kind", LogicalType::string}});
      table.primary_key = {"_id"};
      table.foreign_keys.clear();
      int number = 0;
      for (SampleRow& row : table.rows) {
        row.insert(row.begin(), {fmt::format("{}-{:03}", table.name, ++number), table.name});
      }
    }
    return made;
  }
  LogicalType type(LogicalType of_sample) const override {
    return of_sample == LogicalType::decimal ? LogicalType::floating : of_sample;
  }
  std::string spelling(LogicalType type, const std::string& value) const override {
    return type == LogicalType::decimal ? without_final_zeros(value, true) : value;
  }

 private:
  ports::ConnectorOptions options_at(const std::string& url) const {
    ports::ConnectorOptions options;
    options.profile = name();
    options.options = {{"url", url}, {"type_field", "kind"}};
    options.http = []() -> const ports::HttpClientFactory& { return connectors::http::factory(); };
    return options;
  }

  TemporaryDirectory folder_;
  std::unique_ptr<RestServer> server_;
};

}  // namespace

std::unique_ptr<Subject> make_couchdb_subject() {
  return std::make_unique<CouchSubject>();
}

}  // namespace mapctl::test
