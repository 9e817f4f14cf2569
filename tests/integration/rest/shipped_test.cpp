// SPDX-License-Identifier: Apache-2.0
#include "core/config/profile.hpp"
#include "tests/integration/rest/fixture.hpp"

#include <cstdlib>
#include <filesystem>

namespace mapctl::test {
namespace {

namespace fs = std::filesystem;

TEST_CASE("every shipped profile of a REST system is taken by the connector", "[rest]") {
  const char* root = std::getenv("MAPCTL_TEST_SOURCE_DIR");
  const std::vector<fs::path> folders{fs::path{root == nullptr ? "." : root} /
                                      "profiles/connectors"};
  std::size_t opened = 0;
  for (const auto& entry : config::list_profiles(folders)) {
    const auto profile = config::load_profile(entry.name, folders);
    if (profile.connector != "rest") {
      continue;
    }
    INFO(entry.name);
    CHECK(profile.description != "");
    CHECK(profile.warnings.empty());
    CHECK(profile.limits.requests_per_second.has_value());
    ports::ConnectorOptions options;
    options.profile = entry.name;
    for (const auto& [name, value] : profile.options) {
      if (value.tree) {
        options.trees[name] = value.tree;
      } else {
        options.options[name] = value.text.reveal();
      }
    }
    options.http = []() -> const ports::HttpClientFactory& { return connectors::http::factory(); };
    CHECK_NOTHROW(open_rest(options));
    ++opened;
  }
  CHECK(opened == 13);
}

}  // namespace
}  // namespace mapctl::test
