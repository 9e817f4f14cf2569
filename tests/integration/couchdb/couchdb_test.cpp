// SPDX-License-Identifier: Apache-2.0
#include "connectors/couchdb/connector.hpp"
#include "connectors/http/client.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/ports/http_client.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/http_options.hpp"
#include "tests/support/rest_server.hpp"
#include "tests/support/source_path.hpp"
#include "tests/support/spoiling.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>

// Against a fake of CouchDB; where MAPCTL_TEST_COUCHDB names a server of that kind which may be
// written to, the last case asks that one.
namespace mapctl::test {
namespace {

using catalog::ColumnName;
using catalog::LogicalType;
using Catch::Matchers::ContainsSubstring;

ports::HttpResponse ask(const std::string& method, const std::string& url,
                        const std::string& body = {}) {
  ports::HttpSettings settings;
  settings.name = "control";
  ports::HttpRequest request;
  request.method = method;
  request.url = url;
  request.body = body;
  if (!body.empty()) {
    request.headers.push_back({"Content-Type", "application/json"});
  }
  return connectors::http::factory().client(settings)->send(request, {}, {});
}

// The fake, put back to how it began.
const RestServer& server(const std::string& behaviour = {}) {
  static const RestServer instance{{"--data", source_path("tests/data/couchdb")},
                                   "couchdb_server.py"};
  ask("POST", instance.url("/_set"));
  if (!behaviour.empty()) {
    ask("POST", instance.url("/_set"), behaviour);
  }
  return instance;
}

ports::ConnectorOptions options(std::map<std::string, std::string> more = {},
                                std::map<std::string, std::string> secrets = {}) {
  more.insert({"url", server().url()});
  ports::ConnectorOptions made = http_options("couch", std::move(more), std::move(secrets));
  made.limits.attempts = 2;
  return made;
}

std::unique_ptr<ports::Connector> open(const ports::ConnectorOptions& made) {
  return connectors::couchdb::factory().open(made, {});
}

std::vector<std::string> ids(ports::Connector& connector, const std::string& schema,
                             const std::string& table) {
  auto reader = connector.open_reader({catalog::SchemaName{schema}, catalog::TableName{table}}, {});
  const auto names = reader->columns();
  const auto at = static_cast<std::size_t>(
      std::find(names.begin(), names.end(), ColumnName{"_id"}) - names.begin());
  std::vector<std::string> found;
  std::vector<std::optional<std::string_view>> row;
  while (reader->next(row)) {
    found.emplace_back(row[at].value_or("null"));
  }
  return found;
}

TEST_CASE("a database is a table with nested fields as dotted columns", "[couchdb]") {
  auto connector = open(options());
  ports::DiscoveryScope scope;
  scope.statistics = true;
  scope.protect_personal_data = false;
  const auto found = connector->discover(scope, {});
  REQUIRE(found.tables().size() == 2);
  const catalog::Table& shop = *found.find({{}, catalog::TableName{"shop"}});
  CHECK(shop.primary_key == std::vector{ColumnName{"_id"}});
  CHECK(shop.columns[0].name.text == "_id");
  CHECK(shop.find(ColumnName{"_rev"}) == nullptr);
  CHECK(shop.find(ColumnName{"views"}) == nullptr);  // of a design document
  CHECK(shop.find(ColumnName{"address.geo.lat"})->type.logical == LogicalType::floating);
  CHECK(shop.find(ColumnName{"since"})->type.logical == LogicalType::date);
  CHECK(shop.find(ColumnName{"_attachments"})->type.logical == LogicalType::array);
  CHECK(shop.row_count == 20);
  CHECK(shop.find(ColumnName{"vip"})->statistics->presence == Approx(0.2));
  REQUIRE(found.warnings.size() == 1);
  CHECK(found.warnings[0].message == "field 'code' holds integer (25 %) and string (75 %)");
  CHECK(found.find({{}, catalog::TableName{"log+events"}})->row_count == 2);

  auto reader = connector->open_reader({{}, catalog::TableName{"shop"}}, {});
  std::vector<std::optional<std::string_view>> row;
  std::string listed;
  while (reader->next(row)) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (reader->columns()[i].text == "_attachments" && row[i]) {
        listed = std::string{*row[i]};
      }
    }
  }
  CHECK(listed == R"([{"name":"scan.pdf","content_type":"application/pdf","length":1234}])");
}

