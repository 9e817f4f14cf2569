// SPDX-License-Identifier: Apache-2.0
#include "core/config/airbyte_import.hpp"

#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>

namespace mapctl::config {
namespace {

using Catch::Matchers::ContainsSubstring;

const char* manifest = R"(
version: 1.0.0
type: DeclarativeSource
check: {type: CheckStream, stream_names: [users]}
definitions:
  requester:
    type: HttpRequester
    url_base: "https://{{ config['domain'] }}.example.com/v1"
    http_method: GET
    authenticator: {type: BearerAuthenticator, api_token: "{{ config['api_token'] }}"}
    error_handler:
      type: DefaultErrorHandler
      max_retries: 4
      backoff_strategies: [{type: WaitTimeFromHeader, header: Retry-After}]
      response_filters: [{http_codes: [404], action: IGNORE}]
  paginator:
    type: DefaultPaginator
    page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: page}
    page_size_option: {type: RequestOption, inject_into: request_parameter, field_name: per_page}
    pagination_strategy: {type: PageIncrement, start_from_page: 1, page_size: 50}
  users:
    type: DeclarativeStream
    name: users
    primary_key: id
    $parameters: {path: users, field: data}
    retriever:
      type: SimpleRetriever
      requester: {$ref: "#/definitions/requester"}
      paginator: {$ref: "#/definitions/paginator"}
      record_selector:
        type: RecordSelector
        extractor: {type: DpathExtractor, field_path: ["{{ parameters['field'] }}"]}
    schema_loader:
      type: InlineSchemaLoader
      schema: {type: object, properties: {id: {type: integer}}}
streams:
  - "#/definitions/users"
  - type: DeclarativeStream
    name: posts
    retriever:
      type: SimpleRetriever
      requester:
        $ref: "#/definitions/requester"
        path: "users/{{ stream_partition.user_id }}/posts"
      record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: []}}
      partition_router:
        type: SubstreamPartitionRouter
        parent_stream_configs:
          - {parent_key: id, partition_field: user_id, stream: {$ref: "#/definitions/users"}}
    transformations:
      - {type: AddFields, fields: [{path: [user], value: "{{ stream_partition.user_id }}"}]}
  - type: DeclarativeStream
    name: odd
    retriever:
      type: SimpleRetriever
      requester: {$ref: "#/definitions/requester", path: odd}
      record_selector:
        type: RecordSelector
        extractor:
          class_name: source_x.components.OddExtractor
spec:
  connection_specification:
    required: [domain, api_token]
    properties:
      domain: {type: string}
      api_token: {type: string, airbyte_secret: true}
)";

TEST_CASE("a manifest becomes a profile, and what is not supported is named with its place",
          "[airbyte]") {
  const auto made = import_airbyte(parse_yaml(manifest, "manifest.yaml"), "my-crm");
  CHECK(made.streams == std::vector<std::string>{"users", "posts"});
  REQUIRE(made.unsupported.size() == 1);
  CHECK(made.unsupported[0].component == "source_x.components.OddExtractor");
  CHECK(made.unsupported[0].stream == "odd");
  CHECK_THAT(made.unsupported[0].where, ContainsSubstring("manifest.yaml:60:"));
  const YamlNode profile = parse_yaml(made.profile, "profile");
  const YamlNode* options = profile.find("options");
  REQUIRE(options != nullptr);
  CHECK(options->find("check")->text == "users");
  CHECK(options->find("config")->find("domain")->text == "${env:MY_CRM_DOMAIN}");
  CHECK(profile.find("auth")->find("api_token")->text == "${env:MY_CRM_API_TOKEN}");
  const YamlNode* users = options->find("streams")->find("users");
  CHECK(users->find("path")->text == "users");
  CHECK(users->find("records")->children.at(0).text == "data");
  CHECK(users->find("attempts")->text == "5");
  CHECK(users->find("paging")->find("type")->text == "page");
  CHECK(users->find("paging")->find("token")->find("parameter")->text == "page");
  CHECK(users->find("authentication")->find("token")->text == "{{ config['api_token'] }}");
  CHECK(users->find("errors")->children.at(0).find("action")->text == "ignore");
  CHECK(users->find("schema")->find("properties")->find("id") != nullptr);
  const YamlNode* posts = options->find("streams")->find("posts");
  CHECK(posts->find("partitions")->children[0].find("parents")->children[0].find("stream")->text ==
        "users");
  CHECK(posts->find("changes")->children[0].find("value")->text ==
        "{{ stream_partition.user_id }}");
}

