// SPDX-License-Identifier: Apache-2.0
// A REST system of 1,000 pages that answers after 20 ms: the time of reading it against what the
// latency permits one connection and eight, and how memory grows on the way.
#include "connectors/http/client.hpp"
#include "connectors/rest/connector.hpp"
#include "core/config/yaml.hpp"
#include "tests/bench/figure.hpp"
#include "tests/support/rest_server.hpp"

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace {

constexpr int pages = 1000;
constexpr double latency = 0.02;  // seconds, of /slow in rest_server.py
constexpr double rate = 40;       // requests a second
constexpr int width = 8;          // connections

double resident_megabytes() {
  std::ifstream status{"/proc/self/status"};
  std::string word;
  while (status >> word) {
    if (word == "VmRSS:") {
      double kilobytes = 0;
      status >> kilobytes;
      return kilobytes / 1024;
    }
  }
  return 0;
}

mapctl::ports::ConnectorOptions options(const mapctl::test::RestServer& server, int count,
                                        std::optional<double> requests_per_second,
                                        std::optional<int> connections = {}) {
  mapctl::ports::ConnectorOptions made;
  made.profile = "bench-" + std::to_string(count) + "-" + std::to_string(connections.value_or(1));
  made.options["base_url"] = server.url();
  made.options["sample_records"] = "1";
  made.trees["streams"] =
      std::make_shared<const mapctl::config::YamlNode>(mapctl::config::parse_yaml(
          "items: {path: /slow, records: items, parameters: {pages: " + std::to_string(count) +
              "}, paging: {type: page, parameter: page}}",
          "bench"));
  made.limits.requests_per_second = requests_per_second;
  made.limits.max_connections = connections;
  made.http = []() -> const mapctl::ports::HttpClientFactory& {
    return mapctl::connectors::http::factory();
  };
  return made;
}

// Rows read; `at_start` and `at_end` are megabytes after a tenth of them and at the end.
int read(const mapctl::ports::ConnectorOptions& made, double& at_start, double& at_end) {
  auto connector = mapctl::connectors::rest::factory().open(made, {});
  auto reader = connector->open_reader({{}, mapctl::catalog::TableName{"items"}}, {});
  std::vector<std::optional<std::string_view>> row;
  int rows = 0;
  while (reader->next(row)) {
    if (++rows == pages / 10) {
      at_start = resident_megabytes();
    }
  }
  at_end = resident_megabytes();
  return rows;
}

// Seconds of a request over a connection that is kept, without a connector: server and client.
double bare_request(const mapctl::test::RestServer& server) {
  constexpr int requests = 100;
  mapctl::ports::HttpSettings settings;
  settings.name = "bench-bare";
  const auto http = mapctl::connectors::http::factory().client(settings);
  mapctl::ports::HttpRequest request;
  request.url = server.url("/slow?page=1");
  http->send(request, {}, {});
  return mapctl::bench::fastest(1,
                                [&] {
                                  for (int i = 0; i < requests; ++i) {
                                    http->send(request, {}, {});
                                  }
                                }) /
         requests;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: {} REPOSITORY\n", argv[0]);
    return 2;
  }
  ::setenv("MAPCTL_TEST_SOURCE_DIR", argv[1], 1);
  const mapctl::test::RestServer server;
  using mapctl::bench::figure;
  double at_start = 0, at_end = 0;
  int rows = 0;
  const double seconds =
      mapctl::bench::fastest(1, [&] { rows = read(options(server, pages, {}), at_start, at_end); });
  if (rows != pages) {
    fmt::print(stderr, "{} rows instead of {}\n", rows, pages);
    return 1;
  }
  // One page more tells that there are no more.
  figure("REST", "1,000 pages after 20 ms each", seconds, "s");
  figure("REST", "against the latency alone", seconds / ((pages + 1) * latency), "x", 1.2);
  figure("REST", "against as many bare requests, one after another",
         seconds / ((pages + 1) * bare_request(server)), "x", 1.1);
  double ignored = 0;
  const double wide = mapctl::bench::fastest(
      1, [&] { rows = read(options(server, pages, {}, width), ignored, ignored); });
  if (rows != pages) {
    fmt::print(stderr, "{} rows instead of {} over {} connections\n", rows, pages, width);
    return 1;
  }
  figure("REST", "1,000 pages over 8 connections", wide, "s");
  figure("REST", "against the latency over 8 connections", wide / ((pages + 1) * latency / width),
         "x", 1.2);
  figure("REST", "memory after page 100", at_start, "MB");
  figure("REST", "growth from page 100 to page 1,000", at_end - at_start, "MB", 2);
  constexpr int few = 200;
  const double limited =
      mapctl::bench::fastest(1, [&] { read(options(server, few, rate), at_start, at_end); });
  // The first ten requests may come at once.
  figure("REST", "200 pages at 40 a second, against the rate alone",
         limited / ((few + 1 - 10) / rate), "x", 1.2);
  return 0;
}
