// SPDX-License-Identifier: Apache-2.0
#include "core/registry/history.hpp"

#include "core/registry/audit.hpp"
#include "core/registry/changes.hpp"
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