TEST_CASE("a file that is no manifest, and references that lead nowhere, are refused",
          "[airbyte]") {
  const auto failure = [](const char* text) {
    try {
      import_airbyte(parse_yaml(text, "m.yaml"), "x");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::configuration);
      return std::string{error.what()};
    }
    return std::string{"nothing"};
  };
  CHECK_THAT(failure("a: 1"), ContainsSubstring("no declarative manifest"));
  CHECK_THAT(failure("streams: [{$ref: '#/definitions/x'}]"), ContainsSubstring("leads nowhere"));
  CHECK_THAT(failure("streams: ['#/definitions/a']\ndefinitions: {a: {$ref: '#/definitions/a'}}"),
             ContainsSubstring("circle"));
}

TEST_CASE("an expression that is not understood leaves its stream out", "[airbyte]") {
  const auto made = import_airbyte(
      parse_yaml("streams:\n  - name: a\n    retriever:\n      requester:\n"
                 "        url_base: https://h\n        path: \"{{ frobnicate(config.x) }}\"\n",
                 "m.yaml"),
      "x");
  CHECK(made.streams.empty());
  REQUIRE(made.unsupported.size() == 1);
  CHECK(made.unsupported[0].component == "expression");
  CHECK_THAT(made.unsupported[0].reason, ContainsSubstring("unknown function 'frobnicate'"));
}

TEST_CASE("public manifests are imported, wholly where nothing of them is Python", "[airbyte]") {
  const char* data = std::getenv("MAPCTL_TEST_DATA");
  const std::filesystem::path folder =
      std::filesystem::path{data == nullptr ? "" : data} / "data/connectors/airbyte-manifests";
  if (data == nullptr || !std::filesystem::is_directory(folder)) {
    test::skip("data", "MAPCTL_TEST_DATA has no data/connectors/airbyte-manifests");
  }
  std::map<std::string, std::size_t> incomplete;
  std::size_t files = 0, whole = 0, streams = 0;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".manifest.yaml")) {
      continue;
    }
    ++files;
    const auto made = import_airbyte(load_yaml(entry.path()), "source");
    streams += made.streams.size();
    whole += made.unsupported.empty() ? 1 : 0;
    if (!made.unsupported.empty()) {
      for (const auto& one : made.unsupported) {
        CHECK_THAT(one.where, ContainsSubstring(name + ":"));
      }
      UNSCOPED_INFO(name << ": " << made.unsupported.size() << " of it unsupported, first "
                         << made.unsupported[0].component << " (" << made.unsupported[0].reason
                         << ") " << made.unsupported[0].where);
    }
  }
  CHECK(files == 27);
  CHECK(whole == 22);
  CHECK(streams == 273);
}

TEST_CASE("parameters that mention themselves and fields without a path are reported, not followed",
          "[config][airbyte]") {
  const auto imported = [](std::string_view path, std::string_view more) {
    const std::string text = fmt::format(
        "type: DeclarativeSource\nstreams:\n  - type: DeclarativeStream\n    name: s\n"
        "    $parameters: {{a: \"{{{{ parameters.a }}}} {{{{ parameters.a }}}}\"}}\n"
        "    retriever:\n      type: SimpleRetriever\n      requester: {{type: HttpRequester, "
        "url_base: \"https://x\", path: \"{}\"}}\n      record_selector: {{extractor: "
        "{{field_path: "
        "[]}}}}\n{}",
        path, more);
    return import_airbyte(parse_yaml(text, "m.yaml"), "s");
  };
  REQUIRE(imported("{{ parameters.a }}", "").unsupported.size() == 1);
  CHECK_THAT(imported("{{ parameters.a }}", "").unsupported[0].reason,
             ContainsSubstring("refer to each other"));
  CHECK(imported("{{ parameters.get(')'", "").unsupported.size() == 1);
  const auto flattened = imported("p", "    transformations: [{type: DpathFlattenFields}]\n");
  REQUIRE(flattened.unsupported.size() == 1);
  CHECK(flattened.unsupported[0].component == "DpathFlattenFields");
}

}  // namespace
}  // namespace mapctl::config
