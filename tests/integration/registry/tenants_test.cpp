// SPDX-License-Identifier: Apache-2.0
#include "core/registry/tenants.hpp"

#include "tests/integration/registry/fixture.hpp"

#include <algorithm>

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("no call of one tenant shows or changes anything of another", "[registry]") {
  const RegistryFile file;
  Registry theirs = file.open("other");
  const ProfileName profile{"crm"};
  catalog::Catalog catalog;
  catalog.system = "sqlite";
  const SnapshotRecord snapshot = theirs.store_snapshot(profile, catalog);
  theirs.ensure_entity({mapping::EntityName{"private"}, "1.0.0", "{}", "", false});
  const RunId run = theirs.begin_run({"their batch", "", ""});
  theirs.store_pair(run, job(), lead_to_account(), canonical_context());
  file.run("UPDATE field_mappings SET status = 'active'");
  const std::string before =
      file.value("SELECT group_concat(id || status || version) FROM field_mappings");

  Registry ours = file.open("default");
  CHECK(ours.connectors().empty());
  for (const EntityRecord& entity : ours.entities()) {
    CHECK(entity.shared);
    CHECK(entity.name.text == "account");
  }
  CHECK_FALSE(ours.latest_snapshot(profile));
  CHECK_THROWS_AS(ours.load_snapshot(snapshot.id), Error);
  CHECK(ours.snapshots().empty());
  CHECK(ours.runs().empty());
  CHECK_FALSE(ours.run(run));
  CHECK_FALSE(ours.last_run());
  CHECK_THROWS_AS(ours.reopen_run(run), Error);
  CHECK_THROWS_AS(ours.finish_run(run, RunStatus::failed, {}), Error);
  CHECK_THROWS_AS(ours.record_job(run, job(7)), Error);
  CHECK_THROWS_AS(ours.store_pair(run, job(7), lead_to_account(), canonical_context()), Error);
  CHECK_THROWS_AS(ours.jobs_of(run), Error);
  CHECK_THROWS_AS(ours.done_jobs(run), Error);
  CHECK_THROWS_AS(ours.proposals_of(run), Error);
  CHECK_THROWS_AS(ours.for_each_pair(run, [](StoredPair&&) {}), Error);
  CHECK_THROWS_AS(ours.pair(run, 0), Error);
  CHECK(all_mappings(ours).empty());
  MappingFilter filter;
  filter.connector = mapping::ConnectorName{"crm"};
  filter.status = mapping::MappingStatus::active;
  CHECK(all_mappings(ours, filter).empty());
  CHECK(ours.lookup(mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"}).empty());
  CHECK(ours.lookup(mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"},
                    mapping::FieldPath{"Email__c"})
            .empty());
  const RegistryStatus status = ours.status();
  CHECK(status.connectors == 0);
  CHECK(status.entities == 1);  // the shared one
  CHECK(status.snapshots == 0);
  CHECK(status.runs == 0);
  CHECK(status.mappings == 0);
  CHECK(status.audit_rows == 0);

  // The same things under the same names are other rows with other ids.
  ours.ensure_connector({mapping::ConnectorName{"crm"}, "file", "", ""});
  ours.ensure_entity({mapping::EntityName{"private"}, "1.0.0", R"({"ours":1})", "", false});
  const SnapshotRecord own = ours.store_snapshot(profile, catalog);
  CHECK(own.id != snapshot.id);
  ours.save_proposals({"ours", "", ""}, "crm", "canonical", {lead_to_account()},
                      {canonical_context()});
  for (const auto& mapping : all_mappings(ours)) {
    CHECK(mapping.status == mapping::MappingStatus::pending_review);
    CHECK(mapping.id == mapping::mapping_id(TenantName{"default"}, mapping.key));
  }
  CHECK(theirs.connectors().at(0).type == "database");
  CHECK(theirs.runs().size() == 1);
  CHECK(theirs.snapshots().size() == 1);
  for (const auto& entity : theirs.entities()) {
    CHECK(entity.definition != R"({"ours":1})");
  }
  CHECK(file.value("SELECT group_concat(id || status || version) FROM field_mappings "
                   "WHERE status = 'active'") == before);
  // Each tenant's audit trail counts from 1.
  CHECK(file.value("SELECT group_concat(n) FROM (SELECT count(*) || '/' || max(position) AS n "
                   "FROM mapping_audit_log GROUP BY tenant_id) AS tenants") == "2/2,2/2");
}

TEST_CASE("tenants are listed by name and a name is taken once", "[registry]") {
  const RegistryFile file;
  const auto session = file.session();
  add_tenant(*session, file.clock, TenantName{"acme'; --"});
  const auto tenants = list_tenants(*session);
  REQUIRE(tenants.size() == 3);
  CHECK(tenants[0].name.text == "acme'; --");
  CHECK(tenants[0].status == "active");
  CHECK(error_of([&] { add_tenant(*session, file.clock, TenantName{"other"}); }).code() ==
        ErrorCode::already_exists);
  CHECK(error_of([&] { add_tenant(*session, file.clock, TenantName{"  "}); }).code() ==
        ErrorCode::configuration);
  CHECK(error_of([&] {
          add_tenant(*session, file.clock, TenantName{std::string("a\0b", 3)});
        }).code() == ErrorCode::invalid_data);
}

TEST_CASE("an unknown tenant is refused with the nearest one", "[registry]") {
  const RegistryFile file;
  const Error problem = error_of([&] { file.open("defualt"); });
  CHECK(problem.code() == ErrorCode::not_found);
  CHECK_THAT(problem.what(), ContainsSubstring("'defualt'"));
  CHECK_THAT(problem.facts().hint, ContainsSubstring("default"));
}

TEST_CASE("the hint for an unknown tenant names those only that the user may see", "[registry]") {
  const RegistryFile file;
  add_tenant(*file.session(), file.clock, TenantName{"acme"});
  const auto hint = [&](const char* user, const char* tenant) {
    const Error problem = error_of([&] { file.open_as(user, tenant); });
    CHECK(problem.code() == ErrorCode::not_found);
    return problem.facts().hint;
  };
  // Nobody has a role yet: everybody runs the registry.
  CHECK(hint("eve", "nope") == "known names: acme, default, other");
  {
    Registry acme = file.open_as("ada", "acme");
    add_user(acme, UserName{"eve"}, Role::viewer);
    add_user(acme, UserName{"gone"}, Role::viewer);
    erase_user(acme, UserName{"gone"});
  }
  CHECK(hint("eve", "nope") == "known names: acme, default");
  CHECK(hint("eve", "othr") == "known names: acme, default");
  CHECK(hint("eve", "acmee") == "did you mean 'acme'?");
  {
    Registry ours = file.open_as("ada");
    add_user(ours, UserName{"vic"}, Role::viewer);
  }
  CHECK(hint("eve", "nope") == "known names: acme");
  CHECK(hint("vic", "nope") == "known names: default");
  CHECK(hint("ada", "nope") == "known names: acme, default, other");  // admin of default
  CHECK(hint("gone", "nope") == "known names: other");                // open to everybody
  {
    Registry other = file.open_as("ada", "other");
    add_user(other, UserName{"vic"}, Role::viewer);
  }
  CHECK(hint("gone", "nope") == "ask an admin for the name of your tenant");
}

TEST_CASE("hostile names of tenants and users are kept as they are, or refused", "[registry]") {
  const RegistryFile file;
  for (const std::string& name :
       {std::string{"x'; DROP TABLE tenants; --"}, std::string{"\"quoted\" \\ $1 ?1 :a %_*"},
        std::string{"Größe 项目 🙂"}, std::string{"tab\tand\nline"}, std::string{"*"}}) {
    CAPTURE(name);
    add_tenant(*file.session(), file.clock, TenantName{name});
    Registry registry = file.open_as(name, name);
    set_flag(registry, "use_llm", "true");
    REQUIRE(flags(registry).size() == 1);
    CHECK(flags(registry)[0].updated_by == name);
    registry.store_pair(registry.begin_run({name, "", ""}), job(), lead_to_account(),
                        canonical_context(name, name));
    CHECK(all_mappings(registry).size() == 2);
    CHECK(all_mappings(registry)[0].key.connector.text == name);
  }
  const auto known = list_tenants(*file.session());
  CHECK(std::count_if(known.begin(), known.end(), [](const TenantRecord& tenant) {
          return tenant.name.text == "x'; DROP TABLE tenants; --";
        }) == 1);
  for (const std::string& name : {std::string("a\0b", 3), std::string{"\xff"}, std::string{" "}}) {
    const ErrorCode code =
        error_of([&] { add_tenant(*file.session(), file.clock, TenantName{name}); }).code();
    CHECK((code == ErrorCode::invalid_data || code == ErrorCode::configuration));
  }
  // A server's index holds only so much of a name; a file keeps it.
  const std::string long_name(1 << 20, 't');
  try {
    add_tenant(*file.session(), file.clock, TenantName{long_name});
    CHECK(file.open("default").actor().tenant.text == "default");
    CHECK(file.open(long_name).actor().tenant.text == long_name);
  } catch (const Error& problem) {
    CHECK(problem.code() == ErrorCode::resource_limit);
    CHECK_FALSE(problem.facts().hint.empty());
  }
  Registry registry = file.open();
  CHECK(list_tenants(*file.session()).size() >= 7);
  CHECK(all_mappings(registry).empty());
}
