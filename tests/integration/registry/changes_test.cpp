// SPDX-License-Identifier: Apache-2.0
#include "core/registry/changes.hpp"

#include "core/registry/audit.hpp"
#include "core/registry/state.hpp"
#include "core/registry/versions.hpp"
#include "tests/integration/registry/fixture.hpp"

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;
using Catch::Matchers::ContainsSubstring;
using mapping::MappingStatus;

namespace {

NewMapping new_mapping(const std::string& field = "Email__c", const std::string& target = "email") {
  NewMapping made;
  made.mapping.key = {mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"},
                      mapping::FieldPath{field}, mapping::EntityName{"account"},
                      mapping::FieldPath{target}};
  made.mapping.source = mapping::MappingSource::manual;
  return made;
}

mapping::MappingId create(Registry& registry, const NewMapping& made = new_mapping()) {
  Changes changes{registry};
  mapping::MappingId id = changes.create(made, "by hand");
  changes.commit();
  return id;
}

}  // namespace

TEST_CASE("a change is a new version with its audit row, or nothing at all", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const mapping::MappingId id = create(registry);
  {
    Changes changes{registry};
    CHECK(changes.approve({id, 1}));
    CHECK(changes.find(id)->status == MappingStatus::active);
  }
  CHECK(file.value("SELECT count(*) FROM mapping_audit_log") == "1");
  {
    Changes changes{registry};
    CHECK(changes.approve({id, 1}, "looks right"));
    CHECK_FALSE(changes.approve({id, 2}));
    MappingEdit edit;
    edit.notes = "as the vendor says";
    edit.confidence = 0.5;
    CHECK(changes.edit({id, 2}, edit, "checked"));
    CHECK_FALSE(changes.edit({id, 3}, edit, "checked"));
    CHECK(changes.changed() == 2);
    changes.commit();
  }
  CHECK(file.value("SELECT group_concat(position || action || coalesce(field_changed, ''), ' ') "
                   "FROM mapping_audit_log") ==
        "1created 2approvedstatus 3updatedconfidence_score 4updatednotes");
  CHECK(file.value("SELECT version || status || notes FROM field_mappings") ==
        "3activeas the vendor says");
  const auto versions = load_versions(registry.state(), id);
  REQUIRE(versions.size() == 3);
  CHECK(versions[0].mapping.status == MappingStatus::pending_review);
  CHECK(versions[1].mapping.confidence == 1.0);
  CHECK(versions[1].approved_by == "ada");
  CHECK(versions[2].active);
}

TEST_CASE("many mappings are put at once, each with its audit row", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const mapping::MappingId kept = create(registry, new_mapping("field_7", "column_7"));
  std::vector<NewMapping> made;
  for (int i = 0; i < 137; ++i) {
    made.push_back(new_mapping("field_" + std::to_string(i), "column_" + std::to_string(i)));
    made.back().mapping.notes = "it's number " + std::to_string(i);
    made.back().mapping.confidence = 0.5;
  }
  made.push_back(made[3]);
  made.back().mapping.notes = "the second of its kind";
  {
    Changes changes{registry};
    const PutCounts counts = changes.put_all(made, "all at once");
    CHECK(counts.created == 136);
    CHECK(counts.updated == 2);
    CHECK(counts.unchanged == 0);
    changes.commit();
  }
  CHECK(file.value("SELECT count(*) FROM field_mappings") == "137");
  CHECK(file.value("SELECT count(*) FROM mapping_audit_log WHERE action = 'created'") == "137");
  CHECK(verify_audit(registry).intact());
  {
    Changes changes{registry};
    CHECK(changes.find(kept)->version == 2);
    CHECK(changes.find(made[3].mapping.key)->notes == "the second of its kind");
    CHECK(changes.find(made[136].mapping.key)->notes == "it's number 136");
    CHECK(changes.put_all(std::span{made}.subspan(4), "again").unchanged == 134);
    CHECK(changes.changed() == 0);
  }
  // One that cannot be kept undoes all of them.
  made.resize(5);
  for (NewMapping& one : made) {
    one.mapping.key.source_table = catalog::TableName{"Other"};
  }
  made[4].mapping.notes = std::string("\0", 1);
  CHECK(error_of([&] { Changes{registry}.put_all(made, ""); }).code() == ErrorCode::invalid_data);
  CHECK(file.value("SELECT count(*) FROM field_mappings WHERE source_table = 'Other'") == "0");
}

