// SPDX-License-Identifier: Apache-2.0
#include "core/config/openapi_scaffold.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/config/yaml.hpp"
#include "core/config/yaml_json.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/config/failure.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace mapctl::test {
namespace {

using config::OpenApiProfile;
using config::OpenApiRequest;

constexpr const char* description = R"({
  "openapi": "3.0.3",
  "info": {"title": "Small CRM"},
  "servers": [{"url": "https://{region}.example.org/v2/",
               "variables": {"region": {"default": "eu"}}}],
  "security": [{"basic": []}, {"token": []}],
  "paths": {
    "/people": {"get": {"operationId": "listPeople", "summary": "All people",
      "parameters": [{"$ref": "#/components/parameters/page"},
                     {"name": "per_page", "in": "query", "schema": {"maximum": 50}}],
      "responses": {"200": {"content": {"application/json": {"schema": {"type": "object",
        "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/person"}},
                       "errors": {"type": "array", "items": {"type": "string"}}}}}}}}}},
    "/people/{person_id}/notes": {"parameters": [{"name": "person_id", "in": "path"}],
      "get": {"responses": {"200": {"content": {"application/json": {"schema": {"type": "array",
        "items": {"type": "object", "properties": {"text": {"type": "string"}}}}}}}}}},
    "/people/{person_id}": {"get": {"responses": {"200": {"content": {"application/json":
      {"schema": {"$ref": "#/components/schemas/person"}}}}}}},
    "/orgs/{org}/rooms": {"get": {"responses": {"200": {"headers": {"Link": {}},
      "content": {"application/json": {"schema": {"type": "array",
        "items": {"allOf": [{"$ref": "#/components/schemas/person"}]}}}}}}}},
    "/search": {"get": {"parameters": [{"name": "q", "in": "query", "required": true},
                                       {"name": "cursor", "in": "query"}],
      "responses": {"200": {"content": {"application/json": {"schema": {"type": "object",
        "properties": {"results": {"type": "array", "items": {"type": "object"}},
                       "meta": {"type": "object", "properties":
                         {"next_cursor": {"type": "string"}}}}}}}}}}},
    "/old": {"get": {"deprecated": true, "responses": {"200": {"content": {"application/json":
      {"schema": {"type": "array", "items": {"type": "object"}}}}}}}}
  },
  "components": {
    "parameters": {"page": {"name": "page", "in": "query", "schema": {"default": 0}}},
    "schemas": {"person": {"type": "object", "properties": {"id": {"type": "integer"}}}},
    "securitySchemes": {"basic": {"type": "http", "scheme": "basic"},
                        "token": {"type": "http", "scheme": "bearer"}}
  }
})";

OpenApiRequest request() {
  OpenApiRequest made;
  made.name = "my-crm";
  made.source = "openapi.json";
  made.document = "openapi.json";
  return made;
}

Json options_of(const OpenApiProfile& made) {
  return config::to_json(config::parse_yaml(made.yaml, "made"))["options"];
}

Json with(const char* pointer, const Json& value) {
  Json document = parse_json(description, "test");
  document[Json::json_pointer{pointer}] = value;
  return document;
}

TEST_CASE("lists of an OpenAPI description become streams with keys, paging and parents",
          "[config]") {
  const auto made = scaffold_openapi(parse_json(description, "test"), request());
  CHECK(made.streams == std::vector<std::string>{"people", "notes"});
  CHECK(made.missing_values == std::vector<std::string>{"org", "q"});
  const Json profile = config::to_json(config::parse_yaml(made.yaml, "made"));
  CHECK(profile["connector"] == "rest");
  CHECK(profile["description"] == "Small CRM");
  CHECK(profile["auth"] == Json{{"token", "${env:MY_CRM_TOKEN}"}});
  const Json options = profile["options"];
  CHECK(options["base_url"] == "https://eu.example.org/v2");
  CHECK(options["authentication"] == "bearer");
  CHECK(options["openapi"] == "openapi.json");
  const Json& people = options["streams"]["people"];
  CHECK(people["path"] == "people");
  CHECK(people["records"] == "data");
  CHECK(people["primary_key"] == "id");
  CHECK(people["operation"] == "listPeople");
  const Json paging = people.contains("paging") ? people["paging"] : options["paging"];
  CHECK(paging == Json{{"type", "page"},
                       {"parameter", "page"},
                       {"start", 0},
                       {"size_parameter", "per_page"},
                       {"size", 50}});
  const Json& notes = options["streams"]["notes"];
  CHECK(notes["path"] == "people/{{ partition.person_id }}/notes");
  CHECK(notes["parent"] == Json{{"stream", "people"}, {"key", "id"}, {"as", "person_id"}});
  CHECK_FALSE(notes.contains("primary_key"));
}

