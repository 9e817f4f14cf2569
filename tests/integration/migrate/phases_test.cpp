// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.hpp"
#include "tests/integration/migrate/folder.hpp"

using namespace mapctl;
using namespace mapctl::jobs;
using namespace mapctl::jobs::test;
using Action = SyncChange::Action;
namespace fs = std::filesystem;

namespace {

void fill(const Folder& folder) {
  folder.write("crm.yaml", crm_text);
  folder.write("desk.yml", desk_text);
}

std::string text_with(std::string_view text, std::string_view from, std::string_view to) {
  std::string made{text};
  made.replace(made.find(from), from.size(), to);
  return made;
}

std::string difference_of(const MigrationReport& report) {
  std::string text;
  for (const MappingDifference& one : report.discrepancies) {
    text += std::string{to_string(one.kind)} + " " + one.key.source_field.text + ">" +
            one.key.field.text + " [" + one.in_yaml + "|" + one.in_registry + "]\n";
  }
  return text;
}

}  // namespace

TEST_CASE("a plan says what would be written and writes nothing", "[migrate]") {
  const Folder folder;
  fill(folder);
  const auto report = folder.run(MigrationStep::plan);
  CHECK(report.passed);
  CHECK(report.mappings == 7);
  CHECK(report.count(Action::create) == 7);
  CHECK(report.state == "none");
  CHECK(folder.file.value("SELECT count(*) FROM field_mappings") == "0");
  CHECK(folder.file.value("SELECT count(*) FROM yaml_migrations") == "0");
  const auto without =
      migrate_yaml(nullptr, folder.options(MigrationStep::plan), folder.file.clock);
  CHECK(without.count(Action::create) == 7);
}

TEST_CASE("all phases move the files and back to the same bytes", "[migrate]") {
  const Folder folder;
  fill(folder);
  const auto before = folder.bytes();
  CHECK(folder.run(MigrationStep::shadow).state == "shadow");
  CHECK(folder.file.value("SELECT count(*) FROM field_mappings WHERE status = 'active' AND "
                          "mapping_source = 'manual' AND version = 1") == "7");
  CHECK(folder.file.value("SELECT count(*) FROM mapping_audit_log WHERE action = 'migrated'") ==
        "7");
  CHECK(folder.file.value("SELECT canonical_field || ' ' || mapping_type FROM field_mappings "
                          "WHERE source_field = 'cf_industry'") == "industry transformed");
  CHECK(folder.file.value("SELECT transformation_rule FROM field_mappings WHERE source_field = "
                          "'cf_industry'") == "{\"steps\":[{\"kind\":\"trim\"}]}");
  CHECK(folder.file.value("SELECT canonical_field FROM field_mappings WHERE source_field = "
                          "'annual_revenue'") == "extras.annual_revenue");
  CHECK(folder.run(MigrationStep::validate).state == "validate");
  const auto canary = folder.run(MigrationStep::canary);
  CHECK(canary.state == "canary");
  CHECK(canary.from_registry + canary.from_yaml == 7);
  const auto cutover = folder.run(MigrationStep::cutover);
  CHECK(cutover.passed);
  CHECK(cutover.state == "cutover");
  CHECK(folder.bytes().empty());
  const std::string manifest = read_file(folder.archive() / "manifest.json");
  for (const auto& [name, text] : before) {
    CHECK(read_file(folder.archive() / name) == text);
    CHECK(manifest.find(sha256(text)) != std::string::npos);
  }
  const auto back = folder.run(MigrationStep::rollback);
  CHECK(back.state == "rolled_back");
  CHECK(back.mappings == 7);
  CHECK(folder.bytes() == before);
  CHECK_FALSE(fs::exists(folder.archive()));
  CHECK(folder.run(MigrationStep::rollback).passed);
  CHECK(folder.run_to(MigrationStep::cutover).passed);
}

TEST_CASE("a phase out of its order is refused with the one that comes first", "[migrate]") {
  const Folder folder;
  fill(folder);
  const auto failure = [&](MigrationStep step) { return folder.failure(folder.options(step)); };
  CHECK(failure(MigrationStep::validate).find("usage: the migration of '") == 0);
  CHECK(failure(MigrationStep::rollback).find("usage: there is no migration") == 0);
  folder.run_to(MigrationStep::shadow);
  CHECK(failure(MigrationStep::canary).find("usage: phase 'canary' comes after 'validate'") == 0);
  CHECK(failure(MigrationStep::cutover).find("usage: phase 'cutover' comes after 'canary'") == 0);
  folder.run_to(MigrationStep::cutover);
  CHECK(failure(MigrationStep::shadow).find("have been archived") != std::string::npos);
  MigrationOptions options = folder.options(MigrationStep::canary);
  options.percent.reset();
  CHECK(folder.failure(options).find("usage: phase 'canary' needs --percent") == 0);
}