TEST_CASE("kinds of documents become tables of a schema", "[couchdb]") {
  auto connector = open(options({{"type_field", "type"}, {"databases", "shop"}}));
  CHECK(connector->capabilities().has_schemas);
  const auto found = connector->discover({}, {});
  REQUIRE(found.tables().size() == 2);
  CHECK(catalog::to_string(found.tables()[0].ref) == "shop.customer");
  CHECK(catalog::to_string(found.tables()[1].ref) == "shop.order");
  CHECK(found.tables()[1].table->find(ColumnName{"name"}) == nullptr);
  std::string all;
  for (const auto& warning : found.warnings) {
    CHECK(warning.hint != "");
    all += warning.message + "\n";
  }
  CHECK_THAT(all, ContainsSubstring("1 of 20 documents have no text in 'type'"));
  CHECK(ids(*connector, "shop", "order").size() == 7);
  CHECK(facts_of([&] { ids(*connector, "shop", "custmer"); }).hint == "did you mean 'customer'?");

  SECTION("kinds are looked for at both ends of a large database") {
    auto few =
        open(options({{"type_field", "type"}, {"databases", "shop"}, {"sample_documents", "4"}}));
    const auto seen = few->discover({}, {});
    CHECK(seen.tables().size() == 2);
    CHECK_THAT(seen.warnings[1].message, ContainsSubstring("both ends"));
    CHECK(ids(*few, "shop", "customer").size() == 12);
    // A kind that no sample held is still found.
    auto one =
        open(options({{"type_field", "type"}, {"databases", "shop"}, {"sample_documents", "1"}}));
    CHECK(ids(*one, "shop", "order").size() == 7);
  }
}

TEST_CASE("documents come whole and once by every way of reading", "[couchdb]") {
  for (const char* way : {"all_docs", "find", "changes"}) {
    for (const char* size : {"3", "20", "500"}) {
      DYNAMIC_SECTION(way << " " << size) {
        auto connector = open(options({{"read_with", way}, {"page_size", size}}));
        auto found = ids(*connector, "", "shop");
        CHECK(found.size() == 20);
        std::sort(found.begin(), found.end());
        CHECK(std::adjacent_find(found.begin(), found.end()) == found.end());
        CHECK(ids(*connector, "", "log+events") == std::vector<std::string>{"1", "3"});
        auto kinds =
            open(options({{"read_with", way}, {"page_size", size}, {"type_field", "type"}}));
        CHECK(ids(*kinds, "shop", "order").size() == 7);
      }
    }
  }
  SECTION("sequences that are numbers") {
    auto made = options({{"read_with", "changes"}, {"page_size", "3"}});
    server(R"({"numbers": true})");
    CHECK(ids(*open(made), "", "shop").size() == 20);
  }
}

TEST_CASE("a document that is deleted while its page is read takes no other one with it",
          "[couchdb]") {
  auto connector = open(options({{"page_size", "3"}}));
  const auto all = ids(*connector, "", "shop");
  auto reader = connector->open_reader({{}, catalog::TableName{"shop"}}, {});
  server(R"({"vanish": true})");
  std::vector<std::optional<std::string_view>> row;
  std::size_t count = 0;
  while (reader->next(row)) {
    ++count;
  }
  CHECK(count == all.size());
}

TEST_CASE("pages that lead round in a circle are found out", "[couchdb]") {
  for (const char* way : {"all_docs", "find"}) {
    INFO(way);
    auto made = options({{"read_with", way}, {"page_size", "3"}});
    server(R"({"loop": true})");
    const auto facts = facts_of([&] { ids(*open(made), "", "shop"); });
    CHECK(facts.code == ErrorCode::invalid_data);
    CHECK_THAT(facts.message, ContainsSubstring("circle"));
  }
}

