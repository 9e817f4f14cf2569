// SPDX-License-Identifier: Apache-2.0
#include "connectors/salesforce/describe.hpp"
#include "connectors/salesforce/errors.hpp"
#include "core/base/file.hpp"
#include "tests/integration/salesforce/fixture.hpp"

#include <filesystem>

// Against payloads that real organisations sent.
namespace mapctl::test {
namespace {

namespace fs = std::filesystem;
using catalog::ColumnName;

std::optional<fs::path> recorded() {
  const char* data = std::getenv("MAPCTL_TEST_DATA");
  if (data == nullptr) {
    return std::nullopt;
  }
  const fs::path folder = fs::path{data} / "data/connectors/salesforce";
  std::error_code ignored;
  return fs::is_directory(folder, ignored) ? std::optional{folder} : std::nullopt;
}

TEST_CASE("real descriptions of objects are read whole", "[salesforce]") {
  const auto folder = recorded();
  if (!folder) {
    skip("data", "MAPCTL_TEST_DATA has no data/connectors/salesforce");
  }
  const Organisation org{{"--data", folder->string()}};
  const auto found = open_org(org.options({{"objects", "*"}}))->discover({}, {});
  CHECK(found.warnings.empty());
  std::size_t columns = 0, references = 0, picklists = 0;
  for (const auto& entry : found.tables()) {
    INFO(entry.table->name.text);
    CHECK(entry.table->primary_key == std::vector{ColumnName{"Id"}});
    columns += entry.table->columns.size();
    references += entry.table->foreign_keys.size();
    for (const auto& column : entry.table->columns) {
      CHECK(column.type.logical != catalog::LogicalType::unknown);
      CHECK(column.type.native != "");
      picklists += column.allowed_values.empty() ? 0 : 1;
    }
  }
  CHECK(found.tables().size() >= 8);
  CHECK(columns > 300);
  CHECK(references > 40);
  CHECK(picklists >= 40);
  const auto* account = found.find({{}, catalog::TableName{"Account"}});
  REQUIRE(account != nullptr);
  const auto* industry = account->find(ColumnName{"Industry"});
  REQUIRE(industry != nullptr);
  CHECK(industry->allowed_values.size() == 32);
  CHECK(industry->type.length == 40);
}

TEST_CASE("the list of all objects of a real organisation is read", "[salesforce]") {
  const auto folder = recorded();
  if (!folder) {
    skip("data", "MAPCTL_TEST_DATA has no data/connectors/salesforce");
  }
  const Organisation org{{"--data", folder->string()}};
  Json behaviour = Json::object();
  behaviour["fail"] = {{"path", "/sobjects"},
                       {"status", 200},
                       {"body", read_file(*folder / "sobjects_global.json")}};
  auto connector = open_org(org.options());
  org.set(behaviour.dump());
  const auto facts = facts_of([&] {
    connector->open_reader({{}, catalog::TableName{"Oportunity"}}, {});
  });
  CHECK(facts.code == ErrorCode::not_found);
  CHECK(facts.hint == "did you mean 'Opportunity'?");
  org.set(R"({"fail": null})");
  // 110 objects are named, and seven of them are described here.
  const auto found = connector->discover({}, {});
  CHECK(found.tables().size() >= 4);
  CHECK(found.warnings.size() + found.tables().size() == 110);
  CHECK(org.asked("/composite") >= 5);
}

TEST_CASE("recorded pages, tokens and errors are taken as what they are", "[salesforce]") {
  const auto folder = recorded();
  if (!folder) {
    skip("data", "MAPCTL_TEST_DATA has no data/connectors/salesforce");
  }
  const Organisation org{{"--replay", folder->string()}};
  auto connector = open_org(org.options());
  const Rows rows = read_rows(*connector, "Whizbang");
  CHECK(values_of(rows, "Text_Label") == std::vector<std::string>{"First Page", "Last Page"});
  const Json log = org.log();
  const std::string last = log[log.size() - 1]["authorization"].get<std::string>();
  CHECK(last == "Bearer refreshed_access_token");
  const auto code_of = [&](const char* name, int status) {
    const Json body =
        Json::parse(read_file(*folder / (std::string{"restforce_"} + name + "_response.json")));
    return connectors::salesforce::refusal_error(connectors::salesforce::refusal_of(body), status,
                                                 "object 'X'", nullptr)
        .code();
  };
  CHECK(code_of("expired_session", 401) == ErrorCode::denied);
  CHECK(code_of("query_error", 400) == ErrorCode::denied);
  CHECK(code_of("sobject_describe_error", 404) == ErrorCode::not_found);
  CHECK(code_of("search_error", 400) == ErrorCode::invalid_data);
  CHECK(code_of("write_error", 400) == ErrorCode::denied);
}

}  // namespace
}  // namespace mapctl::test
