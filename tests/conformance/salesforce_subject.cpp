// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/client.hpp"
#include "connectors/salesforce/connector.hpp"
#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "tests/conformance/sample.hpp"
#include "tests/conformance/subject.hpp"
#include "tests/support/rest_server.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

namespace mapctl::test {
namespace {

using catalog::LogicalType;

bool is_reference(const SampleTable& table, const std::string& column) {
  return std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(), [&](const auto& key) {
    return std::find(key.columns.begin(), key.columns.end(), column) != key.columns.end();
  });
}

const char* type_name(LogicalType type) {
  switch (type) {
    case LogicalType::boolean: return "boolean";
    case LogicalType::integer: return "int";
    case LogicalType::decimal: return "currency";
    case LogicalType::date: return "date";
    case LogicalType::timestamp: return "datetime";
    default: return "string";
  }
}

Json described_value(LogicalType type, const std::optional<std::string>& value) {
  if (!value) {
    return nullptr;
  }
  if (type == LogicalType::integer || type == LogicalType::decimal ||
      type == LogicalType::boolean) {
    return Json::parse(*value);
  }
  if (type == LogicalType::timestamp) {
    return value->substr(0, 10) + "T" + value->substr(11) + ".000+0000";
  }
  return *value;
}

// Names are letters, digits and underscores; every object has an Id, which is its key; references
// are texts and one column wide. The organisation is simulated.
class SalesforceSubject final : public Subject {
 public:
  SalesforceSubject() {
    for (const SampleTable& table : tables()) {
      Json fields = Json::array();
      for (const SampleColumn& column : table.columns) {
        Json field = Json::object();
        field["name"] = column.name;
        field["type"] = column.name == "Id"                ? "id"
                        : is_reference(table, column.name) ? "reference"
                                                           : type_name(column.type);
        for (const SampleKey& key : table.foreign_keys) {
          for (std::size_t i = 0; i < key.columns.size(); ++i) {
            if (key.columns[i] == column.name) {
              field["referenceTo"] = Json::array({key.table});
              field["referenceTargetField"] = key.referenced[i];
            }
          }
        }
        fields.push_back(std::move(field));
      }
      Json described = Json::object();
      described["name"] = table.name;
      described["queryable"] = true;
      described["fields"] = std::move(fields);
      auto rows = Json::array();
      for (const SampleRow& row : table.rows) {
        Json object = Json::object();
        for (std::size_t i = 0; i < row.size(); ++i) {
          object[table.columns[i].name] = described_value(table.columns[i].type, row[i]);
        }
        rows.push_back(std::move(object));
      }
      std::ofstream{folder_.path() / (table.name + ".describe.json")} << to_document(described);
      std::ofstream{folder_.path() / (table.name + ".rows.json")} << to_document(rows);
    }
    server_ = std::make_unique<RestServer>(
        std::vector<std::string>{"--data", folder_.path().string()}, "salesforce_server.py");
  }

  std::string name() const override { return "salesforce"; }
  const ports::ConnectorFactory& factory() const override {
    return connectors::salesforce::factory();
  }
  ports::ConnectorOptions options() const override { return options_at(server_->url()); }
  ports::ConnectorOptions options_of_nothing() const override {
    return options_at(server_->url("/nothing"));
  }
  std::pair<std::string, std::string> misspelt_option() const override {
    return {"objectss", "objects"};
  }
  std::string name_of(const std::string& name) const override {
    std::string made = name;
    for (char& c : made) {
      const bool is_plain =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      c = is_plain ? c : '_';
    }
    return made;
  }
  std::vector<SampleTable> tables() const override {
    std::vector<SampleTable> made = Subject::tables();
    for (SampleTable& table : made) {
      for (SampleColumn& column : table.columns) {
        if (is_reference(table, column.name)) {
          column.type = LogicalType::string;
        }
      }
      table.columns.insert(table.columns.begin(), {"Id", LogicalType::string});
      table.primary_key = {"Id"};
      int number = 0;
      for (SampleRow& row : table.rows) {
        row.insert(row.begin(), table.name.substr(0, 3) + std::to_string(++number));
      }
    }
    return made;
  }
  bool keeps_composite_references() const override { return false; }
  bool keeps_row_order() const override { return false; }
  std::string spelling(LogicalType type, const std::string& value) const override {
    if (type == LogicalType::timestamp) {
      return value.substr(0, 10) + "T" + value.substr(11) + ".000Z";
    }
    return type == LogicalType::decimal ? without_final_zeros(value, true) : value;
  }

 private:
  ports::ConnectorOptions options_at(const std::string& url) const {
    ports::ConnectorOptions options;
    options.profile = name();
    options.options = {{"instance_url", url}};
    options.secrets.emplace("access_token", Secret{"given-token"});
    options.http = []() -> const ports::HttpClientFactory& { return connectors::http::factory(); };
    return options;
  }

  TemporaryDirectory folder_;
  std::unique_ptr<RestServer> server_;
};

}  // namespace

std::unique_ptr<Subject> make_salesforce_subject() {
  return std::make_unique<SalesforceSubject>();
}

}  // namespace mapctl::test
