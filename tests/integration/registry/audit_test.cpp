// SPDX-License-Identifier: Apache-2.0
#include "core/registry/audit.hpp"

#include "core/registry/migrations.hpp"
#include "core/registry/tenants.hpp"
#include "tests/integration/registry/fixture.hpp"

#include <iterator>

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;
using Kind = AuditFinding::Kind;

namespace {

const Secret key{"a key of the tests"};

// A trail of `rows` rows: flags that were set, one minute apart.
void write_trail(RegistryFile& file, int rows) {
  Registry registry = file.open();
  for (int i = 0; i < rows; ++i) {
    set_flag(registry, "flag_" + std::to_string(i), "value " + std::to_string(i));
    file.clock.milliseconds += 60'000;
  }
}

struct Tampering {
  const char* what;
  const char* sql;
  Kind kind;
  std::int64_t position;
};

}  // namespace

TEST_CASE("a trail that nobody touched is intact", "[registry][audit]") {
  RegistryFile file;
  write_trail(file, 12);
  Registry registry = file.open();
  const AuditVerification verified = verify_audit(registry);
  CHECK(verified.intact());
  CHECK(verified.rows == 12);
  CHECK(verified.first_position == 1);
  CHECK(verified.last_position == 12);
  CHECK(verified.head.size() == 64);
  Registry theirs = file.open("other");
  CHECK(verify_audit(theirs).intact());
  CHECK(verify_audit(theirs).rows == 0);
}

TEST_CASE("the state of the chain follows rows, verifications and what is done to its end",
          "[registry][audit]") {
  using State = AuditChain::State;
  RegistryFile file;
  Registry registry = file.open();
  CHECK(audit_chain(registry).state == State::empty);
  CHECK_FALSE(audit_chain(registry).last_verified);
  write_trail(file, 3);
  AuditChain chain = audit_chain(registry);
  CHECK(chain.state == State::unverified);
  CHECK(chain.position == 3);
  const AuditVerification verified = verify_audit(registry);
  CHECK(chain.head == verified.head);
  remember_verification(registry, verified);
  chain = audit_chain(registry);
  CHECK(chain.state == State::verified);
  REQUIRE(chain.last_verified);
  CHECK(chain.last_verified->position == 3);
  CHECK(chain.last_verified->findings == 0);
  CHECK(chain.last_verified->by == "ada");
  CHECK(chain.last_verified->at == to_iso8601(file.clock.now()));
  Registry theirs = file.open("other");
  CHECK(audit_chain(theirs).state == State::empty);
  CHECK_FALSE(audit_chain(theirs).last_verified);

  SECTION("rows that were written since") {
    set_flag(registry, "one_more", "x");
    CHECK(audit_chain(registry).state == State::unverified);
    remember_verification(registry, verify_audit(registry));
    CHECK(audit_chain(registry).state == State::verified);
  }
  SECTION("a last row that is gone") {
    file.run("DELETE FROM mapping_audit_log WHERE position = 3");
    CHECK(audit_chain(registry).state == State::broken);
  }
  SECTION("a last row that was changed with its digest") {
    file.run("UPDATE mapping_audit_log SET payload_digest = previous_hash WHERE position = 3");
    CHECK(audit_chain(registry).state == State::broken);
  }
  SECTION("a head that is gone") {
    file.run("DELETE FROM audit_heads");
    CHECK(audit_chain(registry).state == State::broken);
  }
  SECTION("a finding of the last verification") {
    file.run("UPDATE mapping_audit_log SET new_value = 'x' WHERE position = 2");
    CHECK(audit_chain(registry).state == State::verified);  // nobody has looked since
    remember_verification(registry, verify_audit(registry));
    CHECK(audit_chain(registry).state == State::broken);
    CHECK(audit_chain(registry).last_verified->findings == 1);
  }
  SECTION("rows that retention took, all of them") {
    file.clock.milliseconds += 3'600'000;
    apply_retention(registry, to_iso8601(file.clock.now()), key);
    CHECK(audit_chain(registry).state != State::broken);
    CHECK(audit_chain(registry).checkpoints == 1);
  }
}

