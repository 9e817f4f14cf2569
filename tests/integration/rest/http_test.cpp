// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/client.hpp"
#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/rest_server.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace mapctl::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using ports::HttpRequest;
using ports::HttpSettings;

RestServer& server() {
  static RestServer instance;
  return instance;
}

HttpSettings settings(std::string name) {
  HttpSettings made;
  made.name = std::move(name);
  made.timeout = 10;
  made.retry = {4, 0.01, 0.05, 20};
  made.hints = {"base_url", true, true};
  return made;
}

std::shared_ptr<ports::HttpClient> client(const HttpSettings& made) {
  return connectors::http::factory().client(made);
}

ports::HttpResponse get(ports::HttpClient& with, const std::string& path) {
  HttpRequest request;
  request.url = server().url(path);
  return with.send(request, {}, {});
}

Error::Facts failure(ports::HttpClient& with, const HttpRequest& request,
                     std::stop_token stop = {}) {
  try {
    with.send(request, {}, std::move(stop));
  } catch (const Error& error) {
    return error.facts();
  }
  FAIL("nothing was thrown");
  return {};
}

Error::Facts failure(ports::HttpClient& with, const std::string& path) {
  HttpRequest request;
  request.url = server().url(path);
  return failure(with, request);
}

Json reset_and_log(ports::HttpClient& with, bool reset) {
  HttpRequest request;
  request.url = server().url(reset ? "/_reset" : "/_log");
  request.method = reset ? "POST" : "GET";
  return parse_json(with.send(request, {}, {}).body, "log");
}

double seconds_of(const std::function<void()>& action) {
  const auto began = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

TEST_CASE("a client keeps one connection for requests that follow each other", "[http]") {
  auto http = client(settings("keep"));
  for (int i = 0; i < 20; ++i) {
    CHECK(get(*http, "/pages").status == 200);
  }
  CHECK(http->state().requests == 20);
  CHECK(http->state().connections == 1);
}

TEST_CASE("clients of equal settings are one, others are not", "[http]") {
  auto one = client(settings("same"));
  CHECK(one == client(settings("same")));
  CHECK(one != client(settings("other")));
}

TEST_CASE("threads open no more connections than are allowed", "[http]") {
  HttpSettings made = settings("pool");
  made.max_connections = 2;
  auto http = client(made);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 5; ++k) {
          get(*http, "/slow");
        }
      });
    }
  }
  CHECK(http->state().requests == 30);
  CHECK(http->state().connections <= 2);
}

TEST_CASE("a failing answer is repeated until it is good, and no oftener than allowed", "[http]") {
  auto http = client(settings("flaky"));
  auto response = get(*http, "/flaky/503/2/a");
  CHECK(response.status == 200);
  CHECK(response.attempts == 3);
  response = get(*http, "/flaky/500/9/b");
  CHECK(response.status == 500);
  CHECK(response.attempts == 4);
  CHECK(get(*http, "/status/404").attempts == 1);
}

TEST_CASE("Retry-After is waited for, and a deadline ends the waiting", "[http]") {
  auto http = client(settings("after"));
  double seconds = seconds_of([&] { CHECK(get(*http, "/flaky/429/1/c?after=1").status == 200); });
  CHECK(seconds >= 1);
  CHECK(seconds < 3);
  HttpSettings hurried = settings("hurried");
  hurried.retry.deadline = 0.5;
  seconds =
      seconds_of([&] { CHECK(get(*client(hurried), "/flaky/429/1/d?after=60").status == 429); });
  CHECK(seconds < 0.5);
}

TEST_CASE("a request that must not be done twice is sent once", "[http]") {
  auto http = client(settings("once"));
  HttpRequest request;
  request.url = server().url("/flaky/503/1/once");
  request.method = "POST";
  request.body = "{}";
  request.repeatable = false;
  CHECK(http->send(request, {}, {}).status == 503);
}

TEST_CASE("the rate of a profile holds for all its threads", "[http]") {
  HttpSettings made = settings("rate");
  made.requests_per_second = 20;
  auto http = client(made);
  const double seconds = seconds_of([&] {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 8; ++k) {
          get(*http, "/pages");
        }
      });
    }
  });
  // Ten at once, then fourteen at twenty a second.
  CHECK(seconds >= 0.65);
  CHECK(seconds < 3);
}

