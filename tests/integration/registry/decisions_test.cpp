// SPDX-License-Identifier: Apache-2.0
#include "core/registry/decisions.hpp"

#include "core/registry/audit.hpp"
#include "core/registry/changes.hpp"
#include "core/registry/history.hpp"
#include "core/registry/tenants.hpp"
#include "tests/integration/registry/fixture.hpp"

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;
using mapping::Decision;
using mapping::Verdict;

namespace {

void propose(const RegistryFile& file, const std::string& tenant = "default") {
  Registry registry = file.open(tenant);
  registry.save_proposals({"r", "", ""}, "crm", "canonical", {lead_to_account()},
                          {canonical_context()});
}

mapping::MappingId id_of(Registry& registry, const std::string& field) {
  return mappings_of(registry, mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"},
                     mapping::FieldPath{field})
      .at(0)
      .id;
}

// `user` does `change` to the mapping of `field`, a day after what was done before.
template <class Change>
void decide(RegistryFile& file, const std::string& user, const std::string& field, Change change) {
  file.clock.milliseconds += std::chrono::milliseconds{24h}.count();
  Registry registry = file.open_as(user);
  const auto id = id_of(registry, field);
  Changes changes{registry};
  change(changes, MappingAt{id, 0});
  changes.commit();
}

std::vector<Decision> all(const RegistryFile& file, const std::string& tenant = "default") {
  Registry registry = file.open(tenant);
  return decisions(registry);
}

}  // namespace

TEST_CASE("what waits for review is no decision", "[registry]") {
  const RegistryFile file;
  propose(file);
  CHECK(all(file).empty());
}

TEST_CASE("an approval is told with who, when and which version", "[registry]") {
  RegistryFile file;
  propose(file);
  decide(file, "ben", "Email__c",
         [](Changes& changes, const MappingAt& at) { changes.approve(at, "looks right"); });
  const auto found = all(file);
  REQUIRE(found.size() == 1);
  CHECK(found[0].key.connector.text == "crm");
  CHECK(found[0].key.source_table.text == "Lead");
  CHECK(found[0].key.source_field.text == "Email__c");
  CHECK(found[0].key.entity.text == "account");
  CHECK(found[0].key.field.text == "email");
  CHECK(found[0].ruling.verdict == Verdict::approved);
  CHECK(found[0].ruling.by == "ben");
  CHECK(found[0].ruling.version == 2);
  CHECK(found[0].ruling.at.substr(0, 10) == "2026-02-03");
  CHECK_FALSE(found[0].reversed.has_value());
}

TEST_CASE("a reversal tells what it took back", "[registry]") {
  RegistryFile file;
  propose(file);
  decide(file, "ben", "Email__c",
         [](Changes& changes, const MappingAt& at) { changes.approve(at, "yes"); });
  decide(file, "eve", "Email__c",
         [](Changes& changes, const MappingAt& at) { changes.reject(at, "no"); });
  auto found = all(file);
  REQUIRE(found.size() == 1);
  CHECK(found[0].ruling.verdict == Verdict::rejected);
  CHECK(found[0].ruling.by == "eve");
  CHECK(found[0].ruling.version == 3);
  REQUIRE(found[0].reversed.has_value());
  CHECK(found[0].reversed->verdict == Verdict::approved);
  CHECK(found[0].reversed->by == "ben");
  CHECK(found[0].reversed->version == 2);

  // Reopened, it waits again and says nothing; approved once more, the last reversal counts.
  decide(file, "ben", "Email__c",
         [](Changes& changes, const MappingAt& at) { changes.reopen(at, "look again"); });
  CHECK(all(file).empty());
  decide(file, "ben", "Email__c",
         [](Changes& changes, const MappingAt& at) { changes.approve(at, "yes indeed"); });
  found = all(file);
  REQUIRE(found.size() == 1);
  CHECK(found[0].ruling.verdict == Verdict::approved);
  CHECK(found[0].ruling.version == 5);
  REQUIRE(found[0].reversed.has_value());
  CHECK(found[0].reversed->by == "eve");
}