TEST_CASE("whatever is done to a trail is found and named", "[registry][audit]") {
  // 100 stands in the way of no row while places are exchanged.
  const auto tampering = GENERATE(
      Tampering{"a value", "UPDATE mapping_audit_log SET new_value = 'x' WHERE position = 5",
                Kind::changed, 5},
      Tampering{"a value gone", "UPDATE mapping_audit_log SET new_value = NULL WHERE position = 5",
                Kind::changed, 5},
      Tampering{"who", "UPDATE mapping_audit_log SET changed_by = NULL WHERE position = 7",
                Kind::changed, 7},
      Tampering{"when",
                "UPDATE mapping_audit_log SET created_at = '2020-01-01T00:00:00.000Z' WHERE "
                "position = 1",
                Kind::changed, 1},
      Tampering{"the digest",
                "UPDATE mapping_audit_log SET payload_digest = zeroblob(32) WHERE position = 4",
                Kind::changed, 4},
      Tampering{"no digest",
                "UPDATE mapping_audit_log SET payload_digest = NULL WHERE position = 4",
                Kind::changed, 4},
      Tampering{"a middle row", "DELETE FROM mapping_audit_log WHERE position = 6", Kind::removed,
                6},
      Tampering{"the first row", "DELETE FROM mapping_audit_log WHERE position = 1", Kind::removed,
                1},
      Tampering{"the last row", "DELETE FROM mapping_audit_log WHERE position = 12", Kind::removed,
                12},
      Tampering{"several rows", "DELETE FROM mapping_audit_log WHERE position BETWEEN 4 AND 6",
                Kind::removed, 4},
      Tampering{"all rows", "DELETE FROM mapping_audit_log", Kind::removed, 1},
      Tampering{"a row and its place",
                "DELETE FROM mapping_audit_log WHERE position = 6;"
                "UPDATE mapping_audit_log SET position = -position WHERE position > 6;"
                "UPDATE mapping_audit_log SET position = -position - 1 WHERE position < 0",
                Kind::changed, 5},
      Tampering{"a row put in",
                "UPDATE mapping_audit_log SET position = -position WHERE position > 5;"
                "UPDATE mapping_audit_log SET position = 1 - position WHERE position < 0;"
                "INSERT INTO mapping_audit_log (tenant_id, position, id, field_mapping_id, action, "
                "field_changed, old_value, new_value, changed_by, change_reason, confidence_delta, "
                "ip_address, user_agent, trace_id, created_at, payload_digest, previous_hash, "
                "erased_digest) SELECT tenant_id, 6, '00000000-0000-4000-8000-00000000f04d', "
                "field_mapping_id, "
                "action, field_changed, old_value, new_value, changed_by, change_reason, "
                "confidence_delta, ip_address, user_agent, trace_id, created_at, payload_digest, "
                "previous_hash, erased_digest FROM mapping_audit_log WHERE position = 5",
                Kind::inserted, 6},
      Tampering{"a row put behind",
                "INSERT INTO mapping_audit_log (tenant_id, position, id, field_mapping_id, action, "
                "field_changed, old_value, new_value, changed_by, change_reason, confidence_delta, "
                "ip_address, user_agent, trace_id, created_at, payload_digest, previous_hash, "
                "erased_digest) SELECT tenant_id, 13, '00000000-0000-4000-8000-00000000f04d', "
                "field_mapping_id, "
                "action, field_changed, old_value, new_value, changed_by, change_reason, "
                "confidence_delta, ip_address, user_agent, trace_id, created_at, payload_digest, "
                "previous_hash, erased_digest FROM mapping_audit_log WHERE position = 12",
                Kind::inserted, 13},
      Tampering{"two rows exchanged",
                "UPDATE mapping_audit_log SET position = 100 WHERE position = 5;"
                "UPDATE mapping_audit_log SET position = 5 WHERE position = 6;"
                "UPDATE mapping_audit_log SET position = 6 WHERE position = 100",
                Kind::reordered, 5},
      Tampering{"the head", "UPDATE audit_heads SET hash = zeroblob(32)", Kind::head, 12},
      Tampering{"no head", "DELETE FROM audit_heads", Kind::head, 12},
      Tampering{"values erased without a record",
                "UPDATE mapping_audit_log SET new_value = NULL, erased_digest = zeroblob(32) "
                "WHERE position = 5",
                Kind::changed, 5});
  INFO(tampering.what);
  RegistryFile file;
  write_trail(file, 12);
  file.run(tampering.sql);
  Registry registry = file.open();
  const AuditVerification verified = verify_audit(registry);
  REQUIRE_FALSE(verified.intact());
  bool named = false;
  for (const AuditFinding& finding : verified.findings) {
    INFO(to_string(finding.kind) << " " << finding.position << ": " << finding.detail);
    named = named || (finding.kind == tampering.kind && finding.position == tampering.position);
    CHECK(finding.position >= 1);
  }
  std::string found;
  for (const AuditFinding& finding : verified.findings) {
    found += std::string{to_string(finding.kind)} + std::to_string(finding.position) + " ";
  }
  INFO(found);
  CHECK(named);
  CHECK(verified.findings.size() <= 3);
}

