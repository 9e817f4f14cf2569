// SPDX-License-Identifier: Apache-2.0
#include "core/registry/history.hpp"

#include "core/registry/audit.hpp"
#include "core/registry/changes.hpp"
#include "core/registry/tenants.hpp"
#include "tests/integration/registry/fixture.hpp"

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;
using mapping::MappingStatus;

namespace {

mapping::MappingId create(Changes& changes, const std::string& field, const std::string& target,
                          const std::string& connector = "crm",
                          const mapping::Transformation& transformation = {}) {
  NewMapping made;
  made.mapping.key = {mapping::ConnectorName{connector}, catalog::TableName{"Lead"},
                      mapping::FieldPath{field}, mapping::EntityName{"account"},
                      mapping::FieldPath{target}};
  made.mapping.transformation = transformation;
  made.mapping.mapping_type = mapping::mapping_type_of(transformation);
  return changes.create(made, "by hand");
}

void note(Registry& registry, const mapping::MappingId& id, const std::string& text) {
  Changes changes{registry};
  MappingEdit edit;
  edit.notes = text;
  changes.edit({id, 0}, edit, "noted");
  changes.commit();
}

}  // namespace

TEST_CASE("a mapping is named by the first characters of its id, within its tenant", "[registry]") {
  RegistryFile file;
  Registry registry = file.open();
  Changes changes{registry};
  const auto id = create(changes, "Email__c", "email");
  create(changes, "Phone", "phone");
  changes.commit();
  CHECK(mapping_named(registry, id.text) == id);
  CHECK(mapping_named(registry, id.text.substr(0, 8)) == id);
  CHECK(mapping_named(registry, id.text.substr(0, 30)) == id);
  const std::string short_id = id.text.substr(0, 8);
  Registry other = file.open("other");
  for (const std::string& text : {std::string{"______"}, std::string{"%%%%%%"}, std::string{},
                                  short_id.substr(0, 5), "'" + short_id, short_id + "' --"}) {
    CAPTURE(text);
    CHECK(error_of([&] { mapping_named(registry, text); }).code() == ErrorCode::not_found);
  }
  CHECK(error_of([&] { mapping_named(other, short_id); }).code() == ErrorCode::not_found);
}

TEST_CASE("a connector goes back to a moment, and comes forward again", "[registry]") {
  RegistryFile file;
  Registry registry = file.open();
  mapping::MappingId email, other;
  {
    Changes changes{registry};
    email = create(changes, "Email__c", "email");
    other = create(changes, "Mail", "email", "erp");
    changes.approve({email, 0});
    changes.commit();
  }
  const std::string moment = to_iso8601(file.clock.now());
  file.clock.milliseconds += 1000;
  note(registry, email, "wrong");
  note(registry, other, "kept");
  mapping::MappingId later;
  {
    Changes changes{registry};
    later = create(changes, "Phone", "phone");
    changes.commit();
  }
  file.clock.milliseconds += 1000;
  RollbackScope scope;
  scope.connector = mapping::ConnectorName{"crm"};
  RollbackGoal goal;
  goal.moment = moment;
  const RollbackResult dry = roll_back(registry, scope, goal, "a bad day", true);
  CHECK(dry.steps.size() == 2);
  CHECK(history(registry, email).size() == 3);
  const RollbackResult done = roll_back(registry, scope, goal, "a bad day");
  CHECK(done.steps.size() == 2);
  const auto versions = history(registry, email);
  REQUIRE(versions.size() == 4);
  CHECK(versions.back().mapping.notes.empty());
  CHECK(versions.back().mapping.status == MappingStatus::active);
  CHECK(versions.back().reason == "a bad day");
  CHECK(history(registry, later).back().mapping.status == MappingStatus::deprecated);
  CHECK(history(registry, other).back().mapping.notes == "kept");

  RollbackGoal forward;
  forward.version = 3;
  RollbackScope one;
  one.mapping = email;
  roll_back(registry, one, forward, "the day was not so bad");
  CHECK(history(registry, email).back().mapping.notes == "wrong");
  const auto changed = differences(versions[2].mapping, versions[3].mapping);
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].field == "notes");
  CHECK(changed[0].before == "wrong");
  CHECK(verify_audit(registry).intact());
  CHECK(error_of([&] { roll_back(registry, one, {}, "x"); }).code() == ErrorCode::usage);
  forward.version = 99;
  CHECK(error_of([&] { roll_back(registry, one, forward, "x"); }).code() == ErrorCode::not_found);
}