TEST_CASE("values that are given open the lists that need them", "[config]") {
  auto wanted = request();
  wanted.values = {{"org", "acme"}, {"q", "a b"}};
  const auto made = scaffold_openapi(parse_json(description, "test"), wanted);
  CHECK(made.streams == std::vector<std::string>{"people", "notes", "rooms", "search"});
  CHECK(made.missing_values.empty());
  const Json options = options_of(made);
  CHECK(options["config"] == Json{{"org", "acme"}});
  const Json& rooms = options["streams"]["rooms"];
  CHECK(rooms["path"] == "orgs/{{ config.org }}/rooms");
  CHECK(rooms["paging"]["type"] == "link_header");
  CHECK(rooms["primary_key"] == "id");
  const Json& search = options["streams"]["search"];
  CHECK(search["parameters"] == Json{{"q", "a b"}});
  CHECK(search["paging"] ==
        Json{{"type", "cursor"}, {"parameter", "cursor"}, {"path", "meta.next_cursor"}});
}

TEST_CASE("a parent that was not asked for stays as a stream that is no table", "[config]") {
  auto wanted = request();
  wanted.wanted = {"note?"};
  const auto made = scaffold_openapi(parse_json(description, "test"), wanted);
  CHECK(made.streams == std::vector<std::string>{"notes"});
  const Json options = options_of(made);
  CHECK(options["streams"]["people"]["hidden"] == true);
}

TEST_CASE("a value that no list takes and a pattern that no stream matches are refused",
          "[config]") {
  const Json document = parse_json(description, "test");
  auto misspelt = request();
  misspelt.values = {{"ogr", "acme"}};
  CHECK(failure([&] { scaffold_openapi(document, misspelt); }) ==
        "usage\nno list of 'openapi.json' takes a value 'ogr'\ndid you mean 'org'?");
  misspelt.values = {{"nothing_like_it", "acme"}};
  CHECK(failure([&] { scaffold_openapi(document, misspelt); }) ==
        "usage\nno list of 'openapi.json' takes a value 'nothing_like_it'\n"
        "known names: cursor, org, page, per_page, person_id, q, region");
  auto unmatched = request();
  unmatched.wanted = {"people", "nope*"};
  CHECK(failure([&] { scaffold_openapi(document, unmatched); }) ==
        "not_found\nno list of 'openapi.json' is a stream like 'nope*'\n"
        "known names: people, notes; others need --set org=... --set q=...");
}

TEST_CASE("each kind of authentication is told in the profile's words", "[config]") {
  const auto authentication = [](const Json& scheme) {
    Json document = with("/components/securitySchemes", Json{{"one", scheme}});
    document.erase("security");
    return options_of(scaffold_openapi(document, request()))["authentication"];
  };
  CHECK(authentication({{"type", "http"}, {"scheme", "Basic"}}) == "basic");
  CHECK(authentication({{"type", "apiKey"}, {"in", "header"}, {"name", "X-Key"}}) ==
        Json{{"type", "api_key"}, {"header", "X-Key"}});
  CHECK(authentication({{"type", "apiKey"}, {"in", "query"}, {"name", "key"}}) ==
        Json{{"type", "api_key"}, {"in", {{"parameter", "key"}}}});
  CHECK(authentication({{"type", "oauth2"},
                        {"flows", {{"clientCredentials", {{"tokenUrl", "https://x/t"}}}}}}) ==
        Json{{"type", "oauth2_client_credentials"}, {"token_url", "https://x/t"}});
  CHECK(authentication({{"type", "oauth2"},
                        {"flows",
                         {{"authorizationCode",
                           {{"tokenUrl", "https://x/t"}, {"refreshUrl", "https://x/r"}}}}}}) ==
        Json{{"type", "oauth2_refresh_token"}, {"token_url", "https://x/r"}});
  CHECK(authentication({{"type", "openIdConnect"}}) == "bearer");
  Json open = parse_json(description, "test");
  open["components"].erase("securitySchemes");
  const auto made = scaffold_openapi(open, request());
  CHECK(options_of(made)["authentication"] == "none");
  CHECK(made.remarks.size() == 1);
}