TEST_CASE("a second run of a phase changes nothing", "[migrate]") {
  const Folder folder;
  fill(folder);
  folder.run_to(MigrationStep::canary);
  const auto again = folder.run(MigrationStep::shadow);
  CHECK(again.changes.empty());
  CHECK(again.unchanged == 7);
  CHECK(again.state == "canary");
  CHECK(folder.run(MigrationStep::validate).state == "canary");
  CHECK(folder.file.value("SELECT max(version) FROM field_mappings") == "1");
}

TEST_CASE("files with a problem keep everything from being written", "[migrate]") {
  const Folder folder;
  fill(folder);
  folder.write("bad.yaml", "account:\n  fields:\n    id: Id\n    id: Other\n");
  const auto plan = folder.run(MigrationStep::plan);
  CHECK_FALSE(plan.passed);
  CHECK(plan.count(Action::create) == 7);
  const auto report = folder.run(MigrationStep::shadow);
  CHECK_FALSE(report.passed);
  CHECK(report.refusal.find("1 problem in the mapping files") == 0);
  REQUIRE(report.findings.size() == 1);
  CHECK(report.findings[0].file == "bad.yaml");
  CHECK(report.findings[0].line == 4);
  CHECK(folder.file.value("SELECT count(*) FROM field_mappings") == "0");
  CHECK(folder.file.value("SELECT count(*) FROM yaml_migrations") == "0");
  folder.write("bad.yaml", "account: {fields: {id: Id}}\n");
  folder.write("bad.yml", "account: {fields: {id: Id}}\n");
  CHECK(folder.run(MigrationStep::shadow).findings.at(0).message ==
        "'bad.yaml' is of the same connector");
  fs::remove(folder.path() / "bad.yml");
  fs::create_symlink(folder.path() / "crm.yaml", folder.path() / "link.yaml");
  CHECK(folder.run(MigrationStep::shadow).findings.at(0).message == "not a regular file");
}

TEST_CASE("in shadow a change of either side goes to the other", "[migrate]") {
  const Folder folder;
  fill(folder);
  folder.run_to(MigrationStep::canary);
  // Of the files: one changed, one gone, one new.
  std::string text =
      text_with(crm_text, "    name: Name\n", "    name: {source: Name, transform: trim}\n");
  text = text_with(text, "    owner_id: user_id.value\n", "    city: City\n");
  folder.write("crm.yaml", text);
  // Of the registry: one gone, one new.
  folder.file.run("UPDATE field_mappings SET status = 'deprecated' WHERE source_field = 'mail'");
  folder.file.run(
      "INSERT INTO field_mappings (id, tenant_id, connector_id, source_table, source_field, "
      "canonical_entity, canonical_field, mapping_type, confidence_score, mapping_source, status, "
      "created_at, updated_at) SELECT '00000000-0000-4000-8000-000000000001', tenant_id, "
      "connector_id, source_table, 'mobile', "
      "canonical_entity, 'mobile', 'direct', 1, 'manual', 'active', created_at, updated_at "
      "FROM field_mappings WHERE source_field = 'phone'");
  const auto validated = folder.run(MigrationStep::validate);
  CHECK_FALSE(validated.passed);
  CHECK(difference_of(validated) ==
        "different Name>name [trim|direct]\n"
        "missing City>city [direct|]\n"
        "unknown user_id.value>owner_id [|direct]\n"
        "missing mail>email [direct|deprecated]\n"
        "unknown mobile>mobile [|direct]\n");
  CHECK(validated.state == "shadow");
  CHECK(folder.file.value("SELECT count(*) FROM yaml_discrepancies") == "5");

  const auto report = folder.run(MigrationStep::shadow);
  CHECK(report.refusal.empty());
  CHECK(report.count(Action::update) == 1);
  CHECK(report.count(Action::deprecate) == 1);
  CHECK(report.count(Action::create) == 1);
  CHECK(report.count(Action::add_to_yaml) == 1);
  CHECK(report.count(Action::remove_from_yaml) == 1);
  CHECK(folder.read("crm.yaml") == text);
  CHECK(folder.read("desk.yml") ==
        "contact:\n  fields:\n    phone: phone   # as typed\n    mobile: mobile\n");
  CHECK(folder.file.value("SELECT status FROM field_mappings WHERE source_field = "
                          "'user_id.value'") == "deprecated");
  CHECK(folder.file.value("SELECT version FROM field_mappings WHERE source_field = 'Name'") == "2");
  CHECK(folder.file.value("SELECT count(*) FROM mapping_versions") == "2");
  CHECK(folder.run_to(MigrationStep::cutover).passed);
}