TEST_CASE("a tenant goes back to a moment as a whole, and no other tenant with it", "[registry]") {
  RegistryFile file;
  Registry registry = file.open();
  Registry other = file.open("other");
  mapping::MappingId email, name, city, foreign;
  {
    Changes changes{registry};
    email = create(changes, "Email__c", "email");
    name = create(changes, "Name", "name", "erp");
    city = create(changes, "City", "city", "erp");
    changes.approve({email, 0});
    changes.approve({name, 0});
    changes.deprecate({city, 0}, "never filled");
    changes.commit();
  }
  {
    Changes changes{other};
    foreign = create(changes, "Email__c", "email");
    changes.commit();
  }
  const std::string moment = to_iso8601(file.clock.now());
  file.clock.milliseconds += 1;  // as little as a moment can tell
  mapping::MappingId phone;
  {
    Changes changes{registry};
    MappingEdit edit;
    edit.transformation =
        mapping::Transformation{{{mapping::TransformationKind::trim, {}}}, {}, ""};
    edit.confidence = 0.25;
    changes.edit({email, 0}, edit, "tidied");
    changes.reject({name, 0}, "mistaken");
    changes.reopen({city, 0}, "looked at again");
    phone = create(changes, "Phone", "phone");
    changes.approve({phone, 0});
    changes.commit();
  }
  note(other, foreign, "kept");
  file.clock.milliseconds += 1000;
  const auto at = [&](const mapping::MappingId& id) {
    return history(registry, id).back().mapping;
  };
  const std::string audited =
      "SELECT count(*) FROM mapping_audit_log WHERE change_reason = 'a bad day'";

  RollbackGoal goal;
  goal.moment = moment;
  CHECK(roll_back(registry, {}, goal, "a bad day", true).steps.size() == 4);
  CHECK(at(name).status == MappingStatus::rejected);
  CHECK(file.value(audited) == "0");
  const RollbackResult done = roll_back(registry, {}, goal, "a bad day");
  CHECK(done.steps.size() == 4);
  CHECK(done.unchanged == 0);
  CHECK(at(email).transformation == mapping::Transformation{});
  CHECK(at(email).confidence == 1);
  CHECK(at(email).status == MappingStatus::active);
  CHECK(at(name).status == MappingStatus::active);
  CHECK(at(city).status == MappingStatus::deprecated);
  CHECK(at(phone).status == MappingStatus::deprecated);
  CHECK(history(registry, phone).size() == 3);
  const auto served = registry.lookup(mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"});
  REQUIRE(served.size() == 1);
  CHECK(served[0].key.source_field.text == "Email__c");
  CHECK(history(registry, name).back().approved_by == "ada");
  CHECK(history(other, foreign).back().mapping.notes == "kept");
  CHECK(history(other, foreign).size() == 2);

  // Three fields of one, one of each other; what did not exist then says that it is deprecated.
  CHECK(file.value(audited) == "6");
  CHECK(file.value(audited + " AND action = 'rolled_back'") == "5");
  CHECK(file.value(audited + " AND action = 'deprecated' AND field_mapping_id = '" + phone.text +
                   "'") == "1");
  CHECK(file.value(audited + " AND trace_id = 'trace-of-test'") == "6");
  CHECK(file.value(audited + " AND field_changed = 'confidence_score' AND old_value = '0.25'") ==
        "1");
  CHECK(verify_audit(registry).intact());
  CHECK(verify_audit(other).intact());

  // It is there: once more changes nothing.
  const RollbackResult again = roll_back(registry, {}, goal, "a bad day");
  CHECK(again.steps.empty());
  CHECK(again.unchanged == 4);
  CHECK(history(registry, email).size() == 4);
  // Before anything was: nothing is in force.
  goal.moment = "2001-01-01T00:00:00.000Z";
  CHECK(roll_back(registry, {}, goal, "").steps.size() == 2);
  CHECK(registry.lookup(mapping::ConnectorName{"erp"}, catalog::TableName{"Lead"}).empty());
  // And forward again, to a moment after the day.
  goal.moment = moment;
  CHECK(roll_back(registry, {}, goal, "").steps.size() == 2);
  CHECK(at(email).status == MappingStatus::active);
}

TEST_CASE("a mapping goes back to a moment, a connector and a tenant to a version", "[registry]") {
  RegistryFile file;
  Registry registry = file.open();
  mapping::MappingId email, name, title;
  {
    Changes changes{registry};
    email = create(changes, "Email__c", "email");
    name = create(changes, "Name", "name", "erp");
    title = create(changes, "Title", "title", "erp");
    changes.commit();
  }
  std::string moment;
  for (const char* text : {"two", "three"}) {
    file.clock.milliseconds += 1000;
    note(registry, email, text);
    note(registry, name, text);
    moment = moment.empty() ? to_iso8601(file.clock.now()) : moment;
  }
  const auto note_of = [&](const mapping::MappingId& id) {
    return history(registry, id).back().mapping.notes;
  };
  RollbackScope one;
  one.mapping = email;
  RollbackGoal goal;
  goal.moment = moment;
  const RollbackResult moved = roll_back(registry, one, goal, "");
  REQUIRE(moved.steps.size() == 1);
  CHECK(moved.steps[0].to_version == 2);
  CHECK(note_of(email) == "two");
  CHECK(note_of(name) == "three");

  RollbackScope connector;
  connector.connector = mapping::ConnectorName{"erp"};
  RollbackGoal second;
  second.version = 2;
  const RollbackResult of_connector = roll_back(registry, connector, second, "");
  CHECK(of_connector.steps.size() == 1);
  CHECK(of_connector.unchanged == 1);  // that of the title has no second version
  CHECK(note_of(name) == "two");
  CHECK(note_of(email) == "two");

  RollbackGoal first;
  first.version = 1;
  const RollbackResult of_tenant = roll_back(registry, {}, first, "");
  CHECK(of_tenant.steps.size() == 2);
  CHECK(note_of(name).empty());
  CHECK(note_of(email).empty());
  CHECK(history(registry, title).size() == 1);
  CHECK(verify_audit(registry).intact());

  connector.connector = mapping::ConnectorName{"sap"};
  CHECK(error_of([&] { roll_back(registry, connector, first, ""); }).code() ==
        ErrorCode::not_found);
  for (const char* wrong : {"yesterday", "2026-02-02", "2026-02-02T02:40:00+01:00"}) {
    goal.moment = wrong;
    CHECK(error_of([&] { roll_back(registry, {}, goal, ""); }).code() == ErrorCode::usage);
  }
}

TEST_CASE("a roll-back of the tenant that fails leaves everything as it is", "[registry]") {
  RegistryFile file;
  Registry registry = file.open();
  std::vector<mapping::MappingId> ids;
  {
    Changes changes{registry};
    for (const char* field : {"A", "B", "C"}) {
      ids.push_back(create(changes, field, std::string{"to_"} + field));
    }
    changes.commit();
  }
  for (const auto& id : ids) {
    note(registry, id, "second");
  }
  // A version that cannot be read, of the last that comes up.
  file.run("UPDATE mapping_versions SET mapping = '{}' WHERE field_mapping_id = '" + ids[2].text +
           "'");
  RollbackGoal goal;
  goal.version = 1;
  CHECK(error_of([&] { roll_back(registry, {}, goal, ""); }).code() == ErrorCode::invalid_data);
  for (const auto& id : ids) {
    CHECK(file.value("SELECT version FROM field_mappings WHERE id = '" + id.text + "'") == "2");
  }
  CHECK(verify_audit(registry).intact());
  add_user(registry, UserName{"ada"}, Role::admin);
  add_user(registry, UserName{"bob"}, Role::analyst);
  Registry analyst = file.open_as("bob");
  CHECK(error_of([&] { roll_back(analyst, {}, goal, ""); }).code() == ErrorCode::denied);
  CHECK(error_of([&] { roll_back(analyst, {}, goal, "", true); }).code() == ErrorCode::denied);
}

TEST_CASE("mappings that contradict each other are found", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  {
    Changes changes{registry};
    const mapping::Transformation joined{
        {{mapping::TransformationKind::join, {{"separator", " "}}}}, {"first", "last"}, ""};
    const auto part = [](const char* which) {
      return mapping::Transformation{
          {{mapping::TransformationKind::split, {{"part", which}, {"separator", " "}}}}, {}, ""};
    };
    const mapping::Transformation first = part("first");
    const mapping::Transformation last = part("last");
    for (const auto& id :
         {create(changes, "Email__c", "email"), create(changes, "Email__c", "login"),
          create(changes, "Name", "name"), create(changes, "Title", "name"),
          create(changes, "first", "full_name", "crm", joined),
          create(changes, "last", "full_name", "crm", joined),
          create(changes, "full", "display_name"), create(changes, "full", "first", "crm", first),
          create(changes, "full", "last", "crm", last),
          create(changes, "whole", "given", "crm", first),
          create(changes, "whole", "nickname", "crm", first),
          create(changes, "Name", "name", "erp")}) {
      changes.approve({id, 0});
    }
    create(changes, "Title", "email");  // not active, so it contradicts nothing yet
    changes.commit();
  }
  const auto conflicts = find_conflicts(registry);
  REQUIRE(conflicts.size() == 3);
  CHECK(conflicts[0].kind == MappingConflict::Kind::several_targets);
  CHECK(conflicts[0].mappings.at(0).key.source_field.text == "Email__c");
  // Parts of a field may go to several targets, but the same part to one only.
  CHECK(conflicts[1].kind == MappingConflict::Kind::several_targets);
  CHECK(conflicts[1].mappings.at(0).key.source_field.text == "whole");
  CHECK(conflicts[2].kind == MappingConflict::Kind::several_sources);
  CHECK(conflicts[2].mappings.at(0).key.field.text == "name");
}
