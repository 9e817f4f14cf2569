// SPDX-License-Identifier: Apache-2.0
#include "core/registry/audit.hpp"

#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/registry/audit_chain.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace mapctl::registry {
namespace {

// Conditions of a filter with what is bound to them.
class Conditions {
 public:
  Conditions(RegistryState& state, const AuditFilter& filter) : values_{state.tenant} {
    add("field_mapping_id =", filter.mapping ? filter.mapping->text : std::string{});
    add("action =", filter.action);
    add("trace_id =", filter.trace);
    add("created_at >=", filter.since);
    add("created_at <", filter.until);
    if (!filter.user.empty()) {
      Query select{state, "SELECT id FROM users WHERE tenant_id = $1 AND email = $2"};
      nobody_ = !select.with(state.tenant, filter.user).step();
      add("changed_by =", nobody_ ? std::string{} : select.text(0));
    }
    if (filter.mapping && !is_uuid(filter.mapping->text)) {
      nobody_ = true;
    }
  }
  bool matches_nothing() const noexcept { return nobody_; }
  const std::string& sql() const noexcept { return sql_; }
  void bind(ports::SqlStatement& statement) const {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      statement.bind(static_cast<int>(i) + 1, values_[i]);
    }
  }

 private:
  void add(std::string_view condition, const std::string& value) {
    if (!value.empty()) {
      values_.push_back(value);
      sql_ += fmt::format(" AND {} ${}", condition, values_.size());
    }
  }
  std::vector<std::string> values_;
  std::string sql_{" WHERE tenant_id = $1"};
  bool nobody_ = false;
};

std::string signed_text(std::string_view tenant_id, const Checkpoint& checkpoint) {
  return fmt::format("mapctl.checkpoint/1\n{}\n{}\n{}\n{}\n{}", tenant_id, checkpoint.position,
                     to_hex(checkpoint.hash), checkpoint.removed, checkpoint.removed_before);
}

}  // namespace

std::size_t for_each_audit_row(Registry& registry, const AuditFilter& filter,
                               const std::function<void(const AuditRow&)>& visit) {
  RegistryState& state = registry.state();
  const Conditions conditions{state, filter};
  if (conditions.matches_nothing()) {
    return 0;
  }
  std::string sql = "SELECT " MAPCTL_AUDIT_COLUMNS
                    ", position, erased_digest IS NOT NULL FROM "
                    "mapping_audit_log" +
                    conditions.sql() + " ORDER BY position DESC";
  if (filter.limit != 0) {
    sql += fmt::format(" LIMIT {}", filter.limit);
  }
  const auto select = state.session->prepare(sql);
  conditions.bind(*select);
  std::size_t count = 0;
  for (; select->step(); ++count) {
    const AuditFields fields = read_audit_fields(*select, 0);
    AuditRow row;
    row.position = select->integer(audit_column_count);
    row.erased = select->integer(audit_column_count + 1) != 0;
    row.id = fields.id;
    row.mapping = fields.mapping;
    row.action = fields.action;
    row.field_changed = fields.field_changed;
    row.old_value = fields.old_value;
    row.new_value = fields.new_value;
    row.changed_by = state.user_name(std::string{fields.changed_by});
    row.reason = fields.reason;
    row.confidence_delta = fields.confidence_delta;
    row.ip_address = fields.ip_address;
    row.user_agent = fields.user_agent;
    row.trace_id = fields.trace_id;
    row.created_at = fields.created_at;
    visit(row);
  }
  return count;
}

std::vector<AuditCount> audit_report(Registry& registry, const AuditFilter& filter) {
  RegistryState& state = registry.state();
  const Conditions conditions{state, filter};
  std::vector<AuditCount> counts;
  if (conditions.matches_nothing()) {
    return counts;
  }
  const auto select = state.session->prepare(
      "SELECT a.action, coalesce(u.email, ''), a.n, a.first_at, a.last_at FROM (SELECT action, "
      "changed_by, count(*) AS n, min(created_at) AS first_at, max(created_at) AS last_at FROM "
      "mapping_audit_log" +
      conditions.sql() +
      " GROUP BY action, changed_by) a LEFT JOIN users u ON u.id = a.changed_by AND u.tenant_id = "
      "$1 ORDER BY 1, 2");
  conditions.bind(*select);
  while (select->step()) {
    counts.push_back({std::string{select->text(0)}, std::string{select->text(1)},
                      select->integer(2), std::string{select->text(3)},
                      std::string{select->text(4)}});
  }
  return counts;
}

