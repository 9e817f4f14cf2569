// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.hpp"
#include "tests/integration/salesforce/fixture.hpp"

#include <cstdlib>
#include <filesystem>

namespace mapctl::test {
namespace {

using Catch::Matchers::ContainsSubstring;

// A private key made for this run.
const std::string& key_file() {
  static const TemporaryDirectory folder;
  static const std::string path = [] {
    std::string file = (folder.path() / "key.pem").string();
    const std::string command =
        "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out '" + file +
        "' 2>/dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
    return file;
  }();
  return path;
}

TEST_CASE("a session that has ended is renewed once, and work goes on", "[salesforce]") {
  const Organisation& org = organisation();
  auto connector = open_org(org.options());
  org.set(R"({"expire_after": 2})");
  CHECK(read_rows(*connector, "Invoice__c").size() == 7);
  CHECK(org.asked("/oauth2/token") == 2);

  SECTION("a token that cannot be renewed is refused for good") {
    org.set();
    auto given = open_org(org.options({}, {{"access_token", "given-token"}}));
    CHECK(read_rows(*given, "Snippet").size() == 1);
    org.set(R"({"expire_after": 0})");
    const auto facts = facts_of([&] { read_rows(*given, "Snippet"); });
    CHECK(facts.code == ErrorCode::denied);
    CHECK(facts.native_code == "INVALID_SESSION_ID");
    CHECK(facts.message.find("given-token") == std::string::npos);
  }
}

TEST_CASE("a refresh token that Salesforce replaces is kept where it came from", "[salesforce]") {
  const Organisation& org = organisation();
  org.set(R"({"rotate": true})");
  auto options = org.options();
  std::map<std::string, std::string> kept;
  options.keep_secret = [&](const std::string& key, const Secret& value) {
    kept[key] = value.reveal();
  };
  CHECK(open_org(options)->discover({}, {}).warnings.empty());
  CHECK(kept == std::map<std::string, std::string>{{"refresh_token", "refresh-2"}});

  SECTION("or a warning says that it was lost") {
    auto loses = org.options({}, {{"client_id", "client"}, {"refresh_token", "refresh-2"}});
    const auto found = open_org(loses)->discover({}, {});
    REQUIRE(found.warnings.size() == 1);
    CHECK_THAT(found.warnings[0].message, ContainsSubstring("'refresh_token'"));
    CHECK(found.warnings[0].message.find("refresh-3") == std::string::npos);
  }
  SECTION("and one that was revoked is an error with what to do") {
    auto old = org.options({}, {{"client_id", "client"}, {"refresh_token", "refresh-0"}});
    const auto facts = facts_of([&] { open_org(old)->discover({}, {}); });
    CHECK(facts.code == ErrorCode::denied);
    CHECK_THAT(facts.message, ContainsSubstring("expired access/refresh token"));
    CHECK_THAT(facts.hint, ContainsSubstring("granted anew"));
    CHECK(facts.message.find("refresh-0") == std::string::npos);
  }
}

TEST_CASE("a client logs in with its secret", "[salesforce]") {
  const Organisation& org = organisation();
  auto options = org.options({}, {{"client_id", "client"}, {"client_secret", "s3cret"}});
  options.options.erase("login_url");  // then it is the organisation itself
  CHECK(open_org(options)->discover({}, {}).tables().size() == 4);
  auto wrong = org.options({}, {{"client_id", "client"}, {"client_secret", "n0t-it"}});
  const auto facts = facts_of([&] { open_org(wrong)->discover({}, {}); });
  CHECK(facts.code == ErrorCode::denied);
  CHECK(facts.message.find("n0t-it") == std::string::npos);
}

TEST_CASE("a signed token logs in, and tells the organisation's address", "[salesforce]") {
  const Organisation org{{"--data", source_path("tests/data/salesforce"), "--key", key_file()}};
  const std::string key = read_file(key_file());
  const auto options = [&](const std::string& pem, const std::string& user = "ana@example.org") {
    auto made =
        org.options({}, {{"client_id", "client"}, {"username", user}, {"private_key", pem}});
    made.options.erase("instance_url");
    return made;
  };
  CHECK(open_org(options(key))->discover({}, {}).tables().size() == 4);
  // As it comes out of an environment variable.
  CHECK_NOTHROW(open_org(options(replace_all(key, "\n", "\\n")))->discover({}, {}));

  SECTION("a user who may not is named by the server") {
    const auto facts =
        facts_of([&] { open_org(options(key, "ben@example.org"))->discover({}, {}); });
    CHECK(facts.code == ErrorCode::denied);
    CHECK_THAT(facts.message, ContainsSubstring("hasn't approved"));
  }
  SECTION("a clock that is wrong is named") {
    org.set(R"({"clock": 900})");
    const auto facts = facts_of([&] { open_org(options(key))->discover({}, {}); });
    CHECK(facts.code == ErrorCode::denied);
    CHECK_THAT(facts.hint, ContainsSubstring("clock"));
    CHECK_THAT(facts.hint, ContainsSubstring("behind"));
  }
  SECTION("what is no key is refused without showing it") {
    const auto facts = facts_of([&] { open_org(options("n0-key"))->discover({}, {}); });
    CHECK(facts.code == ErrorCode::configuration);
    CHECK((facts.message + facts.hint).find("n0-key") == std::string::npos);
  }
}

TEST_CASE("nothing that is said holds a secret", "[salesforce]") {
  const Organisation& org = organisation();
  org.set(R"({"fail": {"path": "/sobjects", "status": 500, "body": "access-1 refresh-1"}})");
  const auto facts = facts_of([&] { open_org(org.options())->discover({}, {}); });
  CHECK(facts.code == ErrorCode::unreachable);
  CHECK((facts.message + facts.hint).find("refresh-1") == std::string::npos);
}

}  // namespace
}  // namespace mapctl::test
