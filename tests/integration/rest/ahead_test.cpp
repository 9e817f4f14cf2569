// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.hpp"
#include "core/catalog/snapshot.hpp"
#include "tests/integration/rest/fixture.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <thread>

namespace mapctl::test {
namespace {

using Catch::Matchers::ContainsSubstring;

// Pages of one record each, which are not read ahead for finding columns.
ports::ConnectorOptions numbered(const std::string& query, std::optional<std::int64_t> connections,
                                 const std::string& more = {}) {
  auto options =
      rest_options("sample_records: 1\nstreams: {items: {path: \"/numbered?" + query +
                   "\", records: items, paging: {type: page, parameter: page, stop: \"{{ "
                   "not response.more }}\"}" +
                   more + "}}\n");
  options.limits.max_connections = connections;
  return options;
}

Json log(bool reset = false) {
  static const auto http = connectors::http::factory().client({});
  ports::HttpRequest request;
  request.url = server().url(reset ? "/_reset" : "/_log");
  request.method = reset ? "POST" : "GET";
  return parse_json(http->send(request, {}, {}).body, "log");
}

std::vector<std::string> numbers(int last) {
  std::vector<std::string> list;
  for (int i = 1; i <= last; ++i) {
    list.push_back(std::to_string(i));
  }
  return list;
}

TEST_CASE("the next page is asked for while the present one is read", "[rest]") {
  log(true);
  auto connector = open_rest(numbered("pages=10", {}));
  auto reader = connector->open_reader({{}, catalog::TableName{"items"}}, {});
  std::vector<std::optional<std::string_view>> row;
  REQUIRE(reader->next(row));
  CHECK(log()["requests"].size() == 1);
  // A page that is done with at once is not worth it.
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  REQUIRE(reader->next(row));
  // Nobody asked for a record of the third page yet.
  for (int i = 0; i < 1000 && log()["requests"].size() < 3; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  CHECK(log()["requests"].size() == 3);
  reader.reset();
  CHECK(log()["requests"].size() == 3);
}

TEST_CASE("as many pages are asked for at once as the profile allows connections", "[rest]") {
  log(true);
  CHECK(values_of(read_rows(*open_rest(numbered("pages=20&delay=0.1", 4)), "items"), "id") ==
        numbers(20));
  Json seen = log();
  CHECK(seen["peak"] > 1);
  CHECK(seen["peak"] <= 4);
  // What was asked for beyond the end is neither read nor a fault.
  CHECK(seen["requests"].size() >= 20);
  CHECK(seen["requests"].size() <= 24);
  log(true);
  CHECK(values_of(read_rows(*open_rest(numbered("pages=20&delay=0.01", {})), "items"), "id") ==
        numbers(20));
  seen = log();
  CHECK(seen["peak"] == 1);
  CHECK(seen["requests"].size() == 20);
}

TEST_CASE("streams are described at once over the connections that the profile allows", "[rest]") {
  std::string streams = "sample_records: 1\nstreams:\n";
  for (int i = 1; i <= 12; ++i) {
    streams += "  s" + std::to_string(10 + i) +
               ": {path: \"/numbered?pages=1&delay=0.1&stream=" + std::to_string(i) +
               "\", records: items}\n";
  }
  streams += "  missing: {path: /status/404}\n";
  const auto discover = [&](std::int64_t connections) {
    log(true);
    auto options = rest_options(streams);
    options.limits.max_connections = connections;
    return open_rest(options)->discover({}, {});
  };
  const auto at_once = discover(4);
  CHECK(log()["peak"] > 1);
  CHECK(log()["peak"] <= 4);
  const auto in_turn = discover(1);
  CHECK(log()["peak"] == 1);
  CHECK(catalog::fingerprint(at_once) == catalog::fingerprint(in_turn));
  CHECK(at_once.tables().size() == 12);
  REQUIRE(at_once.warnings.size() == 1);
  CHECK(at_once.warnings[0].object == "stream 'missing'");
}

TEST_CASE("what stops all streams is told once, however many are asked at once", "[rest]") {
  auto options = rest_options(
      "authentication: bearer\nsample_records: 1\nstreams: {a: {path: /secured, records: items}, "
      "b: {path: /secured, records: items}, c: {path: /secured, records: items}}\n",
      {{"token", "wrong"}});
  options.limits.max_connections = 3;
  CHECK(facts_of([&] { open_rest(options)->discover({}, {}); }).code == ErrorCode::denied);
}

TEST_CASE("a page that fails does so at its turn", "[rest]") {
  auto connector = open_rest(numbered("pages=20&fail=9", 8));
  auto reader = connector->open_reader({{}, catalog::TableName{"items"}}, {});
  std::vector<std::optional<std::string_view>> row;
  int rows = 0;
  const auto facts = facts_of([&] {
    while (reader->next(row)) {
      ++rows;
    }
  });
  CHECK(rows == 8);
  CHECK_THAT(facts.message, ContainsSubstring("lost"));
}

TEST_CASE("offsets are asked for at once only where the size of a page is known", "[rest]") {
  for (const char* size : {"size: 4, size_parameter: limit", "size_parameter: limit"}) {
    auto options = rest_options(
        std::string{"sample_records: 1\nstreams: {items: {path: /offsets, records: items, paging: "
                    "{type: offset, parameter: offset, "} +
        size + "}}}\n");
    options.limits.max_connections = 8;
    CHECK(values_of(read_rows(*open_rest(options), "items"), "id") == numbers(25));
  }
}

TEST_CASE("children read while pages of their parents are under way", "[rest]") {
  auto options = rest_options(
      "sample_records: 1\nauthentication: {type: oauth2_client_credentials, "
      "token_url: \"{URL}/oauth\"}\nstreams: {groups: {path: \"/numbered?pages=6\", records: "
      "items, "
      "hidden: true, paging: {type: page, parameter: page, stop: \"{{ not response.more }}\"}}, "
      "items: {path: \"/groups/{{ partition.group }}/users\", records: items, "
      "parent: {stream: groups, key: id, as: group}}}\n",
      {{"client_id", "me"}, {"client_secret", "s3cret&"}});
  options.limits.max_connections = 3;
  // Group n has n users.
  CHECK(read_rows(*open_rest(options), "items").size() == 1 + 2 + 3 + 4 + 5 + 6);
}

TEST_CASE("a stop ends pages that are under way", "[rest]") {
  auto connector = open_rest(numbered("pages=100000", 8));
  std::stop_source stop;
  auto reader = connector->open_reader({{}, catalog::TableName{"items"}}, stop.get_token());
  std::vector<std::optional<std::string_view>> row;
  for (int i = 0; i < 10; ++i) {
    REQUIRE(reader->next(row));
  }
  stop.request_stop();
  CHECK(facts_of([&] {
          while (reader->next(row)) {
          }
        }).code == ErrorCode::cancelled);
}

}  // namespace
}  // namespace mapctl::test
