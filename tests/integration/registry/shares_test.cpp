// SPDX-License-Identifier: Apache-2.0
#include "core/registry/shares.hpp"

#include "core/mapping/transform_text.hpp"
#include "core/registry/audit.hpp"
#include "core/registry/tenants.hpp"
#include "tests/integration/registry/fixture.hpp"

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;
using mapping::FieldMapping;

namespace {

mapping::MappingId create_active(Registry& registry) {
  NewMapping made;
  made.mapping.key = {mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"},
                      mapping::FieldPath{"Email__c"}, mapping::EntityName{"account"},
                      mapping::FieldPath{"email"}};
  made.mapping.status = mapping::MappingStatus::active;
  Changes changes{registry};
  mapping::MappingId id = changes.create(made, "by hand");
  changes.commit();
  return id;
}

MappingEdit trimmed() {
  MappingEdit edit;
  edit.transformation = mapping::transformation_from_text("trim");
  return edit;
}

std::vector<FieldMapping> look_up(Registry& registry) {
  return registry.lookup(mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"});
}

}  // namespace

TEST_CASE("a share of those who look up sees the other version, always the same ones",
          "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const mapping::MappingId id = create_active(registry);
  set_share(registry, {id, 1}, trimmed(), 30, "does trimming help");
  int others = 0;
  for (int subject = 0; subject < 1000; ++subject) {
    const std::string name = "customer " + std::to_string(subject);
    std::vector<FieldMapping> mappings = look_up(registry);
    const bool is_other = !serve_shares(registry, name, mappings).empty();
    CHECK(is_other == is_in_share(id, name, 30));
    CHECK(mapping::to_text(mappings[0].transformation) == (is_other ? "trim" : ""));
    CHECK(mappings[0].mapping_type ==
          (is_other ? mapping::MappingType::transformed : mapping::MappingType::direct));
    others += is_other ? 1 : 0;
    // Whoever saw it sees it when the share grows.
    CHECK((!is_other || is_in_share(id, name, 50)));
  }
  CHECK(others > 250);
  CHECK(others < 350);
  // The version in force stays the one in force.
  CHECK(look_up(registry)[0].transformation.is_direct());
  CHECK(look_up(registry)[0].version == 1);

  REQUIRE(shares(registry).size() == 1);
  CHECK(shares(registry)[0].percent == 30);
  CHECK(shares(registry)[0].created_by == "ada");
  CHECK(shares(registry)[0].reason == "does trimming help");
  Registry theirs = file.open("other");
  CHECK(shares(theirs).empty());
  CHECK_FALSE(stop_share(theirs, id, "not theirs"));

  set_share(registry, {id, 0}, trimmed(), 100, "for all");
  CHECK(stop_share(registry, id, "it does not"));
  CHECK_FALSE(stop_share(registry, id, "twice"));
  std::vector<FieldMapping> mappings = look_up(registry);
  CHECK(serve_shares(registry, "customer 1", mappings).empty());
  CHECK(file.value("SELECT group_concat(action, ' ') FROM (SELECT action FROM mapping_audit_log "
                   "WHERE field_changed = 'share' ORDER BY position) AS a") ==
        "share_set share_set share_stopped");
  CHECK(verify_audit(registry).intact());
}

TEST_CASE("a share is refused where it says nothing or nobody may serve it", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const mapping::MappingId id = create_active(registry);
  const auto code = [&](const MappingAt& at, const MappingEdit& edit, int percent,
                        const char* reason = "why not") {
    return error_of([&] { set_share(registry, at, edit, percent, reason); }).code();
  };
  CHECK(code({id, 0}, {}, 10) == ErrorCode::usage);
  CHECK(code({id, 0}, trimmed(), 0) == ErrorCode::usage);
  CHECK(code({id, 0}, trimmed(), 101) == ErrorCode::usage);
  CHECK(code({id, 0}, trimmed(), 10, " ") == ErrorCode::usage);
  CHECK(code({id, 2}, trimmed(), 10) == ErrorCode::conflict);
  CHECK(code({mapping::MappingId{"nobody's"}, 0}, trimmed(), 10) == ErrorCode::not_found);
  set_policy(registry, {true});
  CHECK(code({id, 0}, trimmed(), 10) == ErrorCode::denied);
  set_policy(registry, {false});
  set_share(registry, {id, 0}, trimmed(), 10, "fine");
  {
    Changes changes{registry};
    changes.deprecate({id, 0}, "gone");
    changes.commit();
  }
  // What nobody looks up has no share.
  CHECK(shares(registry).empty());
  CHECK(look_up(registry).empty());
  CHECK(code({id, 0}, trimmed(), 10) == ErrorCode::conflict);
  add_user(registry, UserName{"ben"}, Role::analyst);
  Registry analyst = file.open_as("ben");
  CHECK(error_of([&] {
          set_share(analyst, {id, 0}, trimmed(), 10, "x");
        }).code() == ErrorCode::denied);
}
