// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.hpp"
#include "tests/integration/rest/fixture.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace mapctl::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Secrets = std::map<std::string, std::string>;

Json ask_server(const std::string& path, const std::string& method = "GET") {
  static const auto http = connectors::http::factory().client({});
  ports::HttpRequest request;
  request.url = server().url(path);
  request.method = method;
  return parse_json(http->send(request, {}, {}).body, "answer");
}

// Requests that the server had since it was reset.
std::vector<Json> asked_of(const std::string& path) {
  std::vector<Json> found;
  const Json log = ask_server("/_log");
  for (const Json& request : log["requests"]) {
    if (request["path"] == path) {
      found.push_back(request);
    }
  }
  return found;
}

// Bodies of requests for tokens.
std::vector<std::string> grants() {
  std::vector<std::string> bodies;
  for (const Json& request : asked_of("/oauth")) {
    bodies.push_back(request["body"].get<std::string>());
  }
  return bodies;
}

std::size_t refused_requests() {
  std::map<std::string, int> seen;
  std::size_t again = 0;
  for (const Json& request : asked_of("/guarded")) {
    again += ++seen[request["query"]["page"].get<std::string>() +
                    request["query"]["stream"].get<std::string>()] > 1
                 ? 1
                 : 0;
  }
  return again;
}

std::string authentication(const std::string& kind, const std::string& more = {}) {
  return "authentication: {type: oauth2_" + kind + ", token_url: \"{URL}/oauth\"" + more + "}\n";
}

std::string guarded_stream(const std::string& name, int pages, int together) {
  return "  " + name + ": {path: \"/guarded?pages=" + std::to_string(pages) +
         "&delay=0.01&together=" + std::to_string(together) + "&stream=" + name +
         "\", records: items, paging: {type: page, parameter: page, stop: \"{{ not response.more "
         "}}\"}}\n";
}

// Pages are read until several are asked for at once, then the token ends.
void read_past_the_end_of_a_token(const ports::ConnectorOptions& options) {
  auto connector = open_rest(options);
  auto reader = connector->open_reader({{}, catalog::TableName{"items"}}, {});
  std::vector<std::optional<std::string_view>> row;
  std::size_t rows = 0;
  for (; rows < 10; ++rows) {
    REQUIRE(reader->next(row));
  }
  ask_server("/_revoke", "POST");
  while (reader->next(row)) {
    ++rows;
  }
  CHECK(rows == 25);
}

TEST_CASE("a token that is refused to several requests at once is renewed once", "[rest]") {
  for (const std::string kind : {"client_credentials", "refresh_token"}) {
    INFO(kind);
    ask_server("/_reset", "POST");
    // No two cases share a client, so that none has tokens of another one.
    auto options = rest_options("sample_records: 1\n" + authentication(kind) + "streams:\n" +
                                    guarded_stream("items", 25, 4),
                                {{"client_id", "reads " + kind},
                                 {"client_secret", "s3cret&"},
                                 {"refresh_token", "refresh-1"}});
    options.limits.max_connections = 8;
    std::vector<std::string> kept;
    options.keep_secret = [&](const std::string& key, const Secret& value) {
      kept.push_back(key + "=" + value.reveal());
    };
    read_past_the_end_of_a_token(options);
    CHECK(refused_requests() >= 4);
    CHECK(grants().size() == 2);
    if (kind == "refresh_token") {
      CHECK(kept == std::vector<std::string>{"refresh_token=refresh-2", "refresh_token=refresh-3"});
    }
  }
}

TEST_CASE("streams and connectors of a profile that lose their token at once renew it once",
          "[rest]") {
  ask_server("/_reset", "POST");
  std::string yaml = "sample_records: 1\n" + authentication("refresh_token") + "streams:\n";
  for (const char* name : {"a", "b", "c", "d"}) {
    yaml += guarded_stream(name, 1, 4);
  }
  auto options = rest_options(
      yaml,
      {{"client_id", "discovers"}, {"client_secret", "s3cret&"}, {"refresh_token", "refresh-1"}});
  options.limits.max_connections = 4;
  CHECK(read_rows(*open_rest(options), "a").size() == 1);
  ask_server("/_revoke", "POST");
  std::vector<std::size_t> tables(2);
  {
    std::vector<std::jthread> threads;
    for (std::size_t& found : tables) {
      threads.emplace_back([&] { found = open_rest(options)->discover({}, {}).tables().size(); });
    }
  }
  CHECK(tables == std::vector<std::size_t>{4, 4});
  CHECK(refused_requests() >= 4);
  CHECK(grants().size() == 2);
}