TEST_CASE("a change of both sides is a conflict that somebody has to decide", "[migrate]") {
  const Folder folder;
  fill(folder);
  folder.run_to(MigrationStep::shadow);
  folder.write("desk.yml",
               text_with(desk_text, "email: mail", "email: {source: mail, transform: trim}"));
  folder.file.run("UPDATE field_mappings SET status = 'deprecated' WHERE source_field = 'mail'");
  const auto before = folder.bytes();
  const auto report = folder.run(MigrationStep::shadow);
  CHECK_FALSE(report.passed);
  CHECK(report.count(Action::conflict) == 1);
  CHECK(difference_of(report) == "missing mail>email [trim|deprecated]\n");
  CHECK(folder.bytes() == before);

  MigrationOptions options = folder.options(MigrationStep::shadow);
  SECTION("the files are right") {
    options.prefer = Preference::yaml;
    CHECK(folder.run(options).passed);
    CHECK(folder.bytes() == before);
    CHECK(folder.file.value("SELECT status FROM field_mappings WHERE source_field = 'mail'") ==
          "active");
  }
  SECTION("the registry is right") {
    options.prefer = Preference::registry;
    CHECK(folder.run(options).passed);
    CHECK(folder.read("desk.yml") == "contact:\n  fields:\n    phone: phone   # as typed\n");
  }
  CHECK(folder.run(MigrationStep::validate).passed);
}

TEST_CASE("what the registry has decided before is not overruled silently", "[migrate]") {
  const Folder folder;
  fill(folder);
  folder.run_to(MigrationStep::shadow);
  folder.run(MigrationStep::rollback);
  folder.file.run("DELETE FROM yaml_migrations");
  folder.file.run("UPDATE field_mappings SET status = 'rejected' WHERE source_field = 'mail'");
  folder.file.run(
      "UPDATE field_mappings SET status = 'pending_review' WHERE source_field = "
      "'phone'");
  const auto report = folder.run(MigrationStep::shadow);
  CHECK(report.count(Action::conflict) == 1);
  CHECK(report.count(Action::update) == 1);
  CHECK(difference_of(report) == "missing mail>email [direct|rejected]\n");
  CHECK(folder.file.value("SELECT status FROM field_mappings WHERE source_field = 'phone'") ==
        "pending_review");
}

TEST_CASE("mappings that files cannot name are accounted for, not missed", "[migrate]") {
  const Folder folder;
  fill(folder);
  folder.run_to(MigrationStep::shadow);
  folder.file.run(
      "INSERT INTO field_mappings (id, tenant_id, connector_id, source_table, source_field, "
      "canonical_entity, canonical_field, mapping_type, confidence_score, mapping_source, status, "
      "created_at, updated_at) SELECT '00000000-0000-4000-8000-000000000002', tenant_id, "
      "connector_id, 'people', "
      "source_field, canonical_entity, canonical_field, 'direct', 1, 'manual', 'active', "
      "created_at, updated_at FROM field_mappings WHERE source_field = 'phone'");
  const auto report = folder.run(MigrationStep::validate);
  CHECK(report.passed);
  CHECK(report.other_tables == 1);
}

TEST_CASE("files changed after validation have to be validated again", "[migrate]") {
  const Folder folder;
  fill(folder);
  folder.run_to(MigrationStep::validate);
  folder.write("desk.yml", std::string{desk_text} + "# a comment\n");
  const auto report = folder.run(MigrationStep::canary);
  CHECK_FALSE(report.passed);
  CHECK(report.refusal.find("changed since they were validated") != std::string::npos);
  CHECK(folder.run(MigrationStep::validate).passed);
  CHECK(folder.run(MigrationStep::canary).passed);
}

