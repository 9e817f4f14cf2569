// SPDX-License-Identifier: Apache-2.0
#include "core/config/profile.hpp"

#include "core/base/file.hpp"
#include "core/config/language_model.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/config/failure.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

using namespace mapctl;
using namespace mapctl::config;
using mapctl::test::failure;
namespace fs = std::filesystem;

namespace {

class Directories {
 public:
  Directories() {
    fs::create_directories(own());
    fs::create_directories(shipped());
  }
  fs::path own() const { return root_.path() / "own"; }
  fs::path shipped() const { return root_.path() / "shipped"; }
  std::vector<fs::path> all() const { return {own(), shipped()}; }
  void write(const std::string& name, std::string_view text) const {
    write_file_atomically(root_.path() / name, text);
  }
  Profile load(std::string_view name) const { return load_profile(name, all()); }

 private:
  TemporaryDirectory root_;
};

std::optional<std::string> no_variables(const std::string&) {
  return std::nullopt;
}

}  // namespace

TEST_CASE("a profile takes what it does not say from the one it extends", "[config]") {
  const Directories at;
  at.write("shipped/base.yaml",
           "name: base\nconnector: file\noptions: {delimiter: \";\", encoding: utf-8}\n"
           "limits: {timeout: 30s, max_connections: 4}\nretry: {attempts: 5, backoff: 500ms}\n"
           "access: {roles: [reader]}\n");
  at.write("own/sales.yaml",
           "name: sales\nextends: base\noptions: {path: data, encoding: latin-1}\n"
           "limits: {timeout: 1m}\n");
  const Profile profile = at.load("sales");
  CHECK(profile.name == "sales");
  CHECK(profile.connector == "file");
  CHECK(profile.options.at("delimiter").text.reveal() == ";");
  CHECK(profile.options.at("encoding").text.reveal() == "latin-1");
  CHECK(profile.options.at("path").directory == at.own());
  CHECK(profile.options.at("delimiter").directory == at.shipped());
  CHECK(profile.limits.timeout == 60.0);
  CHECK(profile.limits.max_connections == 4);
  CHECK(profile.retry.attempts == 5);
  CHECK(profile.retry.backoff == 0.5);
  CHECK(profile.roles == std::vector<std::string>{"reader"});
  CHECK(profile.chain ==
        std::vector<fs::path>{at.own() / "sales.yaml", at.shipped() / "base.yaml"});
}

TEST_CASE("a profile may extend the shipped one of its own name", "[config]") {
  const Directories at;
  at.write("shipped/file.yaml", "connector: file\n");
  at.write("own/file.yaml", "extends: file\noptions: {path: x}\n");
  CHECK(at.load("file").connector == "file");
}

TEST_CASE("profiles that extend each other are reported as a circle", "[config]") {
  const Directories at;
  at.write("own/a.yaml", "extends: b\n");
  at.write("own/b.yaml", "extends: c\n");
  at.write("own/c.yaml", "extends: a\n");
  const std::string message = failure([&] { at.load("a"); });
  CHECK(message.starts_with("configuration\nprofiles extend each other in a circle: "));
  CHECK(message.find("b.yaml' -> ") != std::string::npos);
}

TEST_CASE("wrong profiles name file, line and the nearest known word", "[config]") {
  const Directories at;
  at.write("own/crm.yaml", "connector: file\nlimits: {time_out: 3s}\n");
  CHECK(failure([&] { at.load("crm"); }) ==
        "configuration\n" + (at.own() / "crm.yaml").string() +
            ":2:10: unknown key 'time_out' in limits\ndid you mean 'timeout'?");
  at.write("own/crm.yaml", "conector: file\n");
  CHECK(failure([&] { at.load("crm"); }).find("did you mean 'connector'?") != std::string::npos);
  at.write("own/crm.yaml", "name: crm\n");
  CHECK(failure([&] { at.load("crm"); }).find("has no key 'connector'") != std::string::npos);
  at.write("own/crm.yaml", "name: erp\nconnector: file\n");
  CHECK(failure([&] { at.load("crm"); })
            .find("crm.yaml:1:7: profile 'erp' is in a file named "
                  "'crm.yaml'") != std::string::npos);
  at.write("own/crm.yaml", "extends: fil\n");
  at.write("shipped/file.yaml", "connector: file\n");
  CHECK(failure([&] { at.load("crm"); }).find("did you mean 'file'?") != std::string::npos);
  CHECK(failure([&] { at.load("cmr"); }) ==
        "not_found\nno profile is named 'cmr'\ndid you mean 'crm'?");
  CHECK(failure([&] { at.load("../own/crm"); }).starts_with("not_found\n"));
}

