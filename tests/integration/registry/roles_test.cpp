// SPDX-License-Identifier: Apache-2.0
#include "core/registry/audit.hpp"
#include "core/registry/changes.hpp"
#include "core/registry/history.hpp"
#include "core/registry/tenants.hpp"
#include "tests/integration/registry/fixture.hpp"

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;
using Catch::Matchers::ContainsSubstring;
using mapping::MappingStatus;

namespace {

// ada is the admin; vic, ann and abe have the other roles.
void close_registry(const RegistryFile& file) {
  Registry registry = file.open();
  add_user(registry, UserName{"vic"}, Role::viewer);
  add_user(registry, UserName{"ann"}, Role::analyst);
  add_user(registry, UserName{"abe"}, Role::approver);
}

void propose(Registry& registry, double confidence = 0.9) {
  auto pair = lead_to_account();
  pair.fields[0].candidates[0].confidence = confidence;
  registry.save_proposals({"r", "", ""}, "crm", "canonical", {pair}, {canonical_context()});
}

mapping::MappingId email_mapping(Registry& registry) {
  return mappings_of(registry, mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"},
                     mapping::FieldPath{"Email__c"})
      .at(0)
      .id;
}

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
    return ErrorCode::internal;
  } catch (const Error& problem) {
    return problem.code();
  }
}

}  // namespace

TEST_CASE("a tenant without roles is open, and the first role given closes it", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  CHECK(registry.role() == Role::admin);
  add_user(registry, UserName{"bob"}, Role::viewer);
  const auto all = users(registry);
  REQUIRE(all.size() == 2);
  CHECK(all[0].name.text == "ada");
  CHECK(all[0].role == Role::admin);
  CHECK(all[1].role == Role::viewer);
  const Error problem = error_of([&] { file.open_as("mallory"); });
  CHECK(problem.code() == ErrorCode::denied);
  CHECK_THAT(problem.what(), ContainsSubstring("'mallory'"));
  CHECK(error_of([&] { add_user(registry, UserName{"ada"}, Role::viewer); }).code() ==
        ErrorCode::conflict);
  CHECK(file.open("other").role() == Role::admin);  // open still
}

TEST_CASE("each role may do what it says and no more", "[registry]") {
  const RegistryFile file;
  close_registry(file);
  {
    Registry ann = file.open_as("ann");
    propose(ann);
    const auto id = email_mapping(ann);
    Changes changes{ann};
    CHECK(code_of([&] { changes.approve({id, 0}); }) == ErrorCode::denied);
    CHECK(code_of([&] { changes.reject({id, 0}, "no"); }) == ErrorCode::denied);
    CHECK(code_of([&] { changes.deprecate({id, 0}, "no"); }) == ErrorCode::denied);
    CHECK(code_of([&] { changes.roll_back({id, 0}, 1, "no"); }) == ErrorCode::denied);
    CHECK(code_of([&] {
            changes.set_not_used(mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"},
                                 mapping::FieldPath{"Zzz"}, "no");
          }) == ErrorCode::denied);
    MappingEdit edit;
    edit.notes = "mine";
    CHECK(changes.edit({id, 0}, edit, "may do this"));
    changes.commit();
    CHECK(code_of([&] { Changes{ann, {true, ""}}; }) == ErrorCode::denied);
    CHECK(code_of([&] { set_flag(ann, "use_llm", "true"); }) == ErrorCode::denied);
    CHECK(code_of([&] { set_policy(ann, {true}); }) == ErrorCode::denied);
    CHECK(code_of([&] { set_quotas(ann, {1, 1}); }) == ErrorCode::denied);
    CHECK(code_of([&] { add_user(ann, UserName{"ann"}, Role::admin); }) == ErrorCode::denied);
    CHECK(code_of([&] { add_tenant(ann, TenantName{"new"}); }) == ErrorCode::denied);
    CHECK(code_of([&] { erase_user(ann, UserName{"vic"}); }) == ErrorCode::denied);
    CHECK(code_of([&] { apply_retention(ann, "2100", {}); }) == ErrorCode::denied);
  }
  {
    Registry vic = file.open_as("vic");
    CHECK(all_mappings(vic).size() == 2);
    CHECK(verify_audit(vic).intact());
    CHECK(code_of([&] { propose(vic); }) == ErrorCode::denied);
    CHECK(code_of([&] { vic.begin_run({"r", "", ""}); }) == ErrorCode::denied);
    CHECK(code_of([&] { Changes{vic}; }) == ErrorCode::denied);
    CHECK(code_of([&] {
            vic.ensure_connector({mapping::ConnectorName{"x"}, "file", "", ""});
          }) == ErrorCode::denied);
  }
  Registry abe = file.open_as("abe");
  Changes changes{abe};
  const auto id =
      mapping::MappingId{file.value("SELECT id FROM field_mappings WHERE "
                                    "source_field = 'Email__c'")};
  CHECK(changes.approve({id, 0}));
  changes.commit();
  CHECK(code_of([&] { set_flag(abe, "use_llm", "true"); }) == ErrorCode::denied);
}