TEST_CASE("retention removes a whole prefix and leaves a signed checkpoint", "[registry][audit]") {
  RegistryFile file;
  write_trail(file, 10);
  Registry registry = file.open();
  const std::string before =
      file.value("SELECT created_at FROM mapping_audit_log WHERE position = 5");
  const RetentionResult dry = apply_retention(registry, before, key, true);
  CHECK(dry.removed == 4);
  CHECK(file.value("SELECT count(*) FROM mapping_audit_log") == "10");
  const RetentionResult result = apply_retention(registry, before, key);
  CHECK(result.removed == 4);
  CHECK(result.kept == 6);
  CHECK(result.is_signed);
  AuditVerification verified = verify_audit(registry, key);
  CHECK(verified.intact());
  CHECK(verified.first_position == 5);
  CHECK(verified.rows == 7);  // with the row about retention itself
  CHECK(verified.checkpoints == 1);
  CHECK_FALSE(verify_audit(registry, Secret{"another key"}).intact());

  // All that is left may go too, and the chain goes on.
  file.clock.milliseconds += 86'400'000;
  CHECK(apply_retention(registry, to_iso8601(file.clock.now()), key).removed == 7);
  set_flag(registry, "later", "1");
  verified = verify_audit(registry, key);
  CHECK(verified.intact());
  CHECK(verified.rows == 2);
  file.run("UPDATE audit_checkpoints SET position = position - 1 WHERE removed = 4");
  CHECK_FALSE(verify_audit(registry).intact());
}

TEST_CASE("a broken trail is not thrown away", "[registry][audit]") {
  RegistryFile file;
  write_trail(file, 4);
  file.run("UPDATE mapping_audit_log SET action = 'approved' WHERE position = 1");
  Registry registry = file.open();
  CHECK(error_of([&] { apply_retention(registry, "2100", key); }).code() ==
        ErrorCode::invalid_data);
  CHECK(file.value("SELECT count(*) FROM mapping_audit_log") == "4");
}

TEST_CASE("a person's data go and the chain stays", "[registry][audit]") {
  const RegistryFile file;
  {
    Registry registry = file.open();
    add_user(registry, UserName{"eve@example.com"}, Role::approver, "Eve Example");
    set_flag(registry, "contact", "Eve Example");
    set_flag(registry, "other", "1");
  }
  {
    Registry registry = file.open_as("eve@example.com");
    registry.save_proposals({"r", "", ""}, "crm", "canonical", {lead_to_account()},
                            {canonical_context()});
  }
  Registry registry = file.open();
  const Erasure erasure = erase_user(registry, UserName{"eve@example.com"});
  CHECK(erasure.audit_rows == 2);
  const AuditVerification verified = verify_audit(registry);
  for (const AuditFinding& finding : verified.findings) {
    FAIL_CHECK(finding.position << " " << finding.detail);
  }
  CHECK(verified.erased_rows == 2);
  const std::string dump =
      file.value("SELECT group_concat(email || display_name) FROM users") +
      file.value(
          "SELECT group_concat(coalesce(old_value, '') || coalesce(new_value, '')) FROM "
          "mapping_audit_log");
  CHECK(dump.find("eve@") == std::string::npos);
  CHECK(dump.find("Eve Ex") == std::string::npos);
  CHECK(file.value("SELECT action FROM mapping_audit_log ORDER BY position DESC") == "erased");
  CHECK(error_of([&] { file.open_as("eve@example.com"); }).code() == ErrorCode::denied);

  // An erased row is still proved but for its values, and only by the record of the erasure.
  file.run("UPDATE mapping_audit_log SET field_changed = 'x' WHERE erased_digest IS NOT NULL");
  CHECK(verify_audit(registry).findings.size() == 2);
}

