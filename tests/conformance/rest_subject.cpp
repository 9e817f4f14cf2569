// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/client.hpp"
#include "connectors/rest/connector.hpp"
#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/config/yaml.hpp"
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

std::string quoted(const std::string& text) {
  std::string result;
  append_json_string(result, text);
  return result;
}

std::string list_of(const std::vector<std::string>& names) {
  std::vector<std::string> items;
  for (const auto& name : names) {
    items.push_back(quoted(name));
  }
  return "[" + join(items, ", ") + "]";
}

// Each table is a file that a server answers with.
class RestSubject final : public Subject {
 public:
  RestSubject() {
    int number = 0;
    for (const auto& table : sample()) {
      auto rows = Json::array();
      for (const auto& row : table.rows) {
        rows.push_back(json_record(table, row));
      }
      const std::string file = fmt::format("{}.json", ++number);
      Json body = Json::object();
      body["rows"] = std::move(rows);
      std::ofstream{folder_.path() / file} << to_document(body);
      streams_ += fmt::format("{}: {{path: {}, primary_key: {}, references: {{", quoted(table.name),
                              quoted("/data/" + file), list_of(table.primary_key));
      bool first = true;
      for (const auto& key : table.foreign_keys) {
        streams_ += fmt::format("{}{}: {{columns: {}, keys: {}}}", first ? "" : ", ",
                                quoted(key.table), list_of(key.columns), list_of(key.referenced));
        first = false;
      }
      streams_ += "}}\n";
    }
    server_ =
        std::make_unique<RestServer>(std::vector<std::string>{"--data", folder_.path().string()});
  }

  std::string name() const override { return "rest"; }
  const ports::ConnectorFactory& factory() const override { return connectors::rest::factory(); }
  ports::ConnectorOptions options() const override { return options_at(server_->url()); }
  ports::ConnectorOptions options_of_nothing() const override {
    return options_at(server_->url("/nothing"));
  }
  catalog::TableKind kind() const override { return catalog::TableKind::stream; }
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
    options.options = {{"base_url", url}, {"record_path", "rows"}};
    options.trees["streams"] =
        std::make_shared<const config::YamlNode>(config::parse_yaml(streams_, "streams"));
    options.http = []() -> const ports::HttpClientFactory& { return connectors::http::factory(); };
    return options;
  }

  TemporaryDirectory folder_;
  std::string streams_;
  std::unique_ptr<RestServer> server_;
};

}  // namespace

std::unique_ptr<Subject> make_rest_subject() {
  return std::make_unique<RestSubject>();
}

}  // namespace mapctl::test
