// SPDX-License-Identifier: Apache-2.0
#include "core/registry/migrations_governance.hpp"

#include "core/registry/audit_trail.hpp"
#include "core/registry/schema_parts.hpp"

#include <utility>
#include <vector>

namespace mapctl::registry {

// Each row carries the digest of its payload and the hash of the row before; audit_heads has the
// hash of the last one, so that a trail cut short shows. SQLite cannot change a table's checks: the
// rows move to a new table there.
const std::string_view chain_up = R"sql(
CREATE TABLE audit_heads (
  tenant_id {id} PRIMARY KEY REFERENCES tenants (id),
  position {integer} NOT NULL,
  hash {bytes} NOT NULL
);
CREATE TABLE audit_checkpoints (
  tenant_id {id} NOT NULL REFERENCES tenants (id),
  position {integer} NOT NULL,
  hash {bytes} NOT NULL,
  removed {integer} NOT NULL,
  removed_before {time} NOT NULL,
  created_at {time} NOT NULL,
  created_by {id},
  signature {text} NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, position)
);
)sql";
const std::string_view chain_down = R"sql(
DROP TABLE audit_checkpoints;
DROP TABLE audit_heads;
)sql";
const std::string_view chain_up_sqlite = R"sql(
ALTER TABLE mapping_audit_log RENAME TO mapping_audit_log_before;
CREATE TABLE mapping_audit_log (
  tenant_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  id TEXT NOT NULL,
  field_mapping_id TEXT,
  action TEXT NOT NULL,
  field_changed TEXT,
  old_value TEXT,
  new_value TEXT,
  changed_by TEXT,
  change_reason TEXT,
  confidence_delta REAL,
  ip_address TEXT,
  user_agent TEXT,
  trace_id TEXT,
  created_at TEXT NOT NULL,
  payload_digest BLOB,
  previous_hash BLOB,
  erased_digest BLOB,
  PRIMARY KEY (tenant_id, position)
);
INSERT INTO mapping_audit_log SELECT tenant_id, position, id, field_mapping_id, action,
  field_changed, old_value, new_value, changed_by, change_reason, confidence_delta, ip_address,
  user_agent, trace_id, created_at, NULL, NULL, NULL FROM mapping_audit_log_before;
DROP TABLE mapping_audit_log_before;
)sql";
const std::string_view chain_down_sqlite = R"sql(
ALTER TABLE mapping_audit_log RENAME TO mapping_audit_log_after;
)sql" MAPCTL_UNCHAINED_AUDIT_LOG R"sql(
INSERT INTO mapping_audit_log SELECT tenant_id, position, id, field_mapping_id,
  CASE WHEN action IN ('created', 'updated', 'deleted', 'validated', 'deprecated', 'approved',
    'rejected', 'rolled_back', 'migrated') THEN action ELSE 'updated' END,
  field_changed, old_value, new_value, changed_by, change_reason, confidence_delta, ip_address,
  user_agent, trace_id, created_at, NULL, NULL, NULL FROM mapping_audit_log_after;
DROP TABLE mapping_audit_log_after;
)sql";
const std::string_view chain_up_postgresql = R"sql(
ALTER TABLE mapping_audit_log DROP CONSTRAINT mapping_audit_log_action_check;
ALTER TABLE mapping_audit_log DROP COLUMN payload_digest, DROP COLUMN previous_hash,
  DROP COLUMN row_hash;
ALTER TABLE mapping_audit_log ADD COLUMN payload_digest bytea, ADD COLUMN previous_hash bytea,
  ADD COLUMN erased_digest bytea;
)sql";
const std::string_view chain_down_postgresql = R"sql(
ALTER TABLE mapping_audit_log DROP COLUMN payload_digest, DROP COLUMN previous_hash,
  DROP COLUMN erased_digest;
ALTER TABLE mapping_audit_log ADD COLUMN payload_digest text, ADD COLUMN previous_hash text,
  ADD COLUMN row_hash text;
UPDATE mapping_audit_log SET action = 'updated' WHERE action NOT IN ('created', 'updated',
  'deleted', 'validated', 'deprecated', 'approved', 'rejected', 'rolled_back', 'migrated');
ALTER TABLE mapping_audit_log ADD CONSTRAINT mapping_audit_log_action_check
  CHECK (action IN ('created', 'updated', 'deleted', 'validated', 'deprecated', 'approved',
    'rejected', 'rolled_back', 'migrated'));
)sql";

const std::string_view governance_up = R"sql(
ALTER TABLE tenants ADD COLUMN policy {json};
CREATE TABLE flags (
  tenant_id {id} NOT NULL REFERENCES tenants (id),
  name {text} NOT NULL,
  value {text} NOT NULL,
  updated_at {time} NOT NULL,
  updated_by {id},
  PRIMARY KEY (tenant_id, name)
);
CREATE TABLE mapping_candidates (
  field_mapping_id {id} PRIMARY KEY,
  tenant_id {id} NOT NULL,
  mapping {json} NOT NULL,
  share {integer} NOT NULL CHECK (share BETWEEN 0 AND 100),
  reason {text} NOT NULL DEFAULT '',
  created_at {time} NOT NULL,
  created_by {id}
);
)sql";
const std::string_view governance_down = R"sql(
DROP TABLE mapping_candidates;
DROP TABLE flags;
ALTER TABLE tenants DROP COLUMN policy;
)sql";

// The last verification of each tenant's trail: what it reached and how many things it found.
const std::string_view verifications_up = R"sql(
CREATE TABLE audit_verifications (
  tenant_id {id} PRIMARY KEY REFERENCES tenants (id),
  position {integer} NOT NULL,
  hash {bytes} NOT NULL,
  findings {integer} NOT NULL,
  verified_at {time} NOT NULL,
  verified_by {id}
);
)sql";
const std::string_view verifications_down = "DROP TABLE audit_verifications;\n";

void chain_audit_rows(ports::SqlSession& session) {
  std::vector<std::string> tenants;
  {
    const auto select = session.prepare("SELECT DISTINCT tenant_id FROM mapping_audit_log");
    while (select->step()) {
      tenants.emplace_back(select->text(0));
    }
  }
  const auto select = session.prepare("SELECT position, " MAPCTL_AUDIT_COLUMNS
                                      " FROM mapping_audit_log WHERE tenant_id = $1 AND "
                                      "position > $2 ORDER BY position LIMIT 1000");
  const auto update = session.prepare(
      "UPDATE mapping_audit_log SET payload_digest = $3, previous_hash = $4 "
      "WHERE tenant_id = $1 AND position = $2");
  const auto head =
      session.prepare("INSERT INTO audit_heads (tenant_id, position, hash) VALUES ($1, $2, $3)");
  AuditHasher hasher;
  for (const std::string& tenant : tenants) {
    Digest hash = audit_genesis(tenant);
    std::int64_t last = -1;
    for (std::vector<std::pair<std::int64_t, Digest>> page;;) {
      page.clear();
      select->bind(1, tenant);
      select->bind(2, last);
      while (select->step()) {
        page.emplace_back(select->integer(0), hasher.payload(read_audit_fields(*select, 1)));
      }
      if (page.empty()) {
        break;
      }
      for (const auto& [position, payload] : page) {
        update->bind(1, tenant);
        update->bind(2, position);
        update->bind_bytes(3, as_bytes(payload));
        update->bind_bytes(4, as_bytes(hash));
        update->step();
        hash = audit_row_hash(hash, payload);
        last = position;
      }
    }
    head->bind(1, tenant);
    head->bind(2, last);
    head->bind_bytes(3, as_bytes(hash));
    head->step();
  }
}

}  // namespace mapctl::registry
