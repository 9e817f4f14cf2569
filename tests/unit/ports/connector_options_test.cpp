// SPDX-License-Identifier: Apache-2.0
#include "core/ports/connector_options.hpp"

#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

namespace mapctl::ports {
namespace {

using Catch::Matchers::ContainsSubstring;

enum class Size { small, large };

ConnectorOptions given(std::map<std::string, std::string> options) {
  ConnectorOptions made;
  made.profile = "crm";
  made.options = std::move(options);
  return made;
}

template <class Action>
std::string refusal(Action action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::configuration);
    return std::string{error.what()} + "; " + error.facts().hint;
  }
  return "accepted";
}

Size size_of(const ConnectorOptions& options) {
  return word_option(options, "size", {{"small", Size::small}, {"large", Size::large}},
                     Size::small);
}

TEST_CASE("an option's word stands for a value, and another word is refused with the nearest",
          "[connector_options]") {
  CHECK(size_of(given({})) == Size::small);
  CHECK(size_of(given({{"size", "large"}})) == Size::large);
  CHECK(refusal([] {
          size_of(given({{"size", "larg"}}));
        }) == "profile 'crm': option 'size' cannot be 'larg'; did you mean 'large'?");
}

TEST_CASE("numbers outside their range are refused with the range", "[connector_options]") {
  const auto number = [](const std::string& text) {
    return whole_option(given({{"n", text}}), "n", 7, 1, 65'535);
  };
  CHECK(whole_option(given({}), "n", 7, 1) == 7);
  CHECK(number("65535") == 65'535);
  for (const char* text : {"0", "65536", "-1", "12x", "x", "1.5", "99999999999999999999"}) {
    CHECK_THAT(refusal([&] { number(text); }),
               ContainsSubstring("cannot be '") && ContainsSubstring("from 1 to 65535"));
  }
  CHECK_THAT(refusal([] {
               whole_option(given({{"n", "0"}}), "n", 7, 1);
             }),
             ContainsSubstring("at least 1"));
}

TEST_CASE("a delimiter is one character or the word for a tab", "[connector_options]") {
  const auto delimiter = [](const std::string& text) {
    return delimiter_option(given({{"delimiter", text}}), "delimiter");
  };
  CHECK_FALSE(delimiter_option(given({}), "delimiter"));
  CHECK(delimiter(";") == ';');
  CHECK(delimiter("tab") == '\t');
  CHECK(delimiter("\\t") == '\t');
  for (const char* text : {"", "ab", "\"", "\n"}) {
    CHECK_THAT(refusal([&] { delimiter(text); }), ContainsSubstring("one character"));
  }
}

TEST_CASE("options and secrets that a connector does not know are refused by name",
          "[connector_options]") {
  ConnectorInfo info;
  info.name = "shop";
  info.options = {{"url", "where it is", true, false, false}, {"depth", "", false, false, false}};
  CHECK_NOTHROW(check_options(given({{"url", "x"}}), info));
  CHECK_THAT(refusal([&] {
               check_options(given({{"url", "x"}, {"dept", "1"}}), info);
             }),
             ContainsSubstring("unknown option 'dept'") && ContainsSubstring("'depth'"));
  CHECK_THAT(refusal([&] { check_options(given({}), info); }),
             ContainsSubstring("needs option 'url'") && ContainsSubstring("where it is"));

  ConnectorOptions options = given({});
  options.secrets.emplace("passwrd", Secret{"hunter2"});
  const std::string refused = refusal([&] {
    check_secrets(options, "shop", {"user", "password"});
  });
  CHECK_THAT(refused, ContainsSubstring("'passwrd'") && ContainsSubstring("'password'"));
  CHECK(refused.find("hunter2") == std::string::npos);
}

TEST_CASE("limits of a profile take the place of the rules' own", "[connector_options]") {
  ConnectionLimits limits;
  CHECK(retry_rules(limits, 1).attempts == 1);
  CHECK(retry_rules(limits, 3).backoff == RetryRules{}.backoff);
  limits.attempts = 4;
  limits.deadline = 12.5;
  CHECK(retry_rules(limits, 1).attempts == 4);
  CHECK(retry_rules(limits, 1).deadline == 12.5);
}

}  // namespace
}  // namespace mapctl::ports