TEST_CASE("profiles are listed by name, the nearest directory first", "[config]") {
  const Directories at;
  at.write("own/b.yaml", "connector: file\n");
  at.write("shipped/b.yaml", "connector: file\n");
  at.write("shipped/a.yaml", "connector: file\n");
  at.write("shipped/notes.txt", "");
  const std::vector<fs::path> directories{at.own(), at.shipped(), "/nonexistent"};
  const std::vector<ProfileEntry> entries = list_profiles(directories);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].name == "a");
  CHECK(entries[1].file == at.own() / "b.yaml");
}

TEST_CASE("secret references are resolved when they are used", "[config]") {
  const Directories at;
  at.write("own/key.txt", "from file\n");
  at.write("own/crm.yaml",
           "connector: file\nauth:\n  user: me\n  password: ${env:CRM_PASSWORD}\n"
           "  key: ${file:key.txt}\n  both: a-${env:X}-b-$${literal}\n  vault: ${vault:a/b#c}\n"
           "  odd: ${evn:X}\n  gone: ${file:nowhere}\n");
  const Profile profile = at.load("crm");
  const std::map<std::string, std::string> variables{{"CRM_PASSWORD", "s3cret"}, {"X", "x"}};
  const auto environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional{found->second};
  };
  CHECK(resolve(profile.auth.at("password"), environment).reveal() == "s3cret");
  CHECK(resolve(profile.auth.at("key"), environment).reveal() == "from file");
  CHECK(resolve(profile.auth.at("both"), environment).reveal() == "a-x-b-${literal}");
  CHECK(failure([&] { resolve(profile.auth.at("password"), no_variables); }) ==
        "configuration\n" + (at.own() / "crm.yaml").string() +
            ":4:13: environment variable 'CRM_PASSWORD' is not set\n"
            "set it, for example: export CRM_PASSWORD=...");
  CHECK(failure([&] {
          resolve(profile.auth.at("vault"), environment);
        }).find("secret references of kind 'vault' are not in this build") != std::string::npos);
  CHECK(failure([&] {
          resolve(profile.auth.at("odd"), environment);
        }).find("unknown kind 'evn' of secret reference\ndid you mean 'env'?") !=
        std::string::npos);
  CHECK(failure([&] {
          resolve(profile.auth.at("gone"), environment);
        }).find("crm.yaml:9:9: a secret cannot be read: cannot open") != std::string::npos);
}

TEST_CASE("a language model's profile names the place of what is wrong", "[config]") {
  const Directories at;
  const std::string file = (at.own() / "llm.yaml").string();
  const auto fault = [&](const std::string& options) {
    at.write("own/llm.yaml", "connector: llm\noptions:\n  url: http://host/v1\n" + options);
    return failure([&] { config::language_model_of(at.load("llm"), {no_variables, {}}); });
  };
  CHECK(fault("  model: tiny\n") == "no error");
  CHECK(fault("  modle: tiny\n") == "configuration\n" + file +
                                        ":4:10: unknown option 'modle' for connector 'llm'\n"
                                        "did you mean 'model'?");
  CHECK(fault("  temperature: 1\n") ==
        "configuration\n" + file +
            ": profile 'llm' of a language model has no option 'model'\n"
            "'man 5 mapctl-llm' shows an example");
}

TEST_CASE("a reference that is not closed is an error and no secret in plain text", "[config]") {
  const Directories at;
  at.write("own/crm.yaml",
           "connector: rest\noptions: {headers: {X-Key: \"${env:KEY\"}}\nauth:\n"
           "  token: \"${env:CRM_TOKEN\"\n  both: \"${env:X}-${file:y\"\n  text: \"$${literal\"\n");
  const Profile profile = at.load("crm");
  REQUIRE(profile.warnings.size() == 1);
  CHECK(profile.warnings[0].find("'text' is a secret in plain text") != std::string::npos);
  const auto x = [](const std::string&) { return std::optional<std::string>{"x"}; };
  const std::string end =
      ": a secret reference has no closing '}'\n"
      "write ${env:NAME}; $${ stands for the two characters themselves";
  const std::string file = "configuration\n" + (at.own() / "crm.yaml").string();
  CHECK(failure([&] { resolve(profile.auth.at("token"), x); }) == file + ":4:10" + end);
  CHECK(failure([&] { resolve(profile.auth.at("both"), x); }) == file + ":5:9" + end);
  CHECK(failure([&] {
          resolve_tree(profile.options.at("headers"), SecretSources{x, {}});
        }) == file + ":2:28" + end);
  CHECK(resolve(profile.auth.at("text"), x).reveal() == "${literal");
  CHECK(shown(profile.auth.at("token")) == "********");
}

