// SPDX-License-Identifier: Apache-2.0
#include "core/registry/feedback.hpp"

#include "core/registry/audit.hpp"
#include "core/registry/changes.hpp"
#include "core/registry/history.hpp"
#include "core/registry/tenants.hpp"
#include "tests/integration/registry/fixture.hpp"

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;

namespace {

void propose_all(const RegistryFile& file) {
  Registry registry = file.open();
  registry.save_proposals({"r", "", ""}, "crm", "canonical", {lead_to_account()},
                          {canonical_context()});
}

template <class Change>
void decide(RegistryFile& file, const std::string& field, Change change) {
  file.clock.milliseconds += std::chrono::milliseconds{24h}.count();
  Registry registry = file.open();
  const auto id = mappings_of(registry, mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"},
                              mapping::FieldPath{field})
                      .at(0)
                      .id;
  Changes changes{registry};
  change(changes, MappingAt{id, 0});
  changes.commit();
}

CalibrationRecord curves(std::string text) {
  CalibrationRecord record;
  record.curves = std::move(text);
  record.outcomes = 40;
  record.ece_before = 0.25;
  record.ece_after = 0.125;
  record.reason = "learned from decisions";
  return record;
}

}  // namespace

TEST_CASE("what reviewers decided is told with the confidence it was proposed with",
          "[registry][feedback]") {
  RegistryFile file;
  propose_all(file);
  {
    Registry registry = file.open();
    CHECK(reviewed_mappings(registry).empty());
  }
  decide(file, "Email__c",
         [](Changes& changes, const MappingAt& at) { changes.approve(at, "yes"); });
  decide(file, "Company", [](Changes& changes, const MappingAt& at) { changes.reject(at, "no"); });
  Registry registry = file.open();
  const auto found = reviewed_mappings(registry);
  REQUIRE(found.size() == 2);
  CHECK(found[0].right);
  CHECK(found[0].proposed);
  CHECK(found[0].confidence == 0.9);
  CHECK(found[0].proposed_at < found[0].decided_at);
  CHECK_FALSE(found[1].right);
  CHECK(found[1].confidence == 0.8);
}

TEST_CASE("another target that a person chose is a miss and a wrong proposal",
          "[registry][feedback]") {
  RegistryFile file;
  propose_all(file);
  decide(file, "Email__c",
         [](Changes& changes, const MappingAt& at) { changes.approve(at, "yes"); });
  decide(file, "Email__c", [](Changes& changes, const MappingAt& at) {
    const auto id = changes.retarget(at, mapping::EntityName{"account"}, mapping::FieldPath{"fax"},
                                     "it is a fax");
    changes.approve({id, 0}, "yes");
  });
  Registry registry = file.open();
  const auto found = reviewed_mappings(registry);
  REQUIRE(found.size() == 2);
  CHECK(found[0].proposed != found[1].proposed);
  const auto& proposed = found[0].proposed ? found[0] : found[1];
  const auto& made = found[0].proposed ? found[1] : found[0];
  CHECK_FALSE(proposed.right);
  CHECK(made.right);
}

TEST_CASE("the newest calibration is in force, and every version is kept", "[registry][feedback]") {
  const RegistryFile file;
  Registry registry = file.open();
  CHECK(calibrations(registry).empty());
  CHECK(store_calibration(registry, curves("names 0:1")) == 1);
  CHECK(store_calibration(registry, curves("")) == 2);
  const auto found = calibrations(registry);
  REQUIRE(found.size() == 2);
  CHECK(found[0].curves == "names 0:1");
  CHECK(found[0].outcomes == 40);
  CHECK(found[0].ece_before == 0.25);
  CHECK(found[0].created_by == "ada");
  CHECK(found[1].curves.empty());
  CHECK(file.value("SELECT count(*) FROM mapping_audit_log WHERE action = 'calibrated'") == "2");
  CHECK(verify_audit(registry).intact());
  Registry other = file.open("other");
  CHECK(calibrations(other).empty());
}

TEST_CASE("only an admin changes the calibration", "[registry][feedback]") {
  const RegistryFile file;
  {
    Registry registry = file.open();
    add_user(registry, UserName{"abe"}, Role::approver);
  }
  Registry abe = file.open_as("abe");
  CHECK(error_of([&] { store_calibration(abe, curves("names 0:1")); }).code() == ErrorCode::denied);
  CHECK(calibrations(abe).empty());
}
