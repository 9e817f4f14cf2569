// SPDX-License-Identifier: Apache-2.0
// The records of every stream of a manifest, as mapctl reads them: one line of JSON a record, a
// map of column and text. Values of the manifest's configuration come from the environment, as
// `profile import-airbyte NAME` has them: CHECK_API_KEY for `api_key`.
#include "connectors/http/client.hpp"
#include "connectors/rest/connector.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/config/airbyte_import.hpp"
#include "core/config/profile.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace {

mapctl::ports::ConnectorOptions options_of(const std::string& manifest) {
  const auto made = mapctl::config::import_airbyte(mapctl::config::load_yaml(manifest), "check");
  for (const auto& one : made.unsupported) {
    std::fprintf(stderr, "%s: %s: %s\n", one.where.c_str(), one.component.c_str(),
                 one.reason.c_str());
  }
  const mapctl::TemporaryDirectory folder;
  const auto path = folder.path() / "check.yaml";
  std::ofstream{path} << made.profile;
  const auto profile = mapctl::config::load_profile_file(path, {});
  mapctl::config::SecretSources sources;
  sources.environment = [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
  };
  mapctl::ports::ConnectorOptions options;
  options.profile = "check";
  for (const auto& [name, value] : profile.options) {
    if (value.tree) {
      options.trees[name] = mapctl::config::resolve_tree(value, sources);
    } else {
      options.options[name] = mapctl::config::resolve(value, sources).reveal();
    }
  }
  for (const auto& [name, value] : profile.auth) {
    options.secrets.emplace(name, mapctl::config::resolve(value, sources));
  }
  options.http = []() -> const mapctl::ports::HttpClientFactory& {
    return mapctl::connectors::http::factory();
  };
  return options;
}

void print(mapctl::ports::Connector& connector, const mapctl::catalog::TableRef& table) {
  const auto reader = connector.open_reader(table, {});
  std::vector<std::optional<std::string_view>> row;
  while (reader->next(row)) {
    nlohmann::ordered_json record;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i]) {
        record[reader->columns()[i].text] = std::string{*row[i]};
      }
    }
    std::printf(
        "%s\n",
        nlohmann::ordered_json{{"stream", table.table.text}, {"record", record}}.dump().c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: bench_airbyte_rows MANIFEST.yaml\n", stderr);
    return 2;
  }
  try {
    const auto connector = mapctl::connectors::rest::factory().open(options_of(argv[1]), {});
    const auto found = connector->discover({}, {});
    for (const auto& warning : found.warnings) {
      std::fprintf(stderr, "%s: %s\n", warning.object.c_str(), warning.message.c_str());
    }
    for (const auto& entry : found.tables()) {
      print(*connector, entry.ref);
    }
  } catch (const mapctl::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
