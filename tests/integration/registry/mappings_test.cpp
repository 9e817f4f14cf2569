// SPDX-License-Identifier: Apache-2.0
#include "core/registry/changes.hpp"
#include "core/registry/mapping_snapshot.hpp"
#include "core/registry/migrations.hpp"
#include "tests/integration/registry/fixture.hpp"

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;
using mapping::ConnectorName;
using mapping::FieldPath;

namespace {

const catalog::TableName lead{"Lead"};

RegistryFile& with_mappings(RegistryFile& file) {
  Registry registry = file.open();
  const RunId run = registry.begin_run({"batch", "", ""});
  registry.store_pair(run, job(0), lead_to_account(), canonical_context());
  registry.store_pair(run, job(1), lead_to_account(), canonical_context("billing", "customer"));
  return file;
}

}  // namespace

TEST_CASE("a look-up answers from active mappings only", "[registry]") {
  RegistryFile file;
  with_mappings(file);
  Registry registry = file.open();
  CHECK(registry.lookup(ConnectorName{"crm"}, lead).empty());
  file.run("UPDATE field_mappings SET status = 'active'");

  const auto whole = registry.lookup(ConnectorName{"crm"}, lead);
  REQUIRE(whole.size() == 2);
  CHECK(whole[0].key.source_field.text == "Company");
  CHECK(whole[1].key.source_field.text == "Email__c");
  const auto one = registry.lookup(ConnectorName{"crm"}, lead, FieldPath{"Email__c"});
  REQUIRE(one.size() == 1);
  CHECK(one[0].key.field.text == "email");
  CHECK(one[0].status == mapping::MappingStatus::active);
  CHECK(registry.lookup(ConnectorName{"crm"}, lead, FieldPath{"email__c"}).empty());
  CHECK(registry.lookup(ConnectorName{"nobody"}, lead).empty());
  CHECK(registry.lookup(ConnectorName{"crm"}, catalog::TableName{"Le_d"}).empty());
}

TEST_CASE("a snapshot in memory answers as the registry did", "[registry]") {
  RegistryFile file;
  with_mappings(file);
  {
    // Letters that move from one name to the next must not meet.
    Registry registry = file.open();
    Changes changes{registry};
    for (const auto& [table, field] :
         {std::pair{"ab", "c"}, std::pair{"a", "bc"}, std::pair{"a", "b"}}) {
      for (const char* target : {"x", "y"}) {
        NewMapping made;
        made.mapping.key = {mapping::ConnectorName{"crm"}, catalog::TableName{table},
                            mapping::FieldPath{field}, mapping::EntityName{"account"},
                            mapping::FieldPath{target}};
        made.mapping.status = mapping::MappingStatus::active;
        changes.create(made, "made");
      }
    }
    changes.commit();
  }
  file.run("UPDATE field_mappings SET status = 'active' WHERE source_field = 'Company'");
  Registry registry = file.open();
  const MappingSnapshot snapshot{registry};
  std::size_t active = 0;
  registry.for_each_mapping({}, [&](const mapping::FieldMapping& mapping) {
    const mapping::MappingKey& key = mapping.key;
    const auto stored = registry.lookup(key.connector, key.source_table, key.source_field);
    const auto found = snapshot.lookup(key.connector, key.source_table, key.source_field);
    REQUIRE(found.size() == stored.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      CHECK(found[i].key == stored[i].key);
      CHECK(found[i].version == stored[i].version);
    }
    const auto of_table = registry.lookup(key.connector, key.source_table);
    CHECK(snapshot.lookup(key.connector, key.source_table).size() == of_table.size());
    active += mapping.status == mapping::MappingStatus::active ? 1 : 0;
  });
  CHECK(active == 8);
  CHECK(snapshot.size() == active);
  CHECK(snapshot.lookup(mapping::ConnectorName{"erp"}, catalog::TableName{"nothing"}).empty());
  Registry theirs = file.open("other");
  const MappingSnapshot empty{theirs};
  CHECK(empty.size() == 0);
  CHECK(empty.lookup(mapping::ConnectorName{"crm"}, catalog::TableName{"a"}).empty());
}

TEST_CASE("a look-up goes through the key's index", "[registry][sqlite]") {
  const RegistryFile file;
  const auto session = file.session();
  const auto plan = session->prepare(
      "EXPLAIN QUERY PLAN SELECT id FROM field_mappings m WHERE m.tenant_id = $1 AND "
      "m.connector_id = $2 AND m.source_table = $3 AND m.source_field = $4 AND "
      "m.status = 'active' ORDER BY m.canonical_entity, m.canonical_field");
  std::string steps;
  while (plan->step()) {
    steps += std::string{plan->text(3)} + "\n";
  }
  CHECK_THAT(steps, Catch::Matchers::ContainsSubstring("field_mappings_key"));
  CHECK(steps.find("TEMP B-TREE") == steps.npos);
}