TEST_CASE("a server without a host is that of the document, or asked for", "[config]") {
  const Json document = with("/servers", Json::array({{{"url", "/api"}}}));
  auto from_web = request();
  from_web.source = "https://api.example.org/docs/openapi.json";
  CHECK(options_of(scaffold_openapi(document, from_web))["base_url"] ==
        "https://api.example.org/api");
  const auto made = scaffold_openapi(document, request());
  CHECK(options_of(made)["base_url"] == "${env:MY_CRM_URL}");
  CHECK_FALSE(made.remarks.empty());
}

TEST_CASE("a description cannot refer to secrets of ours", "[config]") {
  Json document = with("/servers", Json::array({{{"url", "https://x.org/${env:HOME}"}}}));
  document["paths"]["/people"]["get"]["summary"] = "${file:/etc/passwd}";
  document["components"]["securitySchemes"] = {
      {"one", {{"type", "apiKey"}, {"in", "header"}, {"name", "${cmd:id}"}}}};
  document.erase("security");
  auto wanted = request();
  wanted.values = {{"org", "${env:ORG}"}};
  const Json options = options_of(scaffold_openapi(document, wanted));
  CHECK(options["base_url"] == "https://x.org/$${env:HOME}");
  CHECK(options["streams"]["people"]["description"] == "$${file:/etc/passwd}");
  CHECK(options["authentication"]["header"] == "$${cmd:id}");
  CHECK(options["config"]["org"] == "${env:ORG}");
}

TEST_CASE("schemas that contain themselves come to an end", "[config]") {
  Json document = parse_json(description, "test");
  const Json self = {{"$ref", "#/components/schemas/person"}};
  document["components"]["schemas"]["person"]["allOf"] = Json::array({self, self, self});
  CHECK(scaffold_openapi(document, request()).streams ==
        std::vector<std::string>{"people", "notes"});
}

TEST_CASE("what is no OpenAPI 3 description, or has no list, is refused with a reason",
          "[config]") {
  const auto error_of = [](const Json& document) {
    try {
      scaffold_openapi(document, request());
    } catch (const Error& error) {
      CHECK(error.facts().hint != "");
      return error.code();
    }
    return ErrorCode::internal;
  };
  CHECK(error_of(Json::object()) == ErrorCode::configuration);
  CHECK(error_of({{"swagger", "2.0"}, {"paths", Json::object()}}) == ErrorCode::configuration);
  CHECK(error_of({{"openapi", "3.1.0"}, {"paths", Json::object()}}) == ErrorCode::unsupported);
  Json circle = parse_json(description, "test");
  circle["components"]["schemas"]["person"] = {{"$ref", "#/components/schemas/person"}};
  CHECK(error_of(circle) == ErrorCode::unsupported);
}

TEST_CASE("descriptions of GitHub and Stripe give their lists", "[config]") {
  const char* data = std::getenv("MAPCTL_TEST_DATA");
  const std::filesystem::path folder =
      std::filesystem::path{data == nullptr ? "" : data} / "data/connectors/openapi";
  if (data == nullptr || !std::filesystem::exists(folder)) {
    skip("data", "MAPCTL_TEST_DATA has no OpenAPI descriptions");
  }
  const auto read = [&](const char* name) { return parse_json(read_file(folder / name), name); };
  auto github = request();
  github.values = {{"owner", "octo"}, {"repo", "hello"}, {"org", "acme"}};
  const auto made = scaffold_openapi(read("github-trim.json"), github);
  CHECK(std::count(made.streams.begin(), made.streams.end(), "issues") == 1);
  CHECK(std::count(made.streams.begin(), made.streams.end(), "members") == 1);
  CHECK(options_of(made)["paging"]["type"] == "link_header");
  CHECK(options_of(made)["streams"]["issues"]["path"] ==
        "repos/{{ config.owner }}/{{ config.repo }}/issues");
  const auto stripe = scaffold_openapi(read("stripe-trim.json"), request());
  CHECK(stripe.streams.size() == 5);
  const Json options = options_of(stripe);
  CHECK(options["authentication"] == "bearer");
  CHECK(options["paging"]["parameter"] == "starting_after");
  CHECK(options["streams"]["customers"]["records"] == "data");
}

}  // namespace
}  // namespace mapctl::test
