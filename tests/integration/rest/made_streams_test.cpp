// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/rest/imported.hpp"

#include <vector>

namespace mapctl::test {
namespace {

using Catch::Matchers::ContainsSubstring;

const char* members = R"(
groups: {path: groups, records: items, hidden: true}
members:
  each: {stream: groups, name: "members of {{ component.id }}"}
  path: "groups/{{ component.id }}/members"
  records: items
  changes: [{add: group, value: "{{ component.id }}"}]
)";

std::string made_of(const std::string& streams) {
  return "streams:\n  " + replace_all(std::string{trim(streams)}, "\n", "\n  ") + "\n";
}

std::vector<std::string> table_names(const catalog::Catalog& found) {
  std::vector<std::string> names;
  for (const auto& entry : found.tables()) {
    names.push_back(entry.table->name.text);
  }
  return names;
}

TEST_CASE("a stream with 'each' is one table for every record of another stream", "[rest]") {
  auto connector = open_rest(rest_options(made_of(members)));
  const auto found = connector->discover({}, {});
  CHECK(table_names(found) ==
        std::vector<std::string>{"members of 1", "members of 2", "members of 3"});
  CHECK(found.warnings.empty());
  const Rows rows = read_rows(*connector, "members of 3");
  CHECK(values_of(rows, "user") == std::vector<std::string>{"u30", "u31", "u32"});
  CHECK(values_of(rows, "group") == std::vector<std::string>{"3", "3", "3"});
  // One that was never discovered is found all the same, and outlives its connector.
  auto reader = open_rest(rest_options(made_of(members)))
                    ->open_reader({{}, catalog::TableName{"members of 2"}}, {});
  connector.reset();
  std::vector<std::optional<std::string_view>> row;
  std::size_t count = 0;
  while (reader->next(row)) {
    ++count;
  }
  CHECK(count == 2);
}

TEST_CASE("a stream with 'each' may stand for the values of a list", "[rest]") {
  const std::string yaml = "config: {folders: [in, out]}\n" + made_of(R"(
folders:
  each: {values: ["{{ config.folders }}", kept], name: "{{ component }}"}
  path: listed
  parameters: {folder: "{{ component }}"}
)");
  auto connector = open_rest(rest_options(yaml));
  CHECK(table_names(connector->discover({}, {})) == std::vector<std::string>{"in", "kept", "out"});
  CHECK(values_of(read_rows(*connector, "out"), "folder") == std::vector<std::string>{"out"});
  CHECK_THAT(connector->test({}).product, ContainsSubstring("REST API at http://127.0.0.1"));
}

TEST_CASE("a name that comes twice and one that is empty are left out with a warning", "[rest]") {
  auto connector = open_rest(rest_options(made_of(R"(
lists:
  each: {values: [{n: in, k: 1}, {n: in, k: 2}, {n: ""}], name: "{{ component.n }}"}
  path: listed
  parameters: {folder: "{{ component.k }}"}
)")));
  const auto found = connector->discover({}, {});
  CHECK(table_names(found) == std::vector<std::string>{"in"});
  REQUIRE(found.warnings.size() == 2);
  CHECK_THAT(found.warnings[0].message + found.warnings[1].message,
             ContainsSubstring("a second 'in'") && ContainsSubstring("without a name"));
  CHECK(values_of(read_rows(*connector, "in"), "folder") == std::vector<std::string>{"1"});
}

TEST_CASE("what 'each' asks may fail without ending the discovery of the rest", "[rest]") {
  const std::string lists = R"(
gone: {path: status/404, hidden: true}
lists:
  each: {stream: gone, name: "{{ component.id }}"}
  path: listed
)";
  const auto found =
      open_rest(rest_options(made_of(lists + "others: {path: groups, records: items}")))
          ->discover({}, {});
  CHECK(table_names(found) == std::vector<std::string>{"others"});
  REQUIRE(found.warnings.size() == 1);
  CHECK(found.warnings[0].object == "stream 'lists'");
  auto alone = open_rest(rest_options(made_of(lists)));
  CHECK(facts_of([&] { alone->discover({}, {}); }).code == ErrorCode::not_found);
  CHECK(facts_of([&] { read_rows(*alone, "7"); }).code == ErrorCode::not_found);
}

TEST_CASE("an 'each' that leads nowhere is refused before anything is asked", "[rest]") {
  const std::pair<const char*, const char*> wrong[] = {
      {"streams: {a: {path: /x, each: {stream: b, name: n}}}", "parent 'b'"},
      {"streams: {a: {path: /x, each: {stream: a, name: n}}}", "stands for many"},
      {"streams: {a: {path: /x, each: {values: [1]}}}", "name"},
      {"streams: {a: {path: /x, each: {values: [1], name: n}}, b: {path: /y, parent: {stream: a, "
       "key: id}}}",
       "stands for many"},
  };
  for (const auto& [yaml, cause] : wrong) {
    const char* text = yaml;
    INFO(text);
    const auto facts = facts_of([&] { open_rest(rest_options(text)); });
    CHECK(facts.code == ErrorCode::configuration);
    CHECK_THAT(facts.message, ContainsSubstring(cause));
  }
}

const char* dynamic_manifest = R"(
definitions:
  requester: {type: HttpRequester, url_base: "{{ config['host'] }}"}
  selector: {extractor: {type: DpathExtractor, field_path: [items]}}
  groups:
    name: groups
    retriever:
      requester: {$ref: "#/definitions/requester", path: groups}
      record_selector: {$ref: "#/definitions/selector"}
  template:
    name: template
    retriever:
      type: SimpleRetriever
      requester: {$ref: "#/definitions/requester", path: ""}
      record_selector: {extractor: {type: DpathExtractor, field_path: []}}
    transformations:
      - {type: AddFields, fields: [{path: [rank], value: ""}]}
dynamic_streams:
  - type: DynamicDeclarativeStream
    stream_template: {$ref: "#/definitions/template"}
    components_resolver:
      type: HttpComponentsResolver
      retriever:
        type: SimpleRetriever
        requester:
          $ref: "#/definitions/requester"
          path: "groups/{{ stream_partition.group }}/members"
        record_selector: {$ref: "#/definitions/selector"}
        partition_router:
          type: SubstreamPartitionRouter
          parent_stream_configs:
            - {parent_key: id, partition_field: group, stream: {$ref: "#/definitions/groups"}}
      components_mapping:
        - field_path: [name]
          value: "{{ stream_slice.group }}/{{ components_values.user.upper() }}"
        - field_path: [retriever, requester, path]
          value: "listed?folder={{ components_values.user }}"
        - field_path: [transformations, 0, fields, 0, value]
          value: "{{ components_values['rank'] }}"
        - {field_path: [retriever, requester, http_method, deep], value: not there}
  - type: DynamicDeclarativeStream
    name: reports
    stream_template: {$ref: "#/definitions/template"}
    components_resolver:
      type: ConfigComponentsResolver
      stream_config:
        {type: StreamConfig, configs_pointer: [reports], default_values: [{id: base}]}
      components_mapping:
        - {field_path: [name], value: "report_{{ components_values.id }}"}
        - {field_path: [retriever, requester, path], value: "listed"}
        - field_path: [retriever, requester, request_parameters, folder]
          value: "{{ components_values.id }}"
          create_or_update: true
)";

TEST_CASE("dynamic streams of a manifest are tables by its answers and its configuration",
          "[rest]") {
  const auto manifest = config::parse_yaml(dynamic_manifest, "manifest.yaml");
  const auto made = config::import_airbyte(manifest, "imported");
  CHECK(made.unsupported.empty());
  CHECK(made.streams == std::vector<std::string>{"template", "reports"});
  auto options = imported(manifest, server().url());
  const auto given =
      config::parse_yaml("{host: \"" + server().url() + "\", reports: [{id: x}]}", "config.yaml");
  options.trees["config"] = std::make_shared<const config::YamlNode>(given);
  auto connector = open_rest(options);
  CHECK(table_names(connector->discover({}, {})) ==
        std::vector<std::string>{"1/U10", "2/U20", "2/U21", "3/U30", "3/U31", "3/U32",
                                 "report_base", "report_x"});
  const Rows rows = read_rows(*connector, "3/U32");
  CHECK(values_of(rows, "folder") == std::vector<std::string>{"u32"});
  CHECK(values_of(rows, "rank") == std::vector<std::string>{"2"});
  CHECK(values_of(read_rows(*connector, "report_x"), "folder") == std::vector<std::string>{"x"});
}

const char* parametrized_manifest = R"(
definitions:
  template:
    name: template
    primary_key: none
    retriever:
      type: SimpleRetriever
      requester: {type: HttpRequester, url_base: "{{ config['host'] }}", path: ""}
      record_selector: {extractor: {type: DpathExtractor, field_path: []}}
dynamic_streams:
  - type: DynamicDeclarativeStream
    stream_template: {$ref: "#/definitions/template"}
    components_resolver:
      type: ParametrizedComponentsResolver
      stream_parameters:
        type: StreamParametersDefinition
        list_of_parameters_for_stream:
          - {name: first, key: [folder, n], path: "listed?folder=1", field: folder, more: {a: x}}
          - {name: second, key: n, path: "groups", records: [items], field: unused}
      components_mapping:
        - {type: ComponentMappingDefinition, field_path: [name], value: "{{ components_values['name'] }}"}
        - {field_path: [primary_key], value: "{{ components_values['key'] }}"}
        - {field_path: [retriever, requester, path], value: "{{ components_values.path }}"}
        - field_path: [retriever, record_selector, extractor, field_path]
          value: "{{ components_values.get('records', []) }}"
        - field_path: [retriever, requester, request_parameters, "{{ components_values.field }}"]
          value: "{{ config['host'] and 'late' }}"
          create_or_update: true
)";

