// SPDX-License-Identifier: Apache-2.0
#include "core/ports/secret_mask.hpp"

#include "core/ports/oauth.hpp"
#include "tests/support/catch.hpp"

namespace mapctl::ports {
namespace {

constexpr auto token = "s3cr3t-t0ken/of the+tests";

SecretMask mask_of(std::string_view secret) {
  return SecretMask{Secret{std::string{secret}}};
}

TEST_CASE("a secret is hidden wherever it stands, also as an URL carries it", "[secret]") {
  const SecretMask mask = mask_of(token);
  CHECK(mask.masked("bad token Bearer s3cr3t-t0ken/of the+tests.") == "bad token Bearer ********.");
  CHECK(mask.masked("/x?token=s3cr3t-t0ken%2Fof%20the%2Btests&a=1") == "/x?token=********&a=1");
  CHECK(mask.masked("/x?token=s3cr3t-t0ken%2fof%20the%2btests&a=1") == "/x?token=********&a=1");
  CHECK(mask.masked("token=s3cr3t-t0ken%2Fof+the%2Btests") == "token=********");
  CHECK(mask.masked("nothing of that") == "nothing of that");
  CHECK(mask_of("a\"b\\c").masked(R"({"password":"a\"b\\c"})") == R"({"password":"********"})");
}

TEST_CASE("a part of a secret is hidden when it is too long to be there by chance", "[secret]") {
  const SecretMask mask = mask_of(token);
  CHECK(mask.masked("starts with s3cr3t-t") == "starts with ********");
  CHECK(mask.masked("ends with n/of the+tests") == "ends with ********");
  CHECK(mask.masked("s3cr3") == "s3cr3");
  // Words that anybody uses tell nothing, unless they are many.
  const SecretMask words = mask_of("client-secret-of-connector");
  CHECK(words.masked("the secret of the client is no connector") ==
        "the secret of the client is no connector");
  CHECK(mask_of("correcthorsebattery").masked("no correcthorse") == "no ********");
}

TEST_CASE("a short secret does not turn every text into stars", "[secret]") {
  CHECK(mask_of("abc").masked("abc abc") == "abc abc");
  CHECK(mask_of("").masked("text") == "text");
  CHECK(mask_of("test").masked("the latest test") == "the latest ********");
}

TEST_CASE("characters stay whole where a part of them is hidden", "[secret]") {
  // The second byte of the first letter is that of the secret's.
  CHECK(mask_of("\xC3\xBC"
                "12345-7")
            .masked("\xC4\xBC"
                    "12345-7") == "********");
}

TEST_CASE("what a profile keeps secret is known, and names are not", "[secret]") {
  ConnectorOptions options;
  options.secrets.emplace("username", Secret{"anastasia"});
  options.secrets.emplace("password", Secret{"hunter-two"});
  options.secrets.emplace("url", Secret{"postgres://ana:pass%20phrase@host:5432/crm"});
  options.options = {{"base_url", "http://bob:correct-2@host/x?api_key=key-1234&page=second"},
                     {"api_key", "plain-key"},
                     {"token_url", "https://host/token"}};
  const SecretMask mask{options};
  CHECK(mask.masked("anastasia hunter-two") == "anastasia ********");
  CHECK(mask.masked("pass phrase, correct-2, key-1234, plain-key") ==
        "********, ********, ********, ********");
  CHECK(mask.masked("https://host:5432/crm?page=second, host/token") ==
        "https://host:5432/crm?page=second, host/token");

  SECTION("but a user without a password is a key") {
    options.secrets.erase("password");
    options.secrets.erase("url");
    CHECK(SecretMask{options}.masked("anastasia") == "********");
  }
}

TEST_CASE("what a request shows of secrets is known once it was sent", "[secret]") {
  HttpRequest request;
  request.url = "https://ana:in-the-url@host/x?access_token=in-the%2Fquery&page_token=next-page";
  request.headers = {{"Authorization", basic_authorization("ana", "in-the-header")},
                     {"X-Api-Key", "api-key-1"},
                     {"Accept", "application/json"}};
  SecretMask mask;
  mask.add_sent(request);
  CHECK(mask.masked("YW5hOmluLXRoZS1oZWFkZXI=, api-key-1, in-the/query, in-the-url") ==
        "********, ********, ********, ********");
  CHECK(mask.masked("Basic and application/json, next-page") ==
        "Basic and application/json, next-page");
  request.body = "grant_type=refresh_token&refresh_token=refresh%2D1&client_secret=of+the+client";
  mask.add_sent(request);
  CHECK(mask.masked("refresh-1 of the client: refresh_token") ==
        "******** ********: refresh_token");
  request.body = R"({"auth": {"password": "in-json"}, "filter": ["id-12345"]})";
  mask.add_sent(request);
  CHECK(mask.masked("in-json id-12345") == "******** id-12345");

  SECTION("and only the latest are kept") {
    for (int i = 0; i < 1000; ++i) {
      mask.add_passing("passing-" + std::to_string(100'000 + i));
    }
    CHECK(mask.masked("api-key-1") == "api-key-1");
  }
}

TEST_CASE("what a system says is shown on one line, cut and without secrets", "[secret]") {
  const SecretMask mask = mask_of(token);
  CHECK(shown_text(" a\nb\x01 ", nullptr) == "a b");
  CHECK(shown_text("token s3cr3t-t0ken/of the+tests is bad", &mask, 20) == "token ******** is ba");
  CHECK(shown_text(std::string(100'000, 'x'), &mask).size() == 200);
}

TEST_CASE("an error of an answer hides the secrets that the answer may repeat", "[secret]") {
  HttpResponse response;
  response.status = 401;
  response.url = "https://host/bot-s3cr3t-t0ken";
  response.secrets = std::make_shared<SecretMask>(Secret{token});
  CHECK(std::string{status_error(response, "no s3cr3t-t0ken").what()} ==
        "'https://host/bot-********' does not accept the credentials (HTTP 401): no ********");
  response.body = "no JSON";
  CHECK(std::string{not_json_error(response).what()}.find("s3cr3t") == std::string::npos);
}

TEST_CASE("names tell what is secret", "[secret]") {
  for (const char* name : {"Authorization", "X-Api-Key", "api_key", "X-Shopify-Access-Token",
                           "client_secret", "Cookie", "Ocp-Apim-Subscription-Key", "hapikey",
                           "Proxy-Authorization", "password", "privateKey"}) {
    CAPTURE(name);
    CHECK(is_secret_name(name));
  }
  for (const char* name : {"token_url", "page_token", "nextPageToken", "token_field", "max_tokens",
                           "client_assertion_type", "Accept", "primary_key", "keyword", "author"}) {
    CAPTURE(name);
    CHECK_FALSE(is_secret_name(name));
  }
}

}  // namespace
}  // namespace mapctl::ports