TEST_CASE("a secret in plain text is a warning with its line, and is never shown", "[config]") {
  const Directories at;
  at.write("own/crm.yaml",
           "connector: file\noptions: {url: \"https://me:hush@host/x\", api_token: hush}\n"
           "auth:\n  user: me\n  password: hush\n  key: \"hush${env:X}\"\n  good: ${env:Y}\n");
  const Profile profile = at.load("crm");
  REQUIRE(profile.warnings.size() == 3);
  CHECK(profile.warnings[0].find("'url' holds a secret in plain text") != std::string::npos);
  CHECK(profile.warnings[1].find("crm.yaml:2:53: 'api_token' is a secret in plain text") !=
        std::string::npos);
  CHECK(profile.warnings[2].find("crm.yaml:5:13: 'password' is a secret in plain text") !=
        std::string::npos);
  CHECK(shown(profile.options.at("url")) == "https://me:********@host/x");
  CHECK(shown(profile.options.at("api_token")) == "********");
  CHECK(shown(profile.auth.at("user")) == "me");
  CHECK(shown(profile.auth.at("password")) == "********");
  CHECK(shown(profile.auth.at("key")) == "********");
  CHECK(shown(profile.auth.at("good")) == "${env:Y}");
  for (const std::string& warning : profile.warnings) {
    CHECK(warning.find("hush") == std::string::npos);
  }
}

TEST_CASE("secrets in headers, parameters and addresses are masked and warned about", "[config]") {
  const Directories at;
  at.write("own/api.yaml", R"(connector: rest
options:
  base_url: "http://bob:hush@host"
  headers: {Authorization: "Bearer hush", X-Api-Key: hush, Accept: text/plain, X-Token: "${env:X}"}
  parameters: {api_key: hush, page_token: first}
  authentication: {type: bearer, token: "{{ config.of_it }}", token_url: "http://host/token"}
  streams:
    people:
      path: "people?api_key=hush&limit=5&token={{ config.of_it }}&key=${env:K}"
      headers: {x-auth-token: hush}
      paging: {type: cursor, token: {parameter: after}}
  root: "http://bob:${env:P}@host"
)");
  const Profile profile = at.load("api");
  std::string shown_options;
  for (const auto& [name, value] : profile.options) {
    shown_options += shown(value) + "\n";
  }
  CHECK(shown_options.find("hush") == std::string::npos);
  for (const char* kept :
       {"http://bob:********@host", "\"Accept\": \"text/plain\"", "\"X-Token\": \"${env:X}\"",
        "\"page_token\": \"first\"", "http://host/token", "\"parameter\": \"after\"",
        "people?api_key=********&limit=5&token={{ config.of_it }}&key=${env:K}"}) {
    CAPTURE(kept);
    CHECK(shown_options.find(kept) != std::string::npos);
  }
  std::vector<std::string> warned;
  for (const std::string& warning : profile.warnings) {
    CHECK(warning.find("hush") == std::string::npos);
    const auto begin = warning.find('\'') + 1;
    warned.push_back(warning.substr(begin, warning.find(" a secret in plain text") - begin));
  }
  CHECK(warned == std::vector<std::string>{"base_url' holds", "Authorization' is", "X-Api-Key' is",
                                           "api_key' is", "path' holds", "x-auth-token' is"});
}

TEST_CASE("an escaped reference in a map of options is text, with and without others beside it",
          "[config]") {
  const Directories directories;
  directories.write("own/api.yaml",
                    "connector: rest\noptions:\n  headers: {X-Plain: \"$${literal}\"}\n"
                    "  parameters: {a: \"$${literal}\", b: \"${env:X}\"}\n");
  const Profile profile = load_profile("api", directories.all());
  const SecretSources sources{[](const std::string&) { return "x"; }, {}};
  const auto headers = resolve_tree(profile.options.at("headers"), sources);
  CHECK(headers->children.at(0).text == "${literal}");
  const auto parameters = resolve_tree(profile.options.at("parameters"), sources);
  CHECK(parameters->children.at(0).text == "${literal}");
  CHECK(parameters->children.at(1).text == "x");
}
