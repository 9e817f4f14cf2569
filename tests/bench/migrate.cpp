// SPDX-License-Identifier: Apache-2.0
// Moving mapping files into the registry: 1,000 files of 200 fields, like real ones in shape. The
// reader is held against the events of libyaml alone over the same text, in the same run.
#include "connectors/sqlite/session.hpp"
#include "core/base/clock.hpp"
#include "core/base/file.hpp"
#include "core/jobs/yaml_migration.hpp"
#include "tests/bench/figure.hpp"

#include <fmt/format.h>
#include <yaml.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace mapctl;
using namespace mapctl::jobs;

constexpr int files = 1'000;
constexpr int entities = 4;
constexpr int fields = 50;  // of an entity
constexpr double all = static_cast<double>(files) * entities * fields;

std::string made_up_file(int number) {
  static constexpr const char* nouns[] = {"order", "branch", "ticket", "parcel"};
  static constexpr const char* parts[] = {"code", "name", "opened_on", "owner", "amount",
                                          "city", "kind", "state",     "note",  "reference"};
  std::string text = fmt::format("# system {}\n", number);
  for (int entity = 0; entity < entities; ++entity) {
    text += fmt::format("{}:\n  fields:\n", nouns[entity]);
    for (int field = 0; field < fields; ++field) {
      const char* part = parts[field % 10];
      const int group = field / 10;
      if (field % 25 == 7) {
        text += fmt::format("    {}_{}:\n      target: extras.{}_{}\n", part, group, part, group);
      } else if (field % 10 == 4) {
        text += fmt::format("    {}_{}: {{source: f{}_{}, transform: trim}}\n", part, group, number,
                            field);
      } else {
        text += fmt::format("    {}_{}: \"{}{}_{}\"\n", part, group, part, number, group);
      }
    }
    text += "\n";
  }
  return text;
}

std::size_t count_events(std::string_view text) {
  yaml_parser_t parser;
  if (yaml_parser_initialize(&parser) == 0) {
    throw std::runtime_error{"no memory"};
  }
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()),
                               text.size());
  std::size_t count = 0;
  for (bool more = true; more;) {
    yaml_event_t event;
    if (yaml_parser_parse(&parser, &event) == 0) {
      throw std::runtime_error{parser.problem};
    }
    more = event.type != YAML_STREAM_END_EVENT;
    yaml_event_delete(&event);
    ++count;
  }
  yaml_parser_delete(&parser);
  return count;
}

int run() {
  TemporaryDirectory directory;
  const auto folder = directory.path() / "mappings";
  std::filesystem::create_directory(folder);
  std::vector<std::string> texts;
  for (int number = 0; number < files; ++number) {
    texts.push_back(made_up_file(number));
    write_file_atomically(folder / fmt::format("system_{:04}.yaml", number), texts.back());
  }
  const Clock& clock = system_clock();
  const auto open = [&] {
    return registry::Registry{
        connectors::sqlite::open_registry_session(directory.path() / "registry.db",
                                                  connectors::sqlite::OpenMode::read_write),
        clock,
        {TenantName{"default"}, UserName{"bench"}}};
  };
  registry::initialise(*connectors::sqlite::open_registry_session(
                           directory.path() / "registry.db", connectors::sqlite::OpenMode::create),
                       clock);

  std::size_t events = 0;
  const double bare = bench::fastest(3, [&] {
    for (const std::string& text : texts) {
      events += count_events(text);
    }
  });
  const double parsed = bench::fastest(3, [&] {
    for (const std::string& text : texts) {
      events += read_mapping_text("system.yaml", text).parsed.document.mappings();
    }
  });
  if (events == 0) {
    return 1;
  }
  bench::figure("migrate", "reading / libyaml's events alone", parsed / bare, "x", 1.67);
  bench::figure("migrate", "fields read, one core", all / parsed, "1/s");

  const auto phase = [&](MigrationStep step) {
    registry::Registry registry = open();
    MigrationOptions options;
    options.folder = folder;
    options.step = step;
    options.percent = step == MigrationStep::canary ? std::optional{10} : std::nullopt;
    const MigrationReport report = migrate_yaml(&registry, options, clock);
    if (!report.passed || report.mappings != static_cast<std::size_t>(all)) {
      throw std::runtime_error{"a phase did not pass: " + report.refusal};
    }
  };
  const auto rate = [&](const char* name, MigrationStep step, int runs, double limit) {
    const double seconds = bench::fastest(runs, [&] { phase(step); });
    bench::figure("migrate", name, all / seconds, "fields/s", limit, bench::Better::higher);
  };
  rate("plan", MigrationStep::plan, 3, 300'000);
  rate("shadow, with versions and audit", MigrationStep::shadow, 1, 50'000);
  rate("plan when all is there", MigrationStep::plan, 3, 0);
  rate("validate", MigrationStep::validate, 3, 300'000);
  rate("canary of 10 %", MigrationStep::canary, 1, 0);
  rate("cutover", MigrationStep::cutover, 1, 0);
  rate("rollback", MigrationStep::rollback, 1, 0);
  return 0;
}

}  // namespace

int main() {
  try {
    return run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_migrate: {}\n", error.what());
    return 1;
  }
}