TEST_CASE("a role that is taken away is gone for sessions that are open", "[registry]") {
  const RegistryFile file;
  close_registry(file);
  Registry abe = file.open_as("abe");
  propose(abe);
  Registry ada = file.open();
  add_user(ada, UserName{"abe"}, Role::viewer);
  CHECK(code_of([&] { propose(abe); }) == ErrorCode::denied);
}

TEST_CASE("by policy, who proposed a mapping cannot approve it", "[registry]") {
  const RegistryFile file;
  close_registry(file);
  Registry ada = file.open();
  CHECK(set_policy(ada, {true}));
  CHECK_FALSE(set_policy(ada, {true}));
  set_flag(ada, "auto_approve", "0.1");  // the policy wins
  Registry abe = file.open_as("abe");
  propose(abe);
  const auto id = email_mapping(abe);
  {
    Changes changes{abe};
    const Error problem = error_of([&] { changes.approve({id, 0}); });
    CHECK(problem.code() == ErrorCode::denied);
    CHECK_THAT(problem.what(), ContainsSubstring("'abe' proposed"));
    NewMapping made;
    made.mapping.key = {mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"},
                        mapping::FieldPath{"x"}, mapping::EntityName{"account"},
                        mapping::FieldPath{"y"}};
    made.mapping.status = MappingStatus::active;
    CHECK(code_of([&] { changes.create(made, ""); }) == ErrorCode::denied);
    CHECK(code_of([&] { changes.put(made, ""); }) == ErrorCode::denied);
  }
  {
    Changes changes{ada};
    CHECK(changes.approve({id, 0}));
    MappingEdit edit;
    edit.notes = "ada's";
    CHECK(changes.edit({id, 0}, edit, "an edit goes back to review"));
    CHECK(changes.find(id)->status == MappingStatus::pending_review);
    CHECK(code_of([&] { changes.approve({id, 0}); }) == ErrorCode::denied);
    changes.commit();
  }
  Changes changes{abe};
  CHECK(changes.approve({id, 0}));
}

TEST_CASE("proposals become active by themselves where the tenant says so", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  set_flag(registry, "auto_approve", "0.85");
  propose(registry);
  CHECK(file.value("SELECT group_concat(source_field || status, ' ') FROM (SELECT * FROM "
                   "field_mappings ORDER BY source_field) AS mappings") ==
        "Companypending_review Email__cactive");
  CHECK(code_of([&] { set_flag(registry, "auto_approve", "yes"); }) == ErrorCode::usage);
  CHECK(code_of([&] { set_flag(registry, "Bad Name", "1"); }) == ErrorCode::usage);
  CHECK(code_of([&] { set_flag(registry, "canary_percent", "101"); }) == ErrorCode::usage);
  CHECK(unset_flag(registry, "auto_approve"));
  CHECK_FALSE(unset_flag(registry, "auto_approve"));
  CHECK(flags(registry).empty());
}