TEST_CASE("a person's name goes from reviews, sign-offs, flags and whatever else holds it",
          "[registry][audit]") {
  const RegistryFile file;
  {
    Registry registry = file.open();
    add_user(registry, UserName{"eve@example.com"}, Role::approver, "Eve \"E\" Example");
    set_flag(registry, "contact", "ask Eve \"E\" Example");
  }
  const std::string of_tenant = " FROM tenants WHERE name = 'default'";
  file.run(
      "INSERT INTO reviews (tenant_id, id, connector_name, source_table, source_field, "
      "canonical_entity, canonical_field, reviewer, written, updated_at) SELECT id, "
      "'0f8fad5b-d9cb-469f-a165-70867728950e', 'crm', 'Lead', 'Email', 'account', 'email', "
      "'eve@example.com', '{\"comment\":\"as Eve \\\"E\\\" Example said\"}', "
      "'2026-02-02T02:40:00.000Z'" +
      of_tenant);
  file.run(
      "INSERT INTO sign_offs (tenant_id, export_id, gate, name, decision, signed_on, version, "
      "comment, content_hash, updated_at) SELECT id, 'e', 'business', 'Eve \"E\" Example', 'yes', "
      "'2026-02-02', '1', 'write to eve@example.com', '', '2026-02-02T02:40:00.000Z'" +
      of_tenant);
  file.run(
      "INSERT INTO workbook_exports (tenant_id, export_id, part, run_id, lines, created_at) "
      "SELECT id, 'e', 1, '', '[\"eve@example.com\"]', '2026-02-02T02:40:00.000Z'" +
      of_tenant);
  Registry registry = file.open();
  const Erasure erasure = erase_user(registry, UserName{"eve@example.com"});
  CHECK(erasure.other_texts == 6);
  CHECK(file.value("SELECT reviewer FROM reviews") == erasure.alias);
  CHECK(file.value("SELECT written FROM reviews").find("as " + erasure.alias + " said") !=
        std::string::npos);
  CHECK(file.value("SELECT name FROM sign_offs") == erasure.alias);
  CHECK(file.value("SELECT comment FROM sign_offs") == "write to " + erasure.alias);
  CHECK(file.value("SELECT value FROM flags") == "ask " + erasure.alias);
  CHECK(file.value("SELECT lines FROM workbook_exports").find("eve@") == std::string::npos);
  CHECK(verify_audit(registry).intact());
}

TEST_CASE("a short name is erased where it stands as a word, and not from longer ones",
          "[registry][audit]") {
  const RegistryFile file;
  Registry registry = file.open();
  add_user(registry, UserName{"ann"}, Role::viewer);
  set_flag(registry, "note", "the channel of planning");
  set_flag(registry, "contact", "ask ann, please");
  const Erasure erasure = erase_user(registry, UserName{"ann"});
  // The row that gave the role, and the one of the flag that names her.
  CHECK(erasure.audit_rows == 2);
  CHECK(file.value("SELECT count(*) FROM mapping_audit_log WHERE new_value = "
                   "'the channel of planning'") == "1");
  CHECK(verify_audit(registry).intact());
}