TEST_CASE("a connection that is cut is tried again, then named", "[http]") {
  auto http = client(settings("cut"));
  CHECK(get(*http, "/cut/1").status == 200);
  const auto facts = failure(*http, "/cut?secret=hidden");
  CHECK(facts.code == ErrorCode::unreachable);
  CHECK(facts.retry == Retry::may_help);
  CHECK_THAT(facts.message, ContainsSubstring("cut within an answer"));
  CHECK_THAT(facts.message, !ContainsSubstring("hidden"));
}

TEST_CASE("an answer that drips in is given up at the timeout", "[http]") {
  HttpSettings made = settings("drip");
  made.timeout = 0.3;
  made.retry.attempts = 1;
  Error::Facts facts;
  const double seconds = seconds_of([&] { facts = failure(*client(made), "/drip"); });
  CHECK(seconds < 2);
  CHECK(facts.code == ErrorCode::unreachable);
  CHECK_THAT(facts.message, ContainsSubstring("did not answer in full within 0.3 s"));
  CHECK_THAT(facts.hint, ContainsSubstring("timeout"));
}

TEST_CASE("a stop ends a request within a moment", "[http]") {
  auto http = client(settings("stop"));
  std::stop_source stop;
  std::jthread asker{[&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    stop.request_stop();
  }};
  HttpRequest request;
  request.url = server().url("/drip");
  Error::Facts facts;
  const double seconds = seconds_of([&] { facts = failure(*http, request, stop.get_token()); });
  CHECK(facts.code == ErrorCode::cancelled);
  CHECK(seconds < 1);
  CHECK(get(*http, "/pages").status == 200);
}

TEST_CASE("an answer beyond the limit is refused while it comes in", "[http]") {
  HttpSettings made = settings("huge");
  made.response_limit = 1U << 20U;
  const auto facts = failure(*client(made), "/huge/50");
  CHECK(facts.code == ErrorCode::resource_limit);
  CHECK_THAT(facts.message, ContainsSubstring("larger than 1.0 MiB"));
  CHECK_THAT(facts.hint, ContainsSubstring("response_limit"));
}

TEST_CASE("a large answer can be taken piece by piece", "[http]") {
  HttpSettings made = settings("pieces");
  made.response_limit = 1000;
  std::uint64_t bytes = 0;
  HttpRequest request;
  request.url = server().url("/huge/20");
  request.on_data = [&](std::string_view piece) { bytes += piece.size(); };
  CHECK(client(made)->send(request, {}, {}).body.empty());
  CHECK(bytes > 19'000'000);
}

TEST_CASE("a compressed answer is unpacked", "[http]") {
  const auto response = get(*client(settings("packed")), "/packed");
  CHECK(parse_json(response.body, "body")["items"].size() == 3);
}

TEST_CASE("a redirect is followed on the same host only, and carries no credentials elsewhere",
          "[http]") {
  auto http = client(settings("redirect"));
  CHECK(get(*http, "/redirect?to=same").status == 200);
  CHECK(get(*http, "/redirect?to=back").status == 200);
  CHECK(failure(*http, "/redirect?to=loop").code == ErrorCode::invalid_data);
  HttpRequest request;
  request.url = server().url("/redirect?to=other");
  request.headers = {{"Authorization", "Bearer secret"}, {"Accept", "application/json"}};
  const auto facts = failure(*http, request);
  CHECK(facts.code == ErrorCode::denied);
  CHECK_THAT(facts.hint, ContainsSubstring("'localhost'"));
  HttpSettings open = settings("redirect");
  open.redirect_hosts = {"localhost"};
  auto allowed = client(open);
  reset_and_log(*allowed, true);
  CHECK(allowed->send(request, {}, {}).status == 200);
  const Json log = reset_and_log(*allowed, false)["requests"];
  REQUIRE(log.size() == 2);
  CHECK(log[0]["headers"].contains("authorization"));
  CHECK(log[1]["path"] == "/stolen");
  CHECK_FALSE(log[1]["headers"].contains("authorization"));
  CHECK(log[1]["headers"]["accept"] == "application/json");
}