TEST_CASE("quotas hold for whoever writes", "[registry]") {
  RegistryFile file;
  Registry registry = file.open();
  CHECK(set_quotas(registry, {1, std::nullopt}));
  CHECK(code_of([&] { propose(registry); }) == ErrorCode::resource_limit);
  CHECK(all_mappings(registry).empty());
  set_quotas(registry, {2, 1});
  propose(registry);
  CHECK(quotas(registry).mappings == 2);
  CHECK(code_of([&] { registry.begin_run({"second", "", ""}); }) == ErrorCode::resource_limit);
  file.clock.milliseconds += 25 * 3'600'000;
  CHECK_NOTHROW(registry.begin_run({"next day", "", ""}));
}

TEST_CASE("nothing that governs one tenant reaches another", "[registry]") {
  RegistryFile file;
  mapping::MappingId theirs_id;
  {
    Registry theirs = file.open("other");
    propose(theirs);
    theirs_id = email_mapping(theirs);
    Changes changes{theirs};
    changes.approve({theirs_id, 0});
    changes.commit();
    set_flag(theirs, "use_llm", "true");
    set_policy(theirs, {true});
    set_quotas(theirs, {100, 100});
    add_user(theirs, UserName{"otto"}, Role::approver);
  }
  Registry ours = file.open("default");
  CHECK(flags(ours).empty());
  CHECK_FALSE(flag(ours, "use_llm"));
  CHECK_FALSE(unset_flag(ours, "use_llm"));
  CHECK_FALSE(policy(ours).second_person);
  CHECK_FALSE(quotas(ours).mappings);
  CHECK(users(ours).empty());
  CHECK(code_of([&] { erase_user(ours, UserName{"otto"}); }) == ErrorCode::not_found);
  CHECK(code_of([&] { history(ours, theirs_id); }) == ErrorCode::not_found);
  CHECK(code_of([&] { version_of(ours, theirs_id, 1); }) == ErrorCode::not_found);
  CHECK(mappings_of(ours, mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"},
                    mapping::FieldPath{"Email__c"})
            .empty());
  CHECK(find_conflicts(ours).empty());
  RollbackScope scope;
  scope.mapping = theirs_id;
  RollbackGoal goal;
  goal.version = 1;
  CHECK(code_of([&] { roll_back(ours, scope, goal, "x"); }) == ErrorCode::not_found);
  scope = {};
  goal = {};
  goal.moment = "2000-01-01T00:00:00.000Z";
  CHECK(roll_back(ours, scope, goal, "x").steps.empty());
  CHECK(for_each_audit_row(ours, {}, [](const AuditRow&) {}) == 0);
  AuditFilter filter;
  filter.mapping = theirs_id;
  CHECK(for_each_audit_row(ours, filter, [](const AuditRow&) {}) == 0);
  CHECK(audit_report(ours, {}).empty());
  CHECK(verify_audit(ours).rows == 0);
  CHECK(apply_retention(ours, "2100-01-01T00:00:00.000Z", {}).removed == 0);
  {
    Changes changes{ours};
    const MappingAt at{theirs_id, 0};
    CHECK_FALSE(changes.find(theirs_id));
    CHECK(code_of([&] { changes.approve(at); }) == ErrorCode::not_found);
    CHECK(code_of([&] { changes.reject(at, "x"); }) == ErrorCode::not_found);
    CHECK(code_of([&] { changes.deprecate(at, "x"); }) == ErrorCode::not_found);
    CHECK(code_of([&] { changes.reopen(at, "x"); }) == ErrorCode::not_found);
    CHECK(code_of([&] { changes.edit(at, {}, "x"); }) == ErrorCode::not_found);
    CHECK(code_of([&] { changes.roll_back(at, 1, "x"); }) == ErrorCode::not_found);
    CHECK(code_of([&] {
            changes.retarget(at, mapping::EntityName{"a"}, mapping::FieldPath{"b"}, "x");
          }) == ErrorCode::not_found);
    CHECK_FALSE(changes.clear_not_used(mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"},
                                       mapping::FieldPath{"Zzz"}, "x"));
  }
  CHECK(visible_tenants(ours).size() == 2);
  Registry theirs = file.open("other");
  CHECK(visible_tenants(theirs).size() == 1);
  CHECK(code_of([&] { add_tenant(theirs, TenantName{"third"}); }) == ErrorCode::denied);
  CHECK(verify_audit(theirs).rows > 5);
  CHECK(all_mappings(theirs).size() == 2);
}
