// SPDX-License-Identifier: Apache-2.0
#include "core/ports/http_client.hpp"

#include "tests/support/catch.hpp"

namespace mapctl::ports {
namespace {

TEST_CASE("what is shown of a URL has no credentials and no query", "[http]") {
  CHECK(shown_url("https://me:pw@api.example.org/v1/x?key=secret#y") ==
        "https://api.example.org/v1/x");
  CHECK(shown_url("/login?key=secret&back=https://h/x") == "/login");
}

TEST_CASE("an origin is scheme, host and port without what goes without saying", "[http]") {
  CHECK(origin_of("HTTPS://Api.Example.org:443/x") == "https://api.example.org");
  CHECK(origin_of("http://h:8080/x") == "http://h:8080");
  CHECK(origin_of("http://h:443/x") == "http://h:443");
  CHECK(origin_of("/x").empty());
  CHECK(origin_of("/x?back=https://h/y").empty());
  CHECK(host_of("http://user@[::1]:80/x") == "[::1]");
  CHECK(host_of("http://evil.org@good.org/x") == "good.org");
}

TEST_CASE("a reference is resolved as browsers do", "[http]") {
  const char* base = "https://h/a/b/c?x=1";
  CHECK(resolve_url(base, "https://other/z") == "https://other/z");
  CHECK(resolve_url(base, "//other/z") == "https://other/z");
  CHECK(resolve_url(base, "/z?q=1") == "https://h/z?q=1");
  CHECK(resolve_url(base, "?page=2") == "https://h/a/b/c?page=2");
  CHECK(resolve_url(base, "d") == "https://h/a/b/d");
  CHECK(resolve_url(base, "../d/") == "https://h/a/d/");
  CHECK(resolve_url("https://h", "d") == "https://h/d");
  CHECK(resolve_url(base, "/z?back=https://other/") == "https://h/z?back=https://other/");
  CHECK(resolve_url(base, "?back=https://other/") == "https://h/a/b/c?back=https://other/");
  CHECK(resolve_url(base, "/z//y/./w/..") == "https://h/z//y/");
  CHECK(resolve_url(base, "/..") == "https://h/");
}

TEST_CASE("parameters are encoded, and replace those of the same name", "[http]") {
  CHECK(with_query("https://h/x?a=1&b=2", {{"b", "3 &"}, {"c[d]", "ü"}}) ==
        "https://h/x?a=1&b=3%20%26&c[d]=%C3%BC");
  CHECK(with_query("https://h/x", {}) == "https://h/x");
}

TEST_CASE("a Link header is read with commas and semicolons inside of it", "[http]") {
  const auto links = parse_links(
      R"(<https://h/x?a=1,2;3>; rel="prev"; results="false", </y>; rel=next; title="a, b; c")");
  REQUIRE(links.size() == 2);
  CHECK(links[0].url == "https://h/x?a=1,2;3");
  CHECK(links[0].attribute("results") == "false");
  CHECK(links[1].url == "/y");
  CHECK(links[1].attribute("rel") == "next");
  CHECK(links[1].attribute("title") == "a, b; c");
  CHECK(parse_links("nonsense").empty());
  CHECK(parse_links("<x> nonsense").empty());
}

TEST_CASE("a status becomes the error that callers act on", "[http]") {
  HttpResponse response;
  response.url = "https://h/x?key=secret";
  const auto code = [&](int status) {
    response.status = status;
    return status_error(response).code();
  };
  CHECK(code(401) == ErrorCode::denied);
  CHECK(code(403) == ErrorCode::denied);
  CHECK(code(404) == ErrorCode::not_found);
  CHECK(code(422) == ErrorCode::configuration);
  CHECK(code(429) == ErrorCode::unreachable);
  CHECK(code(500) == ErrorCode::unreachable);
  CHECK(std::string{status_error(response).what()}.find("secret") == std::string::npos);
  CHECK(status_error(response).facts().retry == Retry::may_help);
  CHECK(status_error(response).facts().native_code == "HTTP 500");
}

}  // namespace
}  // namespace mapctl::ports