TEST_CASE("an answer that is odd anywhere is passed over or named", "[couchdb]") {
  const std::string url = server().url();
  const auto use = [&](std::map<std::string, std::string> more) {
    more["databases"] = "shop";
    more["page_size"] = "3";
    more["url"] = url;  // server() would put the fake back to how it began
    auto made = http_options("couch", std::move(more));
    made.limits.attempts = 1;
    const auto connector = open(made);
    connector->test({});
    ports::DiscoveryScope scope;
    scope.statistics = true;
    const auto found = connector->discover(scope, {});
    for (const auto& one : found.tables()) {
      ids(*connector, one.ref.schema.text, one.ref.table.text);
    }
  };
  CHECK(spoil_answers(url, "/_all_dbs", [&] { use({}); }) >= 2);
  CHECK(spoil_answers(url, "/_all_docs", [&] { use({}); }) >= 10);
  CHECK(spoil_answers(url, "/_changes", [&] { use({{"read_with", "changes"}}); }) >= 10);
  CHECK(spoil_answers(url, "/_find", [&] {
          use({{"read_with", "find"}, {"type_field", "kind"}});
        }) >= 5);
  const auto facts = facts_of([&] {
    ask("POST", url + "/_spoil", R"({"path": "/_all_dbs", "at": 0, "value": {"shop": "shop"}})");
    use({});
  });
  CHECK(facts.code == ErrorCode::invalid_data);
  CHECK(facts.message == "the list of databases is no list");
}

TEST_CASE("what CouchDB refuses is named, and never the password", "[couchdb]") {
  auto good = options({}, {{"username", "ana"}, {"password", "s3cret:&"}});
  auto wrong = options({}, {{"username", "ana"}, {"password", "wr0ng"}});
  server(R"({"user": "ana:s3cret:&"})");
  CHECK(open(good)->discover({}, {}).tables().size() == 2);
  const auto facts = facts_of([&] { open(wrong)->discover({}, {}); });
  CHECK(facts.code == ErrorCode::denied);
  CHECK_THAT(facts.message, ContainsSubstring("Name or password is incorrect"));
  CHECK((facts.message + facts.hint).find("wr0ng") == std::string::npos);
  CHECK_THAT(facts.message, ContainsSubstring("incorrect: Basic ********"));  // it repeats that

  auto any = options();
  auto named = options({{"databases", "shop"}});
  server(R"({"admin": false, "denied": ["log+events"]})");
  CHECK(facts_of([&] { open(any)->discover({}, {}); }).code == ErrorCode::denied);
  CHECK(open(named)->discover({}, {}).tables().size() == 1);  // needs no list
  server(R"({"denied": ["log+events"]})");
  const auto found = open(any)->discover({}, {});
  CHECK(found.tables().size() == 1);
  REQUIRE(found.warnings.size() == 2);
  CHECK_THAT(found.warnings[0].hint + found.warnings[1].hint, ContainsSubstring("member"));
}

TEST_CASE("a real server of CouchDB's kind gives what was put into it", "[couchdb]") {
  const char* url = std::getenv("MAPCTL_TEST_COUCHDB");
  if (url == nullptr) {
    skip("couchdb", "MAPCTL_TEST_COUCHDB names no server");
  }
  const std::string database = std::string{url} + "/mapctl_test";
  ask("DELETE", database);
  REQUIRE(ask("PUT", database).status == 201);
  Json documents = Json::array();
  for (int i = 0; i < 45; ++i) {
    Json one = Json::object();
    one["_id"] = "d" + std::to_string(100 + i);
    one["kind"] = i % 3 == 0 ? "a" : "b";
    one["nested"]["value"] = i;
    documents.push_back(std::move(one));
  }
  documents[1]["_attachments"]["x.txt"] = {{"content_type", "text/plain"}, {"data", "aGVsbG8="}};
  Json body = Json::object();
  body["docs"] = documents;
  REQUIRE(ask("POST", database + "/_bulk_docs", body.dump()).status == 201);
  // `_find` of the server made of npm packages gives nothing with a limit; CouchDB does.
  for (const char* way : {"all_docs", "changes"}) {
    DYNAMIC_SECTION(way) {
      auto made = options({{"databases", "mapctl_test"}, {"read_with", way}, {"page_size", "10"}});
      made.options["url"] = url;
      CHECK(ids(*open(made), "", "mapctl_test").size() == 45);
      made.options["type_field"] = "kind";
      auto kinds = open(made);
      CHECK(kinds->discover({}, {}).tables().size() == 2);
      CHECK(ids(*kinds, "mapctl_test", "a").size() == 15);
      CHECK_THAT(kinds->test({}).product, ContainsSubstring("CouchDB"));
    }
  }
  ask("DELETE", database);
}

}  // namespace
}  // namespace mapctl::test