TEST_CASE("parameters of a manifest make a stream each", "[rest]") {
  const auto manifest = config::parse_yaml(parametrized_manifest, "manifest.yaml");
  const auto made = config::import_airbyte(manifest, "imported");
  CHECK(made.unsupported.empty());
  CHECK(made.streams == std::vector<std::string>{"first", "second"});
  auto connector = open_rest(imported(manifest, server().url()));
  const auto found = connector->discover({}, {});
  CHECK(table_names(found) == std::vector<std::string>{"first", "second"});
  CHECK(found.tables()[0].table->primary_key ==
        std::vector{catalog::ColumnName{"folder"}, catalog::ColumnName{"n"}});
  CHECK(values_of(read_rows(*connector, "first"), "folder") == std::vector<std::string>{"late"});
  CHECK(values_of(read_rows(*connector, "second"), "id") ==
        std::vector<std::string>{"1", "2", "3"});
}

TEST_CASE("what of parametrized streams cannot be had is named, and the others stay", "[rest]") {
  const std::string manifest = parametrized_manifest;
  const auto refused = [&](const std::string& from, const std::string& to,
                           std::vector<std::string> others) {
    const auto made = config::import_airbyte(
        config::parse_yaml(replace_all(manifest, from, to), "manifest.yaml"), "imported");
    REQUIRE_FALSE(made.unsupported.empty());
    CHECK_THAT(made.unsupported[0].where, ContainsSubstring("manifest.yaml:"));
    CHECK(made.streams == others);
    return made.unsupported[0].component + ": " + made.unsupported[0].reason;
  };
  CHECK_THAT(refused("name: second", "name: first", {"first"}),
             ContainsSubstring("a second stream of that name"));
  CHECK_THAT(refused("name: second", "name: \"\"", {"first"}),
             ContainsSubstring("a stream without a name"));
  CHECK_THAT(refused("and 'late'", "and components_values.name", {}),
             ContainsSubstring("config beside components_values"));
  CHECK_THAT(refused("[primary_key]", "[\"*\", primary_key]", {}),
             ContainsSubstring("'*' in a field_path"));
  CHECK_THAT(refused("[primary_key], value", "[primary_key], condition: \"{{ 1 }}\", value", {}),
             ContainsSubstring("a condition"));
  CHECK_THAT(refused("components_values['key']", "stream_template_config.name", {}),
             ContainsSubstring("stream_template_config"));
}

