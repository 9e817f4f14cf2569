// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.hpp"
#include "tests/integration/registry/fixture.hpp"

#include <nlohmann/json.hpp>

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a proposal reads back with all its evidence", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const RunId run = registry.begin_run({"batch", "", ""});
  const mapping::PairProposal before = lead_to_account();
  registry.store_pair(run, job(), before, canonical_context());

  const auto stored = registry.proposals_of(run);
  REQUIRE(stored.size() == 1);
  const mapping::PairProposal& after = stored[0].proposal;
  CHECK(after.source_table == before.source_table);
  CHECK(after.target_table == before.target_table);
  CHECK(after.confidence == before.confidence);
  CHECK(after.evidence == before.evidence);
  REQUIRE(after.unmapped_targets.size() == 2);
  CHECK(after.unmapped_targets[0].column.text == "account_id");
  CHECK(after.unmapped_targets[0].required);
  REQUIRE(after.fields.size() == before.fields.size());
  for (std::size_t i = 0; i < after.fields.size(); ++i) {
    CHECK(after.fields[i].source_column == before.fields[i].source_column);
    CHECK(after.fields[i].decision == before.fields[i].decision);
    CHECK(after.fields[i].confidence == before.fields[i].confidence);
    REQUIRE(after.fields[i].candidates.size() == before.fields[i].candidates.size());
    for (std::size_t c = 0; c < after.fields[i].candidates.size(); ++c) {
      CHECK(after.fields[i].candidates[c].target_column ==
            before.fields[i].candidates[c].target_column);
      CHECK(after.fields[i].candidates[c].score == before.fields[i].candidates[c].score);
      CHECK(after.fields[i].candidates[c].evidence == before.fields[i].candidates[c].evidence);
    }
  }
}

TEST_CASE("pairs are visited by their place in the plan", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const RunId run = registry.begin_run({"batch", "", ""});
  for (const std::int64_t position : {2, 0, 1}) {
    registry.store_pair(run, job(position), lead_to_account(), canonical_context());
  }
  std::vector<std::int64_t> order;
  registry.for_each_pair(run, [&](StoredPair&& pair) { order.push_back(pair.job.position); });
  CHECK(order == std::vector<std::int64_t>{0, 1, 2});

  registry.record_job(run, job(3));
  const auto second = registry.pair(run, 1);
  REQUIRE(second);
  CHECK(second->job.position == 1);
  CHECK(second->proposal.fields.size() == 3);
  CHECK(second->proposal.fields[0].candidates[0].evidence[0].signal == "name");
  const auto queued = registry.pair(run, 3);
  REQUIRE(queued);
  CHECK(queued->job.status == JobStatus::queued);
  CHECK(queued->proposal.fields.empty());
  CHECK_FALSE(registry.pair(run, 99));
}

TEST_CASE("each decided field becomes a mapping for review with version and audit row",
          "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const RunId run = registry.begin_run({"batch", "", ""});
  catalog::Table lead;
  catalog::Column email;
  email.name = catalog::ColumnName{"Email__c"};
  email.type.native = "VARCHAR(80)";
  lead.columns = {email};
  PairContext context = canonical_context();
  context.source = &lead;
  const StoreCounts counts = registry.store_pair(run, job(), lead_to_account(), context);
  CHECK(counts == StoreCounts{2, 0, 0, 0});

  const auto mappings = all_mappings(registry);
  REQUIRE(mappings.size() == 2);
  const mapping::FieldMapping& first = mappings[1];
  CHECK(first.key.connector.text == "crm");
  CHECK(first.key.source_table.text == "Lead");
  CHECK(first.key.source_field.text == "Email__c");
  CHECK(first.key.entity.text == "account");
  CHECK(first.key.field.text == "email");
  CHECK(first.id == mapping::mapping_id(TenantName{"default"}, first.key));
  CHECK(first.source_data_type == "VARCHAR(80)");
  CHECK(first.confidence == 0.9);
  CHECK(first.status == mapping::MappingStatus::pending_review);
  CHECK(first.source == mapping::MappingSource::auto_detected);
  CHECK(first.version == 1);
  CHECK(first.created_by == "ada");
  CHECK(first.created_at == "2026-02-02T02:40:00.000Z");

  CHECK(file.value("SELECT count(*) FROM mapping_history WHERE version = 1 AND is_active") == "2");
  CHECK(file.value("SELECT group_concat(position || action, ' ') FROM (SELECT position, action "
                   "FROM mapping_audit_log ORDER BY position) AS rows_in_order") ==
        "1created 2created");
  CHECK(file.value("SELECT count(DISTINCT id) FROM mapping_audit_log") == "2");
  CHECK(file.value("SELECT trace_id FROM mapping_audit_log") == run.text);
  CHECK(file.value("SELECT count(*) FROM mapping_audit_log WHERE NOT json_valid(new_value)") ==
        "0");
  file.refresh_lineage();
  CHECK(file.value("SELECT created_by_email FROM mv_mapping_lineage_grid") == "ada");
}

