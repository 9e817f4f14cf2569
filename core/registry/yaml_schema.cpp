// SPDX-License-Identifier: Apache-2.0
#include "core/registry/schema_parts.hpp"

namespace mapctl::registry {

// The text of each file is kept: it is what the next comparison starts from, and what a rollback
// falls back on when the archive is lost. Discrepancies are looked at by time and never changed.
const std::string_view yaml_migrations_up = R"sql(
CREATE TABLE yaml_migrations (
  id {id} PRIMARY KEY,
  tenant_id {id} NOT NULL REFERENCES tenants (id),
  directory {text} NOT NULL,
  phase {text} NOT NULL
    CHECK (phase = 'shadow' OR phase = 'validate' OR phase = 'canary' OR phase = 'cutover' OR
      phase = 'rolled_back'),
  step {text} NOT NULL DEFAULT '',
  revision {integer} NOT NULL,
  percent {integer} NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100),
  archive {text} NOT NULL DEFAULT '',
  archived_at {time},
  keep_until {time},
  validated_hash {text} NOT NULL DEFAULT '',
  started_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  UNIQUE (tenant_id, directory)
);
CREATE TABLE yaml_migration_files (
  migration_id {id} NOT NULL REFERENCES yaml_migrations (id) ON DELETE CASCADE,
  tenant_id {id} NOT NULL,
  name {text} NOT NULL,
  connector {text} NOT NULL,
  sha256 {text} NOT NULL,
  content {text} NOT NULL,
  previous {text},
  mappings {integer} NOT NULL,
  PRIMARY KEY (migration_id, name)
);
CREATE INDEX yaml_migration_files_connector ON yaml_migration_files (tenant_id, connector);
CREATE TABLE yaml_discrepancies (
  id {id} PRIMARY KEY,
  tenant_id {id} NOT NULL,
  migration_id {id} NOT NULL REFERENCES yaml_migrations (id) ON DELETE CASCADE,
  connector {text} NOT NULL,
  source_table {text} NOT NULL,
  source_field {text} NOT NULL,
  entity {text} NOT NULL,
  field {text} NOT NULL,
  kind {text} NOT NULL,
  in_yaml {text} NOT NULL,
  in_registry {text} NOT NULL,
  phase {text} NOT NULL,
  found_at {time} NOT NULL
);
CREATE INDEX yaml_discrepancies_migration ON yaml_discrepancies (tenant_id, migration_id, found_at);
)sql";

const std::string_view yaml_migrations_down = R"sql(
DROP TABLE yaml_discrepancies;
DROP TABLE yaml_migration_files;
DROP TABLE yaml_migrations;
)sql";

}  // namespace mapctl::registry