TEST_CASE("no byte of an erased person's name stays in the file", "[registry][audit][sqlite]") {
  const RegistryFile file;
  {
    Registry registry = file.open();
    add_user(registry, UserName{"eve@example.com"}, Role::approver, "Eve Example");
    set_flag(registry, "contact", "Eve Example");
  }
  const auto is_there = [&] {
    std::string bytes;
    for (const char* part : {"", "-wal"}) {
      std::ifstream stream{file.path().string() + part, std::ios::binary};
      bytes.append(std::istreambuf_iterator<char>{stream}, {});
    }
    return bytes.find("eve@example") != bytes.npos || bytes.find("Eve Exam") != bytes.npos;
  };
  CHECK(is_there());
  Registry registry = file.open();
  erase_user(registry, UserName{"eve@example.com"});
  CHECK_FALSE(is_there());
}

TEST_CASE("a person's name goes from the reasons of proposals too", "[registry][audit]") {
  const RegistryFile file;
  Registry registry = file.open();
  add_user(registry, UserName{"eve@example.com"}, Role::approver, "Eve Example");
  auto pair = lead_to_account();
  auto& candidate = pair.fields[0].candidates[0];
  candidate.evidence.push_back(
      {"memory", 1, 6, "this very field was so approved by eve@example.com on 2026-03-02"});
  candidate.warnings.push_back("past decisions disagree: approved by Eve Example");
  const RunId run =
      registry.save_proposals({"r", "", ""}, "crm", "canonical", {pair}, {canonical_context()});
  const Erasure erasure = erase_user(registry, UserName{"eve@example.com"});
  CHECK(erasure.other_texts == 1);
  const auto stored = registry.proposals_of(run);
  const auto& kept = stored.at(0).proposal.fields[0].candidates[0];
  CHECK(kept.evidence.back().detail ==
        "this very field was so approved by " + erasure.alias + " on 2026-03-02");
  CHECK(kept.warnings.back() == "past decisions disagree: approved by " + erasure.alias);
  CHECK(stored.at(0).proposal.fields[2].candidates[0].target_column.text == "name");
}

TEST_CASE("the trail is read newest first, by mapping, action, user, time", "[registry][audit]") {
  RegistryFile file;
  write_trail(file, 5);
  Registry registry = file.open();
  registry.save_proposals({"r", "", ""}, "crm", "canonical", {lead_to_account()},
                          {canonical_context()});
  const auto positions = [&](const AuditFilter& filter) {
    std::string text;
    for_each_audit_row(registry, filter,
                       [&](const AuditRow& row) { text += std::to_string(row.position) + " "; });
    return text;
  };
  AuditFilter filter;
  CHECK(positions(filter) == "7 6 5 4 3 2 1 ");
  filter.limit = 2;
  CHECK(positions(filter) == "7 6 ");
  filter = {};
  filter.action = "created";
  CHECK(positions(filter) == "7 6 ");
  filter = {};
  filter.mapping = mapping::MappingId{
      file.value("SELECT field_mapping_id FROM mapping_audit_log WHERE position = 6")};
  CHECK(positions(filter) == "6 ");
  filter = {};
  filter.user = "nobody";
  CHECK(positions(filter).empty());
  filter.user = "ada";
  filter.trace = "trace-of-test";
  CHECK(positions(filter) == "5 4 3 2 1 ");
  filter = {};
  filter.since = file.value("SELECT created_at FROM mapping_audit_log WHERE position = 2");
  filter.until = file.value("SELECT created_at FROM mapping_audit_log WHERE position = 4");
  CHECK(positions(filter) == "3 2 ");
  const auto report = audit_report(registry, {});
  REQUIRE(report.size() == 2);
  CHECK(report[0].action == "created");
  CHECK(report[1].action == "flag_set");
  CHECK(report[1].count == 5);
  CHECK(report[1].user == "ada");
}

TEST_CASE("rows from before the chain are chained by the migration", "[registry][audit]") {
  RegistryFile file;
  {
    Registry registry = file.open();
    registry.save_proposals({"r", "", ""}, "crm", "canonical", {lead_to_account()},
                            {canonical_context()});
  }
  const auto session = file.session();
  migrate(*session, file.clock, 6);
  CHECK(file.value("SELECT count(*) FROM mapping_audit_log") == "2");
  migrate(*session, file.clock);
  Registry registry = file.open();
  CHECK(verify_audit(registry).intact());
  CHECK(verify_audit(registry).rows == 2);
  set_flag(registry, "more", "1");
  CHECK(verify_audit(registry).intact());
}