TEST_CASE("what of a dynamic stream cannot be had is named with its place", "[rest]") {
  const std::string manifest = dynamic_manifest;
  const auto refused = [&](const std::string& from, const std::string& to) {
    const auto made = config::import_airbyte(
        config::parse_yaml(replace_all(manifest, from, to), "manifest.yaml"), "imported");
    REQUIRE(made.unsupported.size() == 1);
    CHECK_THAT(made.unsupported[0].where, ContainsSubstring("manifest.yaml:"));
    CHECK(made.streams.size() == 1);
    return made.unsupported[0].component + ": " + made.unsupported[0].reason;
  };
  CHECK_THAT(refused("[transformations, 0, fields, 0, value]", "[\"*\", value]"),
             ContainsSubstring("'*' in a field_path"));
  CHECK_THAT(
      refused("http_method, deep], value: not there", "path], value: a, condition: \"{{ 1 }}\""),
      ContainsSubstring("a condition"));
  CHECK_THAT(refused("type: HttpComponentsResolver", "type: ParametrizedComponentsResolver"),
             ContainsSubstring("without list_of_parameters_for_stream"));
  CHECK_THAT(refused("type: HttpComponentsResolver", "type: CustomComponentsResolver"),
             ContainsSubstring("CustomComponentsResolver"));
  CHECK_THAT(
      refused("[transformations, 0, fields, 0, value]", "[transformations, 0, fields, 0, path, 0]"),
      ContainsSubstring("a value for 'add'"));
}

}  // namespace
}  // namespace mapctl::test