TEST_CASE("the same proposal again changes nothing, another one makes a new version",
          "[registry]") {
  RegistryFile file;
  Registry registry = file.open();
  const RunId first = registry.begin_run({"batch", "", ""});
  registry.store_pair(first, job(), lead_to_account(), canonical_context());
  const RunId second = registry.begin_run({"batch", "", ""});
  CHECK(registry.store_pair(second, job(), lead_to_account(), canonical_context()) ==
        StoreCounts{0, 0, 2, 0});
  CHECK(file.value("SELECT count(*) FROM mapping_audit_log") == "2");

  file.clock.milliseconds += 1000;
  auto changed = lead_to_account();
  changed.fields[0].candidates[0].confidence = 0.625;
  changed.fields[0].candidates[0].mapping_type = mapping::MappingType::transformed;
  changed.fields[0].candidates[0].transformation.steps = {{mapping::TransformationKind::trim, {}}};
  CHECK(registry.store_pair(second, job(), changed, canonical_context()) ==
        StoreCounts{0, 1, 1, 0});
  const auto mapping = all_mappings(registry)[1];
  CHECK(mapping.version == 2);
  CHECK(mapping.confidence == 0.625);
  CHECK(mapping.mapping_type == mapping::MappingType::transformed);
  CHECK(mapping.transformation == changed.fields[0].candidates[0].transformation);
  CHECK(mapping.created_at == "2026-02-02T02:40:00.000Z");
  CHECK(mapping.updated_at == "2026-02-02T02:40:01.000Z");
  CHECK(file.value("SELECT group_concat(version || ':' || CASE WHEN is_active THEN 1 ELSE 0 END, ' "
                   "') FROM (SELECT version, "
                   "is_active FROM mapping_history WHERE field_mapping_id = '" +
                   mapping.id.text + "' ORDER BY version) AS versions") == "1:0 2:1");
  CHECK(file.value("SELECT count(*) FROM mapping_versions") == "1");
  const Json kept = parse_json(file.value("SELECT mapping FROM mapping_versions"), "a version");
  CHECK(kept.at("id") == mapping.id.text);
  CHECK(kept.at("canonical_field") == "email");
  CHECK(kept.at("mapping_type") == "direct");
  CHECK(kept.at("transformation_rule").is_null());
  CHECK(kept.at("version") == 1);
  CHECK(kept.at("status") == "pending_review");
  CHECK(kept.at("updated_at") == "2026-02-02T02:40:00.000Z");
  CHECK(kept.size() == 27);  // every column of the row but the tenant and the version's own
  CHECK(file.value("SELECT reason FROM mapping_versions") == "proposed by a run");
  CHECK(file.value("SELECT created_at FROM mapping_versions") == "2026-02-02T02:40:00.000Z");
  CHECK(file.value("SELECT field_changed FROM mapping_audit_log WHERE position = 3") ==
        "mapping_type,transformation_rule,confidence_score");
  CHECK(file.value("SELECT json_extract(old_value, '$.confidence_score') || '>' || "
                   "json_extract(new_value, '$.confidence_score') FROM mapping_audit_log "
                   "WHERE position = 3") == "0.9>0.625");
  CHECK(file.value("SELECT round(confidence_delta, 6) FROM mapping_audit_log "
                   "WHERE position = 3") == "-0.275");
}

TEST_CASE("a kept version has every bit of its numbers and the rule as JSON", "[registry]") {
  RegistryFile file;
  Registry registry = file.open();
  const RunId run = registry.begin_run({"batch", "", ""});
  auto pair = lead_to_account();
  mapping::Candidate& best = pair.fields[0].candidates[0];
  best.transformation.steps = {{mapping::TransformationKind::trim, {}}};
  const std::vector<double> confidences{1.0 / 3, 0.1 + 0.2, 1e-9 / 7, 1, 0, 0.99999999999999989};
  for (const double confidence : confidences) {
    best.confidence = confidence;
    registry.store_pair(run, job(), pair, canonical_context());
  }
  for (std::size_t i = 0; i + 1 < confidences.size(); ++i) {
    const Json kept = parse_json(
        file.value("SELECT mapping FROM mapping_versions WHERE version = " + std::to_string(i + 1)),
        "a version");
    CHECK(kept.at("confidence_score").get<double>() == confidences[i]);
    CHECK(kept.at("transformation_rule").is_object());
  }
}

TEST_CASE("what people decided is not overwritten by a proposal", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const RunId run = registry.begin_run({"batch", "", ""});
  registry.store_pair(run, job(), lead_to_account(), canonical_context());
  auto changed = lead_to_account();
  for (auto& field : changed.fields) {
    field.candidates[0].confidence = 0.5;
  }
  for (const std::string status : {"active", "rejected", "deprecated"}) {
    file.run("UPDATE field_mappings SET status = '" + status + "'");
    CHECK(registry.store_pair(run, job(), changed, canonical_context()).kept == 2);
    for (const auto& mapping : all_mappings(registry)) {
      CHECK(to_string(mapping.status) == status);
      CHECK(mapping.version == 1);
      CHECK(mapping.confidence > 0.75);
    }
  }
}

