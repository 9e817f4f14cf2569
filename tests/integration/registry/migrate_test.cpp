// SPDX-License-Identifier: Apache-2.0
#include "core/registry/migrations.hpp"
#include "tests/integration/registry/fixture.hpp"

#include <set>
#include <thread>

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;
using Catch::Matchers::ContainsSubstring;

namespace {

std::set<std::string> objects(ports::SqlSession& session) {
  std::set<std::string> names;
  const auto select = session.prepare(
      "SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE substr(name, 1, 7) <> 'sqlite_'");
  while (select->step()) {
    names.insert(std::string{select->text(0)} + ": " + std::string{select->text(1)});
  }
  return names;
}

}  // namespace

TEST_CASE("a new registry has every table of the design with all its columns", "[registry]") {
  const RegistryFile file;
  const auto columns = [&](const std::string& table) { return file.columns(table); };
  CHECK(columns("tenants") == "id name status quotas created_at policy");
  CHECK(columns("users") == "id tenant_id email display_name roles status created_at");
  CHECK(columns("connector_definitions") ==
        "id tenant_id connector_name connector_type description metadata status created_at "
        "created_by updated_at");
  CHECK(columns("entity_schemas") ==
        "id tenant_id entity_name entity_version schema_definition description created_at");
  CHECK(columns("field_mappings") ==
        "id tenant_id connection_id connector_id entity_schema_id source_table source_field "
        "source_data_type canonical_entity canonical_field canonical_data_type mapping_type "
        "transformation_rule coercion_function confidence_score validation_status success_rate "
        "avg_processing_time_ms error_count last_validated_at mapping_source version status notes "
        "created_at created_by updated_at updated_by approved_by approved_at version_reason");
  CHECK(columns("mapping_versions") ==
        "field_mapping_id version tenant_id mapping method approved_by approved_at is_active "
        "created_at created_by reason");
  CHECK(columns("mapping_embeddings") ==
        "id tenant_id field_mapping_id embedding_text embedding_vector embedding_model dimensions "
        "metadata created_at");
  CHECK_THAT(columns("mapping_audit_log"),
             ContainsSubstring("field_mapping_id action field_changed old_value new_value "
                               "changed_by change_reason confidence_delta ip_address user_agent "
                               "trace_id created_at"));
  CHECK(columns("mapping_validation_results") ==
        "id tenant_id field_mapping_id validation_type validation_status error_message "
        "sample_input sample_output test_count pass_count fail_count validated_at validated_by");
  CHECK(columns("mv_mapping_lineage_grid") ==
        "id source_system source_table source_field target_entity target_field mapping_type "
        "confidence_score transformation_rule validation_status success_rate "
        "avg_processing_time_ms error_count mapping_source status created_at updated_at "
        "created_by_email updated_by_email tenant_id");
}

TEST_CASE("the schema goes back to nothing and forward to the same again", "[registry][sqlite]") {
  const TemporaryDirectory directory;
  const ManualClock clock;
  const auto session = open_registry_session(directory.path() / "r.db", OpenMode::create);
  const auto up = migrate(*session, clock);
  CHECK(up.from == 0);
  CHECK(up.to == newest_schema_version());
  CHECK(up.applied.size() == migrations().size());
  const auto before = objects(*session);
  CHECK(before.size() > 10);

  const auto down = migrate(*session, clock, 0);
  CHECK(down.to == 0);
  CHECK(objects(*session).size() == 1);  // the table of versions
  CHECK(schema_version(*session) == 0);
  for (int version = 1; version <= newest_schema_version(); ++version) {
    migrate(*session, clock, version);
    CHECK(schema_version(*session) == version);
  }
  CHECK(objects(*session) == before);
  CHECK(migrate(*session, clock).applied.empty());
}