TEST_CASE("a rotating token is used once, whoever has it and whatever is asked for", "[rest]") {
  ask_server("/_reset", "POST");
  const Secrets secrets{
      {"client_id", "rotates"}, {"client_secret", "s3cret&"}, {"refresh_token", "refresh-1"}};
  const auto options_for = [&](const std::string& scope, const std::string& token) {
    Secrets given = secrets;
    given["refresh_token"] = token;
    return rest_options(authentication("refresh_token", ", scope: " + scope) + "streams:\n" +
                            guarded_stream("items", 1, 1),
                        given);
  };
  const std::string profile = options_for("one", "refresh-1").profile;
  std::vector<ports::ConnectorOptions> profiles;
  for (const char* scope : {"one", "two", "three", "four"}) {
    profiles.push_back(options_for(scope, "refresh-1"));
    profiles.back().profile = profile;
  }
  std::vector<std::size_t> rows(profiles.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < profiles.size(); ++i) {
      threads.emplace_back(
          [&, i] { rows[i] = read_rows(*open_rest(profiles[i]), "items").size(); });
    }
  }
  CHECK(rows == std::vector<std::size_t>{1, 1, 1, 1});
  // Who opens the profile later finds the newest, and has what came of the first one.
  for (const auto& [scope, token] : {std::pair{"five", "refresh-5"}, {"six", "refresh-1"}}) {
    auto later = options_for(scope, token);
    later.profile = profile;
    CHECK(read_rows(*open_rest(later), "items").size() == 1);
  }
  std::set<std::string> used;
  for (const std::string& body : grants()) {
    used.insert(body.substr(body.find("refresh_token=refresh-")));
  }
  CHECK(grants().size() == 6);
  CHECK(used.size() == 6);
}

TEST_CASE("a new token is kept where the profile has the first one", "[rest]") {
  ask_server("/_reset", "POST");
  auto options = rest_options(
      "sample_records: 1\n" + authentication("refresh_token") + "streams:\n" +
          guarded_stream("items", 1, 1),
      {{"client_id", "keeps"}, {"client_secret", "s3cret&"}, {"refresh_token", "refresh-1"}});
  std::vector<std::string> kept;
  options.keep_secret = [&](const std::string&, const Secret& value) {
    kept.push_back(value.reveal());
  };
  // Each opened from the same options, as a long run does; the second renews what the first got.
  for (int i = 0; i < 3; ++i) {
    CHECK(read_rows(*open_rest(options), "items").size() == 1);
    ask_server("/_revoke", "POST");
  }
  CHECK(kept == std::vector<std::string>{"refresh-2", "refresh-3", "refresh-4"});
}

TEST_CASE("requests for tokens that differ in anything get tokens of their own", "[rest]") {
  ask_server("/_reset", "POST");
  auto options = rest_options("streams:\n" + guarded_stream("items", 1, 1),
                              {{"client_id", "differs"}, {"client_secret", "s3cret&"}});
  const std::string stream = "streams:\n" + guarded_stream("items", 1, 1);
  std::size_t expected = 0;
  for (const std::string more :
       {"", ", scope: read", ", token_form: {audience: a}", ", token_form: {audience: b}",
        ", token_form: {resource: b}", ", token_headers: {X-Tenant: a}",
        ", token_headers: {X-Tenant: b}"}) {
    INFO(more);
    auto one = rest_options(authentication("client_credentials", more) + stream,
                            {{"client_id", "differs"}, {"client_secret", "s3cret&"}});
    one.profile = options.profile;
    for (int twice = 0; twice < 2; ++twice) {
      CHECK(read_rows(*open_rest(one), "items").size() == 1);
    }
    CHECK(grants().size() == ++expected);
  }
}

TEST_CASE("a token that is refused although it is new ends the work", "[rest]") {
  ask_server("/_reset", "POST");
  const auto facts = facts_of([] {
    rows_of(authentication("client_credentials") + "streams: {items: {path: /status/401}}\n",
            "items", {{"client_id", "refused"}, {"client_secret", "s3cret&"}});
  });
  CHECK(facts.code == ErrorCode::denied);
  CHECK_THAT(facts.message, ContainsSubstring("stream 'items'"));
  CHECK(grants().size() == 2);
}

}  // namespace
}  // namespace mapctl::test
