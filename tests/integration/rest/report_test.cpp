// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/rest/imported.hpp"

#include <chrono>
#include <stop_token>
#include <thread>
#include <vector>

namespace mapctl::test {
namespace {

using Catch::Matchers::ContainsSubstring;

// A report whose state is one of `words` after the other.
std::string report_of(const std::string& words, const std::string& key,
                      const std::string& more = {}, const std::string& query = {}) {
  return R"(
streams:
  contacts:
    job:
      create: {path: "reports/)" +
         words + "/" + key + R"(", method: POST, body: {all: true}}
      poll: {path: "reports/)" +
         words + "/" + key + "/{{ creation_response.id }}" + query + R"("}
      status: state.word
      running: [pending, half]
      completed: [ready]
      failed: [failed]
      expired: [timeout]
      skipped: [nothing]
      urls: links
      every: 5ms
)" + more +
         R"(    path: "{{ download_target }}"
    format: csv
)";
}

Rows report_rows(const std::string& yaml) {
  return rows_of(yaml, "contacts");
}

TEST_CASE("a report is asked for, waited for and read part by part, packed or not", "[rest]") {
  const Rows rows = report_rows(report_of("pending,half,pending,ready", "whole"));
  CHECK(values_of(rows, "ID") == std::vector<std::string>{"11", "12", "21", "22"});
  CHECK(values_of(rows, "Name") == std::vector<std::string>{"a", "b, c", "a", "b, c"});
}

TEST_CASE("a report that fails or expires is asked for anew, as often as the profile says",
          "[rest]") {
  // The first report fails, the second one expires, the third one is there.
  CHECK(report_rows(report_of("failed,timeout,ready", "again", {}, "?apart=1")).size() == 4);
  const auto facts =
      facts_of([] { report_rows(report_of("pending,failed", "never", "      attempts: 2\n")); });
  CHECK(facts.code == ErrorCode::invalid_data);
  CHECK_THAT(facts.message,
             ContainsSubstring("stream 'contacts'") && ContainsSubstring("'failed', 2 times"));
  CHECK(facts.hint != "");
}

TEST_CASE("a report that is never there ends with the limit of the profile", "[rest]") {
  const auto facts =
      facts_of([] { report_rows(report_of("pending", "endless", "      limit: 40ms\n")); });
  CHECK(facts.code == ErrorCode::resource_limit);
  CHECK_THAT(facts.message, ContainsSubstring("still 'pending' after"));
  CHECK_THAT(facts.hint, ContainsSubstring("'limit'"));
}

TEST_CASE("a state that the profile does not know, and none at all, are named", "[rest]") {
  const auto unknown = facts_of([] { report_rows(report_of("pending,odd", "odd")); });
  CHECK(unknown.code == ErrorCode::invalid_data);
  CHECK_THAT(unknown.message, ContainsSubstring("'odd'"));
  const auto missing = facts_of(
      [] { report_rows(replace_all(report_of("ready", "missing"), "state.word", "state.none")); });
  CHECK_THAT(missing.message, ContainsSubstring("no 'state.none'"));
  CHECK(report_rows(report_of("pending,nothing", "nothing", "      attempts: 1\n") +
                    "    schema: {properties: {ID: {type: string}}}\n")
            .empty());
}

TEST_CASE("a part of a report may lie on another host when no credentials go there", "[rest]") {
  const std::string elsewhere = "?host=localhost:" + server().port();
  CHECK(report_rows(report_of("ready", "elsewhere", {}, elsewhere)).size() == 4);
  const auto facts = facts_of([&] {
    rows_of("authentication: bearer\n" + report_of("ready", "guarded", {}, elsewhere), "contacts",
            {{"token", good_token}});
  });
  CHECK(facts.code == ErrorCode::denied);
  CHECK_THAT(facts.message, ContainsSubstring("where the credentials do not belong"));
}

TEST_CASE("a packed answer that is cut short or too large is no data", "[rest]") {
  const auto cut =
      facts_of([] { rows_of("streams: {a: {path: \"parts/2.csv?cut=1\", format: csv}}", "a"); });
  CHECK(cut.code == ErrorCode::invalid_data);
  CHECK_THAT(cut.message, ContainsSubstring("no whole gzip file"));
  const auto large = facts_of([] {
    rows_of("response_limit: 2KB\nstreams: {a: {path: \"parts/2.csv?more=1000\", format: csv}}",
            "a");
  });
  CHECK(large.code == ErrorCode::resource_limit);
  CHECK(rows_of("streams: {a: {path: \"parts/2.csv\", format: csv}}", "a").size() == 2);
}