TEST_CASE("a change meant for another version is a conflict and changes nothing", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const mapping::MappingId id = create(registry);
  Changes changes{registry};
  CHECK(error_of([&] { changes.approve({id, 7}); }).code() == ErrorCode::conflict);
  CHECK(error_of([&] {
          changes.approve({mapping::MappingId{"x' OR 1=1 --"}, 0});
        }).code() == ErrorCode::not_found);
  CHECK(error_of([&] { changes.reject({id, 1}, "  "); }).code() == ErrorCode::usage);
  CHECK(error_of([&] { changes.create(new_mapping(), "again"); }).code() ==
        ErrorCode::already_exists);
}

TEST_CASE("an earlier version comes back as a new one", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const mapping::MappingId id = create(registry);
  Changes changes{registry};
  changes.approve({id, 1}, "fine");
  MappingEdit edit;
  edit.transformation = mapping::Transformation{{{mapping::TransformationKind::trim, {}}}, {}, ""};
  changes.edit({id, 2}, edit, "trim it");
  CHECK(changes.find(id)->mapping_type == mapping::MappingType::transformed);
  CHECK(changes.roll_back({id, 3}, 2, "trimming lost text"));
  CHECK_FALSE(changes.roll_back({id, 4}, 4, "no change"));
  CHECK(error_of([&] { changes.roll_back({id, 4}, 9, "no such"); }).code() == ErrorCode::not_found);
  changes.commit();
  const auto versions = load_versions(registry.state(), id);
  REQUIRE(versions.size() == 4);
  CHECK(versions[3].mapping.transformation.is_direct());
  CHECK(versions[3].mapping.status == MappingStatus::active);
  CHECK(versions[2].mapping.transformation == *edit.transformation);
  CHECK(file.value("SELECT count(*) FROM mapping_audit_log WHERE action = 'rolled_back'") == "2");
}

TEST_CASE("another target is another mapping, and the old one is deprecated", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const mapping::MappingId id = create(registry);
  Changes changes{registry};
  changes.approve({id, 1});
  const auto other = changes.retarget({id, 2}, mapping::EntityName{"account"},
                                      mapping::FieldPath{"name"}, "it is a name");
  CHECK(changes.find(id)->status == MappingStatus::deprecated);
  CHECK(changes.find(other)->status == MappingStatus::pending_review);
  CHECK(changes.find(other)->key.field.text == "name");
}

TEST_CASE("a field is decided as not used with its reason, and that can be taken back",
          "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  create(registry);
  const mapping::ConnectorName crm{"crm"};
  const catalog::TableName lead{"Lead"};
  const mapping::FieldPath field{"legacy"};
  Changes changes{registry};
  CHECK(changes.set_not_used(crm, lead, field, "empty since 2019"));
  CHECK_FALSE(changes.set_not_used(crm, lead, field, "empty since 2019"));
  CHECK(changes.clear_not_used(crm, lead, field, "used again"));
  CHECK_FALSE(changes.clear_not_used(crm, lead, field, "used again"));
  CHECK(changes.set_not_used(crm, lead, field, "gone"));
  changes.commit();
  CHECK(file.value("SELECT reason FROM field_dispositions") == "gone");
  CHECK(file.value("SELECT count(*) FROM mapping_audit_log WHERE field_changed = 'disposition'") ==
        "3");
}

TEST_CASE("hostile names and notes are kept as they are, or refused", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  NewMapping made = new_mapping("x'; DROP TABLE users; --", "\"quoted\" \\ $1");
  made.mapping.notes = std::string(1'000'000, 'n') + "';\n\t\"";
  const mapping::MappingId id = create(registry, made);
  Changes changes{registry};
  CHECK(changes.find(id)->notes == made.mapping.notes);
  CHECK(changes.find(made.mapping.key)->key == made.mapping.key);
  made = new_mapping(std::string("a\0b", 3));
  CHECK(error_of([&] { changes.create(made, ""); }).code() == ErrorCode::invalid_data);
  CHECK(error_of([&] { changes.approve({id, 1}, "\xff"); }).code() == ErrorCode::invalid_data);
}