TEST_CASE("a pair is stored whole or not at all", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const RunId run = registry.begin_run({"batch", "", ""});
  // The second audit row of the pair meets it.
  file.run("CREATE UNIQUE INDEX fail ON mapping_audit_log (tenant_id, action)");
  CHECK_THROWS_AS(registry.store_pair(run, job(), lead_to_account(), canonical_context()), Error);
  for (const std::string table : {"jobs", "field_mappings", "mapping_versions", "mapping_audit_log",
                                  "connector_definitions", "entity_schemas"}) {
    CHECK(file.value("SELECT count(*) FROM " + table) == "0");
  }
  file.run("DROP INDEX fail");
  // What the failed transaction made is not taken for there.
  CHECK(registry.store_pair(run, job(), lead_to_account(), canonical_context()).created == 2);
}

TEST_CASE("one source field may be decided for several targets", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const RunId run = registry.begin_run({"batch", "", ""});
  auto pair = lead_to_account();
  pair.fields[0].decision = {1, 0};
  CHECK(registry.store_pair(run, job(), pair, canonical_context()).created == 3);
  CHECK(registry.proposals_of(run)[0].proposal.fields[0].decision ==
        std::vector<std::size_t>{1, 0});
}

TEST_CASE("a target that is not canonical becomes an entity of the tenant", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  catalog::Table target;
  catalog::Column email;
  email.name = catalog::ColumnName{"email"};
  email.type.native = "TEXT";
  email.required = true;
  target.columns = {email};
  PairContext context = canonical_context("crm", "erp.sales.account");
  context.canonical = false;
  context.target = &target;
  const RunId run = registry.begin_run({"batch", "", ""});
  registry.store_pair(run, job(), lead_to_account(), context);
  const auto entities = registry.entities();
  REQUIRE(entities.size() == 1);
  CHECK(entities[0].name.text == "erp.sales.account");
  CHECK_FALSE(entities[0].shared);
  CHECK_THAT(entities[0].definition,
             ContainsSubstring(R"({"name":"email","type":"TEXT","required":true})"));
}

TEST_CASE("saved proposals are a run that is done", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  StoreCounts counts;
  const RunId run = registry.save_proposals(
      {"propose", "", ""}, "crm", "canonical", {lead_to_account(), lead_to_account()},
      {canonical_context(), canonical_context("other_crm")}, &counts);
  CHECK(counts.created == 4);
  const auto record = registry.run(run);
  REQUIRE(record);
  CHECK(record->status == RunStatus::done);
  CHECK(record->totals.jobs == 2);
  CHECK(record->totals.mapped == 4);
  CHECK(registry.proposals_of(run).size() == 2);
  CHECK(registry.jobs_of(run)[1].source_endpoint == "crm");
}

TEST_CASE("hostile names are kept as they are or refused with a reason", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const RunId run = registry.begin_run({"'; DROP TABLE batches; --", "", ""});
  CHECK(registry.run(run)->name == "'; DROP TABLE batches; --");
  std::int64_t position = 0;
  for (const std::string& name :
       {std::string{"x'; DROP TABLE jobs; --"}, std::string{"\"quoted\" \\ $1 ?1 :a @b"},
        std::string{"Größe 项目 🙂"}, std::string(1 << 20, 'y'),
        std::string{"tab\tand\nline"}}) {
    auto pair = lead_to_account();
    pair.source_table = table(name);
    pair.fields[0].source_column = catalog::ColumnName{name};
    pair.fields[0].candidates[0].target_column = catalog::ColumnName{name};
    pair.fields[0].candidates[0].evidence[0].detail = name;
    try {
      registry.store_pair(run, job(position), pair, canonical_context());
    } catch (const Error& problem) {
      // A server's indexes hold only so much of a name.
      CHECK(name.size() > 2000);
      CHECK(problem.code() == ErrorCode::resource_limit);
      CHECK_FALSE(problem.facts().hint.empty());
      continue;
    }
    const auto stored = registry.proposals_of(run).at(static_cast<std::size_t>(position));
    CHECK(stored.proposal.source_table == pair.source_table);
    CHECK(stored.proposal.fields[0].source_column == pair.fields[0].source_column);
    CHECK(stored.proposal.fields[0].candidates[0].evidence ==
          pair.fields[0].candidates[0].evidence);
    MappingFilter filter;
    filter.source_table = pair.source_table.table;
    CHECK(all_mappings(registry, filter).size() == 2);
    ++position;
  }
  for (const std::string& name : {std::string("a\0b", 3), std::string{"\xff\xfe"}}) {
    auto pair = lead_to_account();
    pair.fields[0].source_column = catalog::ColumnName{name};
    const Error problem =
        error_of([&] { registry.store_pair(run, job(position), pair, canonical_context()); });
    CHECK(problem.code() == ErrorCode::invalid_data);
    CHECK_THAT(problem.what(), ContainsSubstring("source column"));
    CHECK_FALSE(problem.facts().hint.empty());
  }
}