TEST_CASE("proposals are the same after the way back to a row for each field and up again",
          "[registry][sqlite]") {
  const RegistryFile file;
  const mapping::PairProposal before = lead_to_account();
  RunId run;
  {
    Registry registry = file.open();
    run = registry.begin_run({"batch", "", ""});
    registry.store_pair(run, job(0), before, canonical_context());
    registry.record_job(run, job(1));
    mapping::PairProposal empty = before;
    empty.fields.clear();
    registry.store_pair(run, job(2), empty, canonical_context());
  }
  constexpr int row_for_each_field = 4;
  migrate(*file.session(), file.clock, row_for_each_field);
  CHECK(file.value("SELECT group_concat(source_column || ' ' || decision, ', ') FROM "
                   "(SELECT * FROM job_fields ORDER BY job_id, position)") ==
        "Email__c [0], Zzz [], Company [0]");
  CHECK(file.value("SELECT json_extract(candidates, '$[0].target_column') FROM job_fields "
                   "WHERE position = 2") == "name");
  CHECK(file.value("SELECT count(*) FROM pragma_table_info('jobs') WHERE name = 'fields'") == "0");

  migrate(*file.session(), file.clock);
  CHECK(file.value("SELECT count(*) FROM sqlite_schema WHERE name = 'job_fields'") == "0");
  Registry registry = file.open();
  const auto pairs = registry.proposals_of(run);
  REQUIRE(pairs.size() == 2);
  REQUIRE(pairs[0].proposal.fields.size() == before.fields.size());
  for (std::size_t i = 0; i < before.fields.size(); ++i) {
    std::string was;
    std::string is;
    append_json(was, before.fields[i]);
    append_json(is, pairs[0].proposal.fields[i]);
    CHECK(is == was);
  }
  CHECK(pairs[1].proposal.fields.empty());
  CHECK(registry.jobs_of(run)[1].status == JobStatus::queued);
}

TEST_CASE("a newer registry is refused with the way out", "[registry]") {
  const RegistryFile file;
  file.run(
      "INSERT INTO mapctl_schema_version VALUES (99, 'from the future', "
      "'2026-02-02T00:00:00.000Z')");
  const Error opening = error_of([&] { file.open(); });
  CHECK(opening.code() == ErrorCode::configuration);
  CHECK_THAT(opening.what(), ContainsSubstring("99"));
  CHECK_THAT(opening.facts().hint, ContainsSubstring("newer mapctl"));
  CHECK(error_of([&] { migrate(*file.session(), file.clock); }).code() == ErrorCode::configuration);
}

TEST_CASE("an older registry is refused with the command that brings it up to date", "[registry]") {
  const RegistryFile file;
  migrate(*file.session(), file.clock, 1);
  const Error problem = error_of([&] { file.open(); });
  CHECK(problem.code() == ErrorCode::configuration);
  CHECK_THAT(problem.facts().hint, ContainsSubstring("mapctl registry migrate"));
}

TEST_CASE("a file that is missing or holds no registry leads to mapctl init",
          "[registry][sqlite]") {
  const TemporaryDirectory directory;
  const ManualClock clock;
  const auto path = directory.path() / "r.db";
  const Error missing = error_of([&] { open_registry_session(path, OpenMode::read_write); });
  CHECK(missing.code() == ErrorCode::not_found);
  CHECK_THAT(missing.facts().hint, ContainsSubstring("mapctl init"));
  CHECK_FALSE(std::filesystem::exists(path));

  std::ofstream{path};
  const Error empty = error_of([&] {
    Registry{open_registry_session(path, OpenMode::read_write), clock, {}};
  });
  CHECK(empty.code() == ErrorCode::not_found);
  CHECK_THAT(empty.facts().hint, ContainsSubstring("mapctl init"));
}

TEST_CASE("somebody else's database is not turned into a registry", "[registry][sqlite]") {
  const TemporaryDirectory directory;
  const ManualClock clock;
  const auto path = directory.path() / "theirs.db";
  const auto session = open_registry_session(path, OpenMode::create);
  session->execute("CREATE TABLE Invoice (id INTEGER)");
  CHECK(error_of([&] { initialise(*session, clock); }).code() == ErrorCode::configuration);
  CHECK(objects(*session).size() == 1);
}

TEST_CASE("a schema version that does not exist is refused", "[registry]") {
  const RegistryFile file;
  CHECK(error_of([&] { migrate(*file.session(), file.clock, -1); }).code() ==
        ErrorCode::configuration);
  CHECK(error_of([&] { migrate(*file.session(), file.clock, 1000); }).code() ==
        ErrorCode::configuration);
}

TEST_CASE("many may make the same registry at once", "[registry][sqlite]") {
  const TemporaryDirectory directory;
  const ManualClock clock;
  const auto path = directory.path() / "deep" / "er" / "r.db";
  std::vector<std::string> problems(6);
  {
    std::vector<std::jthread> threads;
    for (std::string& problem : problems) {
      threads.emplace_back([&] {
        try {
          initialise(*open_registry_session(path, OpenMode::create), clock);
        } catch (const std::exception& error) {
          problem = error.what();
        }
      });
    }
  }
  for (const std::string& problem : problems) {
    CHECK(problem.empty());
  }
  CHECK(list_tenants(*open_registry_session(path, OpenMode::read_only)).size() == 1);
}
