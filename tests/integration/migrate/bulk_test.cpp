// SPDX-License-Identifier: Apache-2.0
// More mappings than one thread prepares and writes alone.
#include "core/base/thread.hpp"
#include "core/registry/audit.hpp"
#include "core/registry/tenants.hpp"
#include "tests/integration/migrate/folder.hpp"

#include <grp.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mapctl;
using namespace mapctl::jobs;
using namespace mapctl::jobs::test;
using Action = SyncChange::Action;

namespace {

constexpr std::size_t bulk_fields = 700;  // of each file

std::string bulk_text(std::string_view rule) {
  std::string text = "account:\n  fields:\n";
  for (std::size_t field = 0; field < bulk_fields; ++field) {
    const std::string number = std::to_string(field);
    text += "    field_" + number + ": {source: f" + number + std::string{rule} + "}\n";
  }
  return text;
}

void fill_bulk(const Folder& folder) {
  for (const char* name : {"crm.yaml", "desk.yaml"}) {
    folder.write(name, bulk_text(""));
  }
}

bool chain_holds(const Folder& folder) {
  registry::Registry registry = folder.file.open();
  return registry::verify_audit(registry).intact();
}

// From now on the system refuses this process another thread. The administrator is not held to
// limits and becomes somebody else first.
bool refuse_threads() {
  constexpr uid_t nobody = 65534;
  if (::geteuid() == 0 &&
      (::setgroups(0, nullptr) != 0 || ::setresgid(nobody, nobody, nobody) != 0 ||
       ::setresuid(nobody, nobody, nobody) != 0)) {
    return false;
  }
  const rlimit none{0, 0};
  return ::setrlimit(RLIMIT_NPROC, &none) == 0 && !start_thread([] {});
}

}  // namespace

TEST_CASE("each of many mappings is written with its own row in the trail", "[migrate]") {
  const Folder folder;
  fill_bulk(folder);
  const auto report = folder.run(MigrationStep::shadow);
  CHECK(report.passed);
  CHECK(report.count(Action::create) == 2 * bulk_fields);
  CHECK(chain_holds(folder));
  CHECK(folder.file.value(
            "SELECT count(*) FROM mapping_audit_log a JOIN field_mappings m ON m.id = "
            "a.field_mapping_id WHERE a.action = 'migrated' AND json_extract(a.new_value, "
            "'$.source_field') = m.source_field AND json_extract(a.new_value, "
            "'$.canonical_field') = m.canonical_field") == std::to_string(2 * bulk_fields));
  // In the order of the file.
  CHECK(folder.file.value(
            "SELECT count(*) FROM mapping_audit_log a JOIN mapping_audit_log b ON b.tenant_id = "
            "a.tenant_id AND b.position = a.position + 699 WHERE json_extract(a.new_value, "
            "'$.source_field') = 'f0' AND json_extract(b.new_value, '$.source_field') = 'f699'") ==
        "2");

  folder.write("crm.yaml", bulk_text(", transform: trim"));
  const auto changed = folder.run(MigrationStep::shadow);
  CHECK(changed.count(Action::update) == bulk_fields);
  CHECK(changed.unchanged == bulk_fields);
  CHECK(folder.file.value("SELECT count(*) FROM field_mappings WHERE version = 2 AND "
                          "mapping_type = 'transformed'") == std::to_string(bulk_fields));
  CHECK(chain_holds(folder));
  CHECK(folder.run(MigrationStep::validate).passed);
}

TEST_CASE("of many mappings the one that is refused leaves none of the others", "[migrate]") {
  const Folder folder;
  fill_bulk(folder);
  {
    registry::Registry registry = folder.file.open();
    registry::Quotas quotas;
    quotas.mappings = 600;
    registry::set_quotas(registry, quotas);
  }
  const std::string rows = folder.file.value("SELECT count(*) FROM mapping_audit_log");
  CHECK(folder.failure(folder.options(MigrationStep::shadow)).find("may keep 600 mappings") !=
        std::string::npos);
  CHECK(folder.file.value("SELECT count(*) FROM field_mappings") == "0");
  CHECK(folder.file.value("SELECT count(*) FROM yaml_migrations") == "0");
  CHECK(folder.file.value("SELECT count(*) FROM mapping_audit_log") == rows);
  CHECK(chain_holds(folder));
}

TEST_CASE("where the system refuses another thread, all is done in the one", "[migrate]") {
  const Folder folder;
  fill_bulk(folder);
  folder.open_to_all();
  constexpr int cannot_limit = 7;
  const pid_t child = fork();
  if (child == 0) {
    int code = 1;
    try {
      registry::Registry registry = folder.file.open();
      code =
          !refuse_threads() ? cannot_limit
          : migrate_yaml(&registry, folder.options(MigrationStep::shadow), folder.file.clock).passed
              ? 0
              : 2;
    } catch (const std::exception&) {
      code = 3;
    }
    _exit(code);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == cannot_limit) {
    mapctl::test::skip("the limit of threads cannot be set here");
  }
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(folder.file.value("SELECT count(*) FROM field_mappings") ==
        std::to_string(2 * bulk_fields));
  CHECK(chain_holds(folder));
  CHECK(folder.run(MigrationStep::validate).passed);
}