TEST_CASE("mappings are filtered by each property and listed in order", "[registry]") {
  RegistryFile file;
  with_mappings(file);
  Registry registry = file.open();
  const auto all = all_mappings(registry);
  REQUIRE(all.size() == 4);
  CHECK(all[0].key.connector.text == "billing");
  CHECK(all[0].key.source_field.text == "Company");
  CHECK(all[3].key.connector.text == "crm");
  CHECK(all[3].key.source_field.text == "Email__c");

  MappingFilter filter;
  filter.connector = ConnectorName{"crm"};
  CHECK(all_mappings(registry, filter).size() == 2);
  filter.min_confidence = 0.85;
  CHECK(all_mappings(registry, filter).size() == 1);
  filter.entity = mapping::EntityName{"customer"};
  CHECK(all_mappings(registry, filter).empty());

  filter = {};
  filter.entity = mapping::EntityName{"customer"};
  CHECK(all_mappings(registry, filter).size() == 2);
  filter.status = mapping::MappingStatus::active;
  CHECK(all_mappings(registry, filter).empty());
  filter = {};
  filter.source_table = catalog::TableName{"Lead"};
  CHECK(registry.for_each_mapping(filter, [](const auto&) {}) == 4);
  filter.source_table = catalog::TableName{"L%"};
  CHECK(all_mappings(registry, filter).empty());
}

TEST_CASE("the visitor of mappings may ask the registry itself", "[registry]") {
  RegistryFile file;
  with_mappings(file);
  file.run("UPDATE field_mappings SET status = 'active'");
  Registry registry = file.open();
  std::size_t found = 0;
  const auto visited = registry.for_each_mapping({}, [&](const mapping::FieldMapping& mapping) {
    found +=
        registry.lookup(mapping.key.connector, mapping.key.source_table, mapping.key.source_field)
            .size();
  });
  CHECK(visited == 4);
  CHECK(found == 4);
}

TEST_CASE("the status counts what the tenant has", "[registry]") {
  RegistryFile file;
  with_mappings(file);
  file.run("UPDATE field_mappings SET status = 'rejected' WHERE source_field = 'Company'");
  Registry registry = file.open();
  const RegistryStatus status = registry.status();
  CHECK(status.schema_version == newest_schema_version());
  CHECK(status.connectors == 2);
  CHECK(status.entities == 2);
  CHECK(status.runs == 1);
  CHECK(status.mappings == 4);
  CHECK(status.audit_rows == 4);
  REQUIRE(status.by_status.size() == 4);
  CHECK(status.by_status[2].status == mapping::MappingStatus::pending_review);
  CHECK(status.by_status[2].count == 2);
  CHECK(status.by_status[3].count == 2);
  CHECK(status.size_bytes >= 4096);
}

TEST_CASE("connectors and entities are made once and described", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  registry.ensure_connector({ConnectorName{"crm"}, "rest_api", "the CRM", ""});
  registry.ensure_connector({ConnectorName{"crm"}, "rest_api", "again", ""});
  const auto connectors = registry.connectors();
  REQUIRE(connectors.size() == 1);
  CHECK(connectors[0].type == "rest_api");
  CHECK(connectors[0].description == "the CRM");
  CHECK(connectors[0].status == "active");

  const EntityRecord account{mapping::EntityName{"account"}, "1.0.0", R"({"a":1})", "", true};
  registry.ensure_entity(account);
  registry.ensure_entity(account);
  CHECK(registry.entities().size() == 1);
  EntityRecord changed = account;
  changed.definition = R"({"a":2})";
  const Error problem = error_of([&] { registry.ensure_entity(changed); });
  CHECK(problem.code() == ErrorCode::conflict);
  changed.version = "1.1.0";
  registry.ensure_entity(changed);
  CHECK(registry.entities().size() == 2);

  EntityRecord own{mapping::EntityName{"mine"}, "1.0.0", "{}", "", false};
  registry.ensure_entity(own);
  own.definition = R"({"b":1})";
  registry.ensure_entity(own);
  CHECK(registry.entities().back().definition == R"({"b":1})");
}

TEST_CASE("a definition takes the place of one that was derived from a target", "[registry]") {
  RegistryFile file;
  with_mappings(file);
  Registry registry = file.open();
  registry.ensure_entity({mapping::EntityName{"account"}, "1.0.0", R"({"fields":[]})", "", true});
  CHECK(registry.entities()[0].definition == R"({"fields":[]})");
}
