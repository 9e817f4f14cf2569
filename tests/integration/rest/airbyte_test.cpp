// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/rest/imported.hpp"

#include <cstdlib>
#include <filesystem>

namespace mapctl::test {
namespace {

namespace fs = std::filesystem;

TEST_CASE("an imported manifest reads the records that it describes", "[rest]") {
  const std::string manifest = R"(
definitions:
  requester:
    type: HttpRequester
    url_base: "{{ config['host'] }}"
    request_parameters: {per_page: "{{ 10 }}"}
  selector:
    type: RecordSelector
    extractor: {type: DpathExtractor, field_path: [items]}
  groups:
    name: groups
    retriever:
      requester: {$ref: "#/definitions/requester", path: groups}
      record_selector: {$ref: "#/definitions/selector"}
streams:
  - name: things
    primary_key: [[id]]
    $parameters: {page_start: 1}
    retriever:
      type: SimpleRetriever
      requester: {$ref: "#/definitions/requester", path: "/pages"}
      record_selector:
        $ref: "#/definitions/selector"
        record_filter: {condition: "{{ record['id'] != 3 }}"}
      paginator:
        type: DefaultPaginator
        page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: page}
        pagination_strategy: {type: PageIncrement, start_from_page: 1, page_size: 10}
    transformations:
      - {type: AddFields, fields: [{path: [double], value: "{{ record.id * 2 }}"}]}
      - {type: RemoveFields, field_pointers: [[owner, phone], [price]]}
  - name: followed
    retriever:
      requester: {$ref: "#/definitions/requester", path: nexturls}
      record_selector: {extractor: {type: DpathExtractor, field_path: [results]}}
      paginator:
        type: DefaultPaginator
        page_token_option: {type: RequestPath}
        pagination_strategy:
          type: CursorPagination
          cursor_value: "{{ response.get('next', {}) }}"
          stop_condition: "{{ not response.get('next') }}"
  - name: members
    retriever:
      requester: {$ref: "#/definitions/requester", path: "groups/{{ stream_slice.group }}/members"}
      record_selector: {$ref: "#/definitions/selector"}
      partition_router:
        type: SubstreamPartitionRouter
        parent_stream_configs:
          - {parent_key: id, partition_field: group, stream: "#/definitions/groups"}
)";
  auto connector =
      open_rest(imported(config::parse_yaml(manifest, "manifest.yaml"), server().url()));
  const Rows things = read_rows(*connector, "things");
  CHECK(things.size() == 24);
  CHECK(values_of(things, "double")[1] == "4");
  CHECK(values_of(things, "price")[0] == "(none)");
  CHECK(read_rows(*connector, "followed").size() == 25);
  CHECK(read_rows(*connector, "members").size() == 6);
  const auto found = connector->discover({}, {});
  CHECK(found.tables().size() == 3);  // a parent alone is no table
}

TEST_CASE("the streams that public manifests give are taken by the connector", "[rest]") {
  const char* data = std::getenv("MAPCTL_TEST_DATA");
  const fs::path folder =
      fs::path{data == nullptr ? "" : data} / "data/connectors/airbyte-manifests";
  if (data == nullptr || !fs::is_directory(folder)) {
    test::skip("data", "MAPCTL_TEST_DATA has no data/connectors/airbyte-manifests");
  }
  std::size_t opened = 0, streams = 0;
  for (const auto& entry : fs::directory_iterator{folder}) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".manifest.yaml")) {
      continue;
    }
    const auto manifest = config::load_yaml(entry.path());
    streams += config::import_airbyte(manifest, "imported").streams.size();
    try {
      open_rest(imported(manifest, "1"));
      ++opened;
    } catch (const Error& error) {
      UNSCOPED_INFO(name << ": " << error.what());
    }
  }
  CHECK(opened == 25);
  CHECK(streams == 273);
}

}  // namespace
}  // namespace mapctl::test
