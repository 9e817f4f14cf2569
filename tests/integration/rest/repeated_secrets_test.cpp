// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/rest/fixture.hpp"

#include <fmt/format.h>

// Against a system that repeats in its errors all that it was sent.
namespace mapctl::test {
namespace {

using Catch::Matchers::ContainsSubstring;

constexpr auto repeated = "s3cr3t-of-the-tests/2";

Error::Facts refused(const std::string& authentication, const std::string& path,
                     std::map<std::string, std::string> secrets, const std::string& more = {}) {
  const std::string yaml = fmt::format(
      "authentication: {}\n{}streams: {{things: {{path: \"{}\"}}}}\n", authentication, more, path);
  return facts_of([&] { rows_of(yaml, "things", std::move(secrets)); });
}

void check_hidden(const Error::Facts& facts) {
  INFO(facts.message);
  CHECK_THAT(facts.message, ContainsSubstring("you sent"));
  for (const char* part : {"s3cr3t", "%2F2", "/2", "YW5h"}) {
    CHECK((facts.message + facts.hint).find(part) == std::string::npos);
  }
}

TEST_CASE("a system that repeats secrets does not get them shown", "[rest][secret]") {
  const std::map<std::string, std::string> token{{"token", repeated}};
  for (const char* path : {"/echo/500", "/echo/401", "/echo/403", "/echo/422", "/echo/429"}) {
    CAPTURE(path);
    check_hidden(refused("bearer", path, token));
  }
  // Where the answer ends or begins within the secret, fewer than six characters of it may be left.
  constexpr std::size_t told = 6;
  const std::string_view secret = repeated;
  for (int length = 10; length < 140; length += 13) {
    const Error::Facts cut = refused("bearer", fmt::format("/echo/400/{}", length), token);
    CAPTURE(length, cut.message);
    for (std::size_t from = 0; from + told <= secret.size(); ++from) {
      CHECK(cut.message.find(secret.substr(from, told)) == std::string::npos);
    }
  }
  check_hidden(refused("basic", "/echo/401", {{"username", "ana"}, {"password", repeated}}));
  check_hidden(refused("basic", "/echo/401", {{"username", repeated}, {"password", "x"}}));
  check_hidden(refused("{type: api_key, header: X-Of-Ours}", "/echo/400", {{"api_key", repeated}}));
  check_hidden(refused("{type: api_key, parameter: k}", "/echo/400", {{"api_key", repeated}}));
}

TEST_CASE("secrets that stand among the options are not repeated either", "[rest][secret]") {
  check_hidden(
      refused("none", "/echo/400", {}, fmt::format("headers: {{X-Api-Key: \"{}\"}}\n", repeated)));
  check_hidden(
      refused("none", "/echo/400", {}, fmt::format("parameters: {{api_key: \"{}\"}}\n", repeated)));
  check_hidden(refused("none", "/echo/400?access_token=s3cr3t-of%2F2", {}));
  check_hidden(refused("none", "/echo/400/900/{{ config.api_key }}", {},
                       fmt::format("config: {{api_key: \"{}\"}}\n", repeated)));
  auto options = rest_options("streams: {things: {path: /echo/401}}");
  options.options["base_url"] = replace_all(server().url(), "://", "://ana:s3cr3t-2@");
  check_hidden(facts_of([&] { read_rows(*open_rest(options), "things"); }));
}

TEST_CASE("neither is what an access token is asked for with", "[rest][secret]") {
  const std::string authentication =
      "{type: oauth2_client_credentials, token_url: \"{URL}/echotoken\"}";
  const Error::Facts facts =
      refused(authentication, "/echo/400", {{"client_id", "client"}, {"client_secret", repeated}});
  CHECK_THAT(facts.message, ContainsSubstring("gives no token: invalid_grant: you sent"));
  check_hidden(facts);
  const std::string refreshes = "{type: oauth2_refresh_token, token_url: \"{URL}/echotoken\"}";
  check_hidden(refused(
      refreshes, "/echo/400",
      {{"client_id", "client"}, {"client_secret", "another-s3cr3t"}, {"refresh_token", repeated}}));
  // One that the system gave.
  const Error::Facts later =
      refused("{type: oauth2_client_credentials, token_url: \"{URL}/oauth\"}", "/echo/400",
              {{"client_id", "client"}, {"client_secret", "s3cret&"}});
  CHECK(later.message.find("access-") == std::string::npos);
}

}  // namespace
}  // namespace mapctl::test