TEST_CASE("waiting for a report stops when it is asked to", "[rest]") {
  auto connector = open_rest(
      rest_options(replace_all(report_of("pending", "stopped"), "every: 5ms", "every: 10m")));
  std::stop_source stop;
  std::jthread later{[&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    stop.request_stop();
  }};
  CHECK(facts_of([&] {
          connector->open_reader({{}, catalog::TableName{"contacts"}}, stop.get_token());
        }).code == ErrorCode::cancelled);
}

TEST_CASE("a job that lacks what it needs is refused before anything is asked", "[rest]") {
  const std::pair<const char*, const char*> wrong[] = {
      {"{poll: {path: p}, status: s, completed: [x]}", "create"},
      {"{create: {path: c}, poll: {path: p}, completed: [x]}", "status"},
      {"{create: {path: c}, poll: {path: p}, status: s}", "when its report is there"},
      {"{create: {path: c}, poll: {path: p}, status: s, completed: [x], urls_from: {path: u}}",
       "parts of its report"},
      {"{create: {path: c, paging: none}, poll: {path: p}, status: s, completed: [x]}", "paging"},
  };
  for (const auto& [job, cause] : wrong) {
    const std::string yaml = std::string{"streams: {a: {path: /x, job: "} + job + "}}";
    INFO(yaml);
    const auto facts = facts_of([&] { open_rest(rest_options(yaml)); });
    CHECK(facts.code == ErrorCode::configuration);
    CHECK_THAT(facts.message, ContainsSubstring(cause));
  }
  CHECK_THAT(facts_of([] {
               open_rest(
                   rest_options("streams: {a: {base_url: \"{{ download_target }}\", job: "
                                "{create: {path: c, base_url: \"http://h\"}, poll: {path: p, "
                                "base_url: \"http://h\"}, status: s, completed: [x]}}}"));
             }).message,
             ContainsSubstring("depends on 'download_target'"));
}

TEST_CASE("an AsyncRetriever of a manifest is read as a report, with names old and new", "[rest]") {
  const std::string manifest = R"(
streams:
  - name: contacts
    retriever:
      type: AsyncRetriever
      status_mapping: {running: [pending], completed: [ready], failed: [failed], timeout: [old]}
      status_extractor: {type: DpathExtractor, field_path: [state, word]}
      urls_extractor: {type: DpathExtractor, field_path: [links]}
      record_selector: {extractor: {type: DpathExtractor, field_path: []}}
      polling_job_timeout: 2
      creation_requester:
        {url_base: "{{ config['host'] }}", path: "reports/ready/manifest", http_method: POST}
      polling_requester:
        url_base: "{{ config['host'] }}"
        path: "reports/ready/manifest/{{ stream_slice['create_job_response'].json()['id'] }}"
      download_requester: {url_base: "", path: "{{ stream_slice.extra_fields['url'] }}"}
      download_extractor: {type: ResponseToFileExtractor}
    transformations: [{type: KeysToLower}]
)";
  const auto read = [](const std::string& text) {
    return read_rows(
        *open_rest(imported(config::parse_yaml(text, "manifest.yaml"), server().url())),
        "contacts");
  };
  CHECK(values_of(read(manifest), "id") == std::vector<std::string>{"11", "12", "21", "22"});
  std::string newer = replace_all(manifest, "urls_extractor", "download_target_extractor");
  newer = replace_all(newer, "stream_slice['create_job_response'].json()['id']",
                      "creation_response['id']");
  newer = replace_all(newer, "{url_base: \"\", path: \"{{ stream_slice.extra_fields['url'] }}\"}",
                      "{url: \"{{ download_target }}\"}");
  newer = replace_all(newer, "download_extractor: {type: ResponseToFileExtractor}",
                      "download_decoder: {type: GzipDecoder, decoder: {type: CsvDecoder}}");
  CHECK(values_of(read(newer), "name").size() == 4);

  const auto lacking = config::import_airbyte(
      config::parse_yaml(replace_all(manifest, "creation_requester:", "other_requester:"),
                         "manifest.yaml"),
      "imported");
  REQUIRE(lacking.unsupported.size() == 1);
  CHECK_THAT(lacking.unsupported[0].reason, ContainsSubstring("without a creation_requester"));
}

}  // namespace
}  // namespace mapctl::test
