// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/migrate/folder.hpp"

using namespace mapctl;
using namespace mapctl::jobs;
using namespace mapctl::jobs::test;

namespace {

// "mail>email yaml", one a line.
std::string served(const Folder& folder, const char* field = nullptr) {
  registry::Registry registry = folder.file.open();
  std::optional<mapping::FieldPath> wanted;
  if (field != nullptr) {
    wanted = mapping::FieldPath{field};
  }
  const auto answer =
      look_up(registry, mapping::ConnectorName{"desk"}, catalog::TableName{"contact"}, wanted);
  std::string text;
  for (const ServedMapping& one : answer.mappings) {
    text += one.mapping.key.source_field.text + ">" + one.mapping.key.field.text +
            (one.from_yaml ? " yaml" : " registry") + "\n";
  }
  return text;
}

void canary(const Folder& folder, int percent) {
  MigrationOptions options = folder.options(MigrationStep::canary);
  options.percent = percent;
  REQUIRE(folder.run(options).passed);
}

}  // namespace

TEST_CASE("look-ups are answered from where the phase says", "[migrate]") {
  const Folder folder;
  folder.write("desk.yaml", desk_text);
  CHECK(served(folder).empty());
  folder.run_to(MigrationStep::validate);
  CHECK(served(folder) == "mail>email yaml\nphone>phone yaml\n");
  CHECK(served(folder, "mail") == "mail>email yaml\n");
  CHECK(served(folder, "none").empty());
  canary(folder, 0);
  CHECK(served(folder) == "mail>email yaml\nphone>phone yaml\n");
  canary(folder, 100);
  CHECK(served(folder) == "mail>email registry\nphone>phone registry\n");
  folder.run(MigrationStep::cutover);
  CHECK(served(folder) == "mail>email registry\nphone>phone registry\n");
  folder.run(MigrationStep::rollback);
  CHECK(served(folder) == "mail>email yaml\nphone>phone yaml\n");
  std::filesystem::remove(folder.path() / "desk.yaml");
  CHECK(served(folder) == "mail>email yaml\nphone>phone yaml\n");
}

TEST_CASE("a canary look-up that differs is recorded and answered from the file", "[migrate]") {
  const Folder folder;
  folder.write("desk.yaml", desk_text);
  folder.run_to(MigrationStep::validate);
  canary(folder, 100);
  folder.file.run("UPDATE field_mappings SET status = 'deprecated' WHERE source_field = 'mail'");
  CHECK(served(folder) == "mail>email yaml\nphone>phone registry\n");
  CHECK(folder.file.value("SELECT kind || ' ' || source_field || ' ' || phase FROM "
                          "yaml_discrepancies") == "missing mail canary");
  MigrationOptions options = folder.options(MigrationStep::canary);
  options.percent = 100;
  const auto report = folder.run(options);
  CHECK_FALSE(report.passed);
  CHECK(report.from_registry == 1);
  CHECK(report.from_yaml == 1);
  CHECK_FALSE(folder.run(MigrationStep::cutover).passed);
}

TEST_CASE("a field is always on the same side of the canary, and the share is kept", "[migrate]") {
  const TenantName tenant{"default"};
  const mapping::ConnectorName connector{"crm"};
  int share = 0;
  for (int at = 0; at < 10'000; ++at) {
    const std::string field = "field_" + std::to_string(at);
    const bool is_in = is_in_canary(tenant, connector, "account", field, 20);
    CHECK(is_in == is_in_canary(tenant, connector, "account", field, 20));
    share += is_in ? 1 : 0;
    if (is_in) {
      REQUIRE(is_in_canary(tenant, connector, "account", field, 21));
    }
    REQUIRE_FALSE(is_in_canary(tenant, connector, "account", field, 0));
    REQUIRE(is_in_canary(tenant, connector, "account", field, 100));
  }
  CHECK(share > 1'800);
  CHECK(share < 2'200);
}