TEST_CASE("a mapping that was deprecated is withdrawn", "[registry]") {
  RegistryFile file;
  propose(file);
  decide(file, "ben", "Company",
         [](Changes& changes, const MappingAt& at) { changes.approve(at, "yes"); });
  decide(file, "ben", "Company",
         [](Changes& changes, const MappingAt& at) { changes.deprecate(at, "old"); });
  const auto found = all(file);
  REQUIRE(found.size() == 1);
  CHECK(found[0].ruling.verdict == Verdict::withdrawn);
  CHECK(found[0].reversed->verdict == Verdict::approved);
}

TEST_CASE("what a policy let pass is no decision until a person confirms it", "[registry]") {
  RegistryFile file;
  {
    Registry registry = file.open();
    set_flag(registry, "auto_approve", "0.85");
  }
  propose(file);
  CHECK(file.value("SELECT count(*) FROM field_mappings WHERE status = 'active'") == "1");
  CHECK(all(file).empty());
  decide(file, "eve", "Email__c",
         [](Changes& changes, const MappingAt& at) { changes.reject(at, "no"); });
  const auto found = all(file);
  REQUIRE(found.size() == 1);
  CHECK(found[0].ruling.by == "eve");
  CHECK_FALSE(found[0].reversed.has_value());  // nobody had decided it before
}

TEST_CASE("a field that is not used is a decision", "[registry]") {
  RegistryFile file;
  propose(file);
  {
    Registry registry = file.open_as("ben");
    Changes changes{registry};
    changes.set_not_used(mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"},
                         mapping::FieldPath{"Zzz"}, "internal");
    changes.commit();
  }
  const auto found = all(file);
  REQUIRE(found.size() == 1);
  CHECK(found[0].ruling.verdict == Verdict::not_used);
  CHECK(found[0].ruling.by == "ben");
  CHECK(found[0].key.source_field.text == "Zzz");
  CHECK(found[0].key.entity.text.empty());
}

TEST_CASE("tenants never see each other's decisions", "[registry]") {
  RegistryFile file;
  propose(file);
  propose(file, "other");
  decide(file, "ben", "Email__c",
         [](Changes& changes, const MappingAt& at) { changes.approve(at, "yes"); });
  CHECK(all(file).size() == 1);
  CHECK(all(file, "other").empty());
}

TEST_CASE("decisions survive being written as text", "[registry]") {
  RegistryFile file;
  propose(file);
  decide(file, "ben \"b\"", "Email__c",
         [](Changes& changes, const MappingAt& at) { changes.approve(at, "yes"); });
  decide(file, "eve", "Email__c",
         [](Changes& changes, const MappingAt& at) { changes.reject(at, "no"); });
  const auto found = all(file);
  CHECK(mapping::decisions_from_text(mapping::decisions_to_text(found), "test") == found);
  CHECK(mapping::decisions_from_text("", "test").empty());
  CHECK(error_of([] { mapping::decisions_from_text("[1]\n", "test"); }).code() ==
        ErrorCode::invalid_data);
}

TEST_CASE("a mapping that memory proposed says so, and a contested one is not let through",
          "[registry]") {
  RegistryFile file;
  {
    Registry registry = file.open();
    set_flag(registry, "auto_approve", "0.5");
  }
  auto pair = lead_to_account();
  auto& remembered = pair.fields[0].candidates[0].evidence;
  remembered.insert(remembered.begin(), {"memory", 1, 6, "this very field was so approved"});
  auto& contested = pair.fields[2].candidates[0].evidence;
  contested.push_back({"memory_conflict", 0, 0, "past decisions disagree"});
  {
    Registry registry = file.open();
    registry.save_proposals({"r", "", ""}, "crm", "canonical", {pair}, {canonical_context()});
  }
  CHECK(file.value("SELECT mapping_source FROM field_mappings WHERE source_field = 'Email__c'") ==
        "rag");
  CHECK(file.value("SELECT status FROM field_mappings WHERE source_field = 'Email__c'") ==
        "active");
  CHECK(file.value("SELECT mapping_source FROM field_mappings WHERE source_field = 'Company'") ==
        "auto_detected");
  CHECK(file.value("SELECT status FROM field_mappings WHERE source_field = 'Company'") ==
        "pending_review");
}