TEST_CASE("a rollback does not lose what changed since", "[migrate]") {
  const Folder folder;
  fill(folder);
  const auto before = folder.bytes();
  folder.run_to(MigrationStep::cutover);
  folder.file.run("UPDATE field_mappings SET status = 'deprecated' WHERE source_field = 'mail'");
  const auto refused = folder.run(MigrationStep::rollback);
  CHECK_FALSE(refused.passed);
  CHECK(refused.refusal == "1 mapping was changed in the registry since");
  CHECK(refused.state == "cutover");
  CHECK(folder.bytes().empty());

  MigrationOptions options = folder.options(MigrationStep::rollback);
  SECTION("exported first") {
    options.export_first = true;
    CHECK(folder.run(options).state == "rolled_back");
    CHECK(folder.read("desk.yml") == "contact:\n  fields:\n    phone: phone   # as typed\n");
    CHECK(folder.read("crm.yaml") == crm_text);
    CHECK(read_file(folder.archive() / "desk.yml") == desk_text);
  }
  SECTION("discarded") {
    options.discard = true;
    CHECK(folder.run(options).state == "rolled_back");
    CHECK(folder.bytes() == before);
    CHECK(folder.file.value("SELECT status || version FROM field_mappings WHERE source_field = "
                            "'mail'") == "active2");
  }
}

TEST_CASE("after a rollback the files lead, and a new shadow follows them", "[migrate]") {
  const Folder folder;
  fill(folder);
  folder.run_to(MigrationStep::shadow);
  const std::string edited = text_with(desk_text, "email: mail", "email: e_mail");
  folder.write("desk.yml", edited);
  CHECK(folder.run(MigrationStep::rollback).passed);
  CHECK(folder.read("desk.yml") == edited);
  // Nobody has agreed on the edit, so it is not taken for the registry's either.
  CHECK_FALSE(folder.run(MigrationStep::shadow).passed);
  MigrationOptions options = folder.options(MigrationStep::shadow);
  options.prefer = Preference::yaml;
  CHECK(folder.run(options).passed);
  CHECK(folder.run(MigrationStep::rollback).passed);
  folder.write("desk.yml", desk_text);
  CHECK(folder.run(MigrationStep::shadow).passed);
  CHECK(folder.read("desk.yml") == desk_text);
}

TEST_CASE("the archive is kept for ninety days", "[migrate]") {
  Folder folder;
  fill(folder);
  const auto report = folder.run_to(MigrationStep::cutover);
  const std::int64_t day = 24LL * 3600 * 1000;
  CHECK(report.keep_until == to_iso8601(folder.file.clock.now() + std::chrono::hours{24 * 90}));
  folder.file.clock.milliseconds += 90 * day + 1;
  CHECK(folder.failure(folder.options(MigrationStep::rollback)).find("could be restored until") !=
        std::string::npos);
  folder.file.clock.milliseconds -= 1;
  CHECK(folder.run(MigrationStep::rollback).passed);
}

TEST_CASE("a file that somebody else put there is not overwritten", "[migrate]") {
  const Folder folder;
  fill(folder);
  folder.run_to(MigrationStep::cutover);
  folder.write("crm.yaml", "account: {fields: {}}\n");
  CHECK(folder.failure(folder.options(MigrationStep::rollback)).find("conflict: ") == 0);
  CHECK(folder.read("crm.yaml") == "account: {fields: {}}\n");
  fs::remove(folder.path() / "crm.yaml");
  fs::remove(folder.archive() / "crm.yaml");  // the registry keeps a copy
  CHECK(folder.run(MigrationStep::rollback).passed);
  CHECK(folder.read("crm.yaml") == crm_text);
}

TEST_CASE("a connector is migrated from one folder at a time", "[migrate]") {
  const Folder folder;
  fill(folder);
  folder.run_to(MigrationStep::shadow);
  TemporaryDirectory other;
  write_file_atomically(other.path() / "crm.yaml", crm_text);
  MigrationOptions options = folder.options(MigrationStep::shadow);
  options.folder = other.path();
  const auto report = folder.run(options);
  CHECK_FALSE(report.passed);
  CHECK(report.findings.at(0).message.find("connector 'crm' is being migrated from") == 0);
}

TEST_CASE("tenants migrate the same folder each for themselves", "[migrate]") {
  const Folder folder;
  fill(folder);
  folder.run_to(MigrationStep::validate);
  registry::Registry other = folder.file.open("other");
  CHECK(migrate_yaml(&other, folder.options(MigrationStep::plan), folder.file.clock)
            .count(Action::create) == 7);
  CHECK(migrate_yaml(&other, folder.options(MigrationStep::shadow), folder.file.clock).state ==
        "shadow");
  CHECK(folder.run(MigrationStep::canary).state == "canary");
}