std::string sign(std::string_view tenant_id, const Checkpoint& checkpoint, const Secret& key) {
  return hmac_sha256(key, signed_text(tenant_id, checkpoint));
}

std::vector<Checkpoint> load_checkpoints(ports::SqlSession& session, const std::string& tenant_id) {
  std::vector<Checkpoint> checkpoints;
  const auto select = session.prepare(
      "SELECT position, hash, removed, removed_before, signature FROM audit_checkpoints "
      "WHERE tenant_id = $1 ORDER BY position");
  select->bind(1, tenant_id);
  while (select->step()) {
    Checkpoint checkpoint;
    checkpoint.position = select->integer(0);
    const auto hash = digest_from_bytes(select->bytes(1));
    checkpoint.is_whole = hash.has_value();
    checkpoint.hash = hash.value_or(Digest{});
    checkpoint.removed = select->integer(2);
    checkpoint.removed_before = select->text(3);
    checkpoint.signature = select->text(4);
    checkpoints.push_back(std::move(checkpoint));
  }
  return checkpoints;
}

RetentionResult apply_retention(Registry& registry, const std::string& before,
                                const std::optional<Secret>& key, bool dry_run) {
  RegistryState& state = registry.state();
  state.require(Role::admin, "remove audit rows");
  if (const AuditVerification verified = verify_audit(registry, key); !verified.intact()) {
    throw Error{ErrorCode::invalid_data,
                fmt::format("the audit trail is broken at row {}, so nothing of it is removed",
                            verified.findings.front().position),
                "see what was changed with: mapctl registry verify"};
  }
  Write write{state, Role::admin, "remove audit rows"};
  RetentionResult result;
  Checkpoint checkpoint;
  checkpoint.removed_before = before;
  {
    Query first{state,
                "SELECT position, previous_hash FROM mapping_audit_log WHERE tenant_id = $1 AND "
                "created_at >= $2 ORDER BY position LIMIT 1"};
    Query head{state, "SELECT position, hash FROM audit_heads WHERE tenant_id = $1"};
    // Whole prefixes only: the first row that is young enough keeps all that follow it.
    const bool some_stay = first.with(state.tenant, before).step();
    if (some_stay) {
      checkpoint.position = first->integer(0) - 1;
      checkpoint.hash = digest_from_bytes(first->bytes(1)).value_or(Digest{});
    } else if (head.with(state.tenant).step()) {
      checkpoint.position = head->integer(0);
      checkpoint.hash = digest_from_bytes(head->bytes(1)).value_or(Digest{});
    }
  }
  Query count{state,
              "SELECT count(*), coalesce(sum(CASE WHEN position <= $2 THEN 1 ELSE 0 END), 0) FROM "
              "mapping_audit_log WHERE tenant_id = $1"};
  count.with(state.tenant, checkpoint.position).step();
  result.removed = count->integer(1);
  result.kept = count->integer(0) - result.removed;
  checkpoint.removed = result.removed;
  if (result.removed == 0 || dry_run) {
    return result;
  }
  result.checkpoint = checkpoint.position;
  result.is_signed = key.has_value();
  if (key) {
    checkpoint.signature = sign(state.tenant, checkpoint, *key);
  }
  Query insert{state,
               "INSERT INTO audit_checkpoints (tenant_id, position, removed, removed_before, "
               "created_at, created_by, signature, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
  insert.with(state.tenant, checkpoint.position, checkpoint.removed, before, state.now(),
              state.user(), checkpoint.signature);
  if (state.user().empty()) {
    insert->bind_null(6);
  }
  insert->bind_bytes(8, as_bytes(checkpoint.hash));
  insert.step();
  Query remove{state, "DELETE FROM mapping_audit_log WHERE tenant_id = $1 AND position <= $2"};
  remove.with(state.tenant, checkpoint.position).step();
  const std::string facts = to_line(Json{{"removed", result.removed},
                                         {"before", before},
                                         {"checkpoint", checkpoint.position},
                                         {"hash", to_hex(checkpoint.hash)}});
  AuditEntry entry;
  entry.action = "retention";
  entry.new_value = facts;
  state.audit().add(entry);
  write.commit();
  return result;
}

}  // namespace mapctl::registry