TEST_CASE("a body, which may hold a secret, follows no redirect to another host", "[http]") {
  HttpSettings open = settings("moved");
  open.redirect_hosts = {"localhost"};
  auto http = client(open);
  reset_and_log(*http, true);
  HttpRequest request;
  request.url = server().url("/moved");
  request.method = "POST";
  request.body = "client_secret=secret";
  const auto facts = failure(*http, request);
  CHECK(facts.code == ErrorCode::denied);
  CHECK_THAT(facts.message, ContainsSubstring("/stolen"));
  CHECK(reset_and_log(*http, false)["requests"].size() == 1);
}

TEST_CASE("a call that fails after its answer leaves a breaker on trial usable", "[http]") {
  HttpSettings made = settings("trial");
  made.retry.attempts = 1;
  made.breaker = {1, 0.01};
  auto http = client(made);
  CHECK(get(*http, "/status/503").status == 503);
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  HttpRequest request;
  request.url = server().url("/pages");
  const auto judge = [](const ports::HttpResponse&) -> ports::HttpVerdict {
    throw Error{ErrorCode::configuration, "a rule cannot be told"};
  };
  CHECK_THROWS_AS(http->send(request, judge, {}), Error);
  CHECK(get(*http, "/pages").status == 200);
}

TEST_CASE("a system that is down is not asked again and again", "[http]") {
  HttpSettings made = settings("down");
  made.retry.attempts = 1;
  made.breaker = {3, 60};
  auto http = client(made);
  for (int i = 0; i < 3; ++i) {
    CHECK(get(*http, "/status/503").status == 503);
  }
  CHECK(http->state().breaker == CircuitBreaker::State::open);
  const auto requests = http->state().requests;
  const auto facts = failure(*http, "/pages");
  CHECK(facts.code == ErrorCode::unreachable);
  CHECK_THAT(facts.message, ContainsSubstring("failed 3 times in a row"));
  CHECK(http->state().requests == requests);
}

TEST_CASE("a closed port and an unknown name are named", "[http]") {
  HttpSettings made = settings("nobody");
  made.retry.attempts = 1;
  HttpRequest request;
  request.url = "http://127.0.0.1:1/x?token=hidden";
  auto facts = failure(*client(made), request);
  CHECK(facts.code == ErrorCode::unreachable);
  CHECK_THAT(facts.message, ContainsSubstring("'http://127.0.0.1:1' does not accept connections"));
  request.url = "ftp://127.0.0.1/x";
  CHECK(failure(*client(made), request).code == ErrorCode::configuration);
}

TEST_CASE("hints name what whoever asks can set", "[http]") {
  const auto hint = [](const char* url, double timeout, const ports::HttpHints& hints) {
    HttpSettings made = settings("hints");
    made.retry.attempts = 1;
    made.timeout = timeout;
    made.hints = hints;
    HttpRequest request;
    request.url = url;
    return failure(*client(made), request).hint;
  };
  const std::string late = server().url("/drip"),
                    elsewhere = server().url("/redirect?to=elsewhere");
  const ports::HttpHints model{"option 'url'", true, false};
  CHECK(hint("http://nowhere.invalid/", 5, {"login_url", true, true}) ==
        "check the spelling of login_url, and that this machine's name service works");
  CHECK(hint("ftp://nowhere.invalid/", 5, model) == "write option 'url' as https://host/path");
  CHECK(hint(late.c_str(), 0.2, {"base_url", true, true}) ==
        "set limits: timeout higher, or ask for smaller pages");
  CHECK(hint(late.c_str(), 0.2, model) == "set limits: timeout higher");
  CHECK(hint(late.c_str(), 0.2, {}) == "try again later");
  CHECK_THAT(hint(elsewhere.c_str(), 5, model), !ContainsSubstring("allow_hosts"));
  HttpSettings made = settings("missing");
  made.hints = model;
  HttpRequest request;
  request.url = server().url("/status/404");
  CHECK(ports::status_error(client(made)->send(request, {}, {})).facts().hint ==
        "check option 'url' and the path behind it");
}

TEST_CASE("a header cannot smuggle in another one", "[http]") {
  HttpRequest request;
  request.url = server().url("/pages");
  request.headers = {{"X-Token", "a\r\nX-Other: b"}};
  const auto facts = failure(*client(settings("smuggle")), request);
  CHECK(facts.code == ErrorCode::configuration);
  CHECK_THAT(facts.message, !ContainsSubstring("X-Other"));
}

}  // namespace
}  // namespace mapctl::test
