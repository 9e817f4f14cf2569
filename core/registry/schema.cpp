// SPDX-License-Identifier: Apache-2.0
#include "core/registry/migrations.hpp"
#include "core/registry/migrations_baseline.hpp"
#include "core/registry/migrations_calibrations.hpp"
#include "core/registry/migrations_governance.hpp"
#include "core/registry/migrations_job_fields.hpp"
#include "core/registry/migrations_reviews.hpp"
#include "core/registry/schema_parts.hpp"

#include <array>

namespace mapctl::registry {
namespace {

// The version of a mapping that is in force is its row in field_mappings, so that the many mappings
// that never change are not written twice; mapping_versions holds the others, each with the
// complete row as it was. Before a row changes it is copied there. The view mapping_history lists
// all versions, the one in force as the active one.
//
// Ids of bulk rows have no foreign keys: a check is a look-up in another index for each row, and
// one transaction writes both ends. Audit rows have none because they outlive what they describe.
// Words are checked one by one: for a list after IN, SQLite builds a table for each row it writes,
// which was a third of the time of storing a batch.
constexpr std::string_view mappings_up = R"sql(
CREATE TABLE tenants (
  id {id} PRIMARY KEY,
  name {text} NOT NULL UNIQUE,
  status {text} NOT NULL DEFAULT 'active',
  quotas {json},
  created_at {time} NOT NULL
);
CREATE TABLE users (
  id {id} PRIMARY KEY,
  tenant_id {id} NOT NULL REFERENCES tenants (id),
  email {text} NOT NULL,
  display_name {text} NOT NULL DEFAULT '',
  roles {json} NOT NULL DEFAULT '[]',
  status {text} NOT NULL DEFAULT 'active',
  created_at {time} NOT NULL,
  UNIQUE (tenant_id, email)
);
CREATE TABLE connector_definitions (
  id {id} PRIMARY KEY,
  tenant_id {id} NOT NULL REFERENCES tenants (id),
  connector_name {text} NOT NULL,
  connector_type {text} NOT NULL
    CHECK (connector_type = 'rest_api' OR connector_type = 'database' OR
      connector_type = 'file'),
  description {text} NOT NULL DEFAULT '',
  metadata {json},
  status {text} NOT NULL DEFAULT 'active'
    CHECK (status = 'active' OR status = 'deprecated' OR status = 'archived'),
  created_at {time} NOT NULL,
  created_by {id} REFERENCES users (id),
  updated_at {time} NOT NULL,
  UNIQUE (tenant_id, connector_name)
);
CREATE TABLE entity_schemas (
  id {id} PRIMARY KEY,
  tenant_id {id} REFERENCES tenants (id),
  entity_name {text} NOT NULL,
  entity_version {text} NOT NULL DEFAULT '1.0.0',
  schema_definition {json} NOT NULL,
  description {text} NOT NULL DEFAULT '',
  created_at {time} NOT NULL
);
CREATE UNIQUE INDEX entity_schemas_name ON entity_schemas
  (coalesce(tenant_id, '00000000-0000-0000-0000-000000000000'), entity_name, entity_version);
CREATE TABLE field_mappings (
  id {id} PRIMARY KEY,
  tenant_id {id} NOT NULL,
  connection_id {id},
  connector_id {id} NOT NULL REFERENCES connector_definitions (id),
  entity_schema_id {id} REFERENCES entity_schemas (id),
  source_table {text} NOT NULL,
  source_field {text} NOT NULL,
  source_data_type {text} NOT NULL DEFAULT '',
  canonical_entity {text} NOT NULL,
  canonical_field {text} NOT NULL,
  canonical_data_type {text} NOT NULL DEFAULT '',
  mapping_type {text} NOT NULL
    CHECK (mapping_type = 'direct' OR mapping_type = 'computed' OR
      mapping_type = 'aggregated' OR mapping_type = 'transformed'),
  transformation_rule {json},
  coercion_function {text},
  confidence_score {real} NOT NULL CHECK (confidence_score BETWEEN 0 AND 1),
  validation_status {text} NOT NULL DEFAULT 'pending'
    CHECK (validation_status = 'pending' OR validation_status = 'validated' OR
      validation_status = 'failed'),
  success_rate {real},
  avg_processing_time_ms {real},
  error_count {integer} NOT NULL DEFAULT 0,
  last_validated_at {time},
  mapping_source {text} NOT NULL
    CHECK (mapping_source = 'manual' OR mapping_source = 'rag' OR mapping_source = 'llm' OR
      mapping_source = 'auto_detected'),
  version {integer} NOT NULL DEFAULT 1,
  status {text} NOT NULL
    CHECK (status = 'active' OR status = 'deprecated' OR status = 'pending_review' OR
      status = 'rejected'),
  notes {text} NOT NULL DEFAULT '',
  created_at {time} NOT NULL,
  created_by {id},
  updated_at {time} NOT NULL,
  updated_by {id},
  approved_by {id},
  approved_at {time},
  version_reason {text} NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX field_mappings_key ON field_mappings
  (tenant_id, connector_id, source_table, source_field, canonical_entity, canonical_field);
CREATE INDEX field_mappings_status ON field_mappings (tenant_id, status);
CREATE TABLE mapping_versions (
  field_mapping_id {id} NOT NULL,
  version {integer} NOT NULL,
  tenant_id {id} NOT NULL,
  mapping {json} NOT NULL,
  method {text} NOT NULL,
  approved_by {id},
  approved_at {time},
  is_active {flag} NOT NULL DEFAULT FALSE,
  created_at {time} NOT NULL,
  created_by {id},
  reason {text} NOT NULL DEFAULT '',
  PRIMARY KEY (field_mapping_id, version)
);
CREATE VIEW mapping_history AS
  SELECT id AS field_mapping_id, version, tenant_id, mapping_source AS method, approved_by,
    approved_at, TRUE AS is_active, updated_at AS created_at, updated_by AS created_by,
    version_reason AS reason
  FROM field_mappings
  UNION ALL
  SELECT field_mapping_id, version, tenant_id, method, approved_by, approved_at, is_active,
    created_at, created_by, reason
  FROM mapping_versions;
CREATE TABLE mapping_embeddings (
  id {id} PRIMARY KEY,
  tenant_id {id} NOT NULL,
  field_mapping_id {id} NOT NULL UNIQUE REFERENCES field_mappings (id) ON DELETE CASCADE,
  embedding_text {text} NOT NULL,
  embedding_vector {bytes} NOT NULL,
  embedding_model {text} NOT NULL,
  dimensions {integer} NOT NULL,
  metadata {json},
  created_at {time} NOT NULL
);
CREATE INDEX mapping_embeddings_tenant ON mapping_embeddings (tenant_id);
)sql" MAPCTL_UNCHAINED_AUDIT_LOG R"sql(
CREATE TABLE mapping_validation_results (
  id {id} PRIMARY KEY,
  tenant_id {id} NOT NULL,
  field_mapping_id {id} NOT NULL REFERENCES field_mappings (id) ON DELETE CASCADE,
  validation_type {text} NOT NULL
    CHECK (validation_type = 'type_check' OR validation_type = 'range_check' OR
      validation_type = 'format_check' OR validation_type = 'live_test'),
  validation_status {text} NOT NULL
    CHECK (validation_status = 'passed' OR validation_status = 'failed' OR
      validation_status = 'warning'),
  error_message {text},
  sample_input {text},
  sample_output {text},
  test_count {integer} NOT NULL DEFAULT 0,
  pass_count {integer} NOT NULL DEFAULT 0,
  fail_count {integer} NOT NULL DEFAULT 0,
  validated_at {time} NOT NULL,
  validated_by {id}
);
CREATE INDEX mapping_validation_results_mapping ON mapping_validation_results (field_mapping_id);
CREATE TABLE field_dispositions (
  id {id} PRIMARY KEY,
  tenant_id {id} NOT NULL,
  connector_id {id} NOT NULL REFERENCES connector_definitions (id),
  source_table {text} NOT NULL,
  source_field {text} NOT NULL,
  disposition {text} NOT NULL CHECK (disposition = 'not_used'),
  reason {text} NOT NULL DEFAULT '',
  created_at {time} NOT NULL,
  created_by {id},
  UNIQUE (tenant_id, connector_id, source_table, source_field)
);
)sql";

constexpr std::string_view mappings_down = R"sql(
DROP TABLE field_dispositions;
DROP TABLE mapping_validation_results;
DROP TABLE mapping_audit_log;
DROP TABLE mapping_embeddings;
DROP VIEW mapping_history;
DROP TABLE mapping_versions;
DROP TABLE field_mappings;
DROP TABLE entity_schemas;
DROP TABLE connector_definitions;
DROP TABLE users;
DROP TABLE tenants;
)sql";

constexpr std::string_view runs_up = R"sql(
CREATE TABLE sources (
  id {id} PRIMARY KEY,
  tenant_id {id} NOT NULL REFERENCES tenants (id),
  profile {text} NOT NULL,
  system {text} NOT NULL,
  created_at {time} NOT NULL,
  UNIQUE (tenant_id, profile)
);
CREATE TABLE snapshots (
  id {id} PRIMARY KEY,
  tenant_id {id} NOT NULL,
  source_id {id} NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  sequence {integer} NOT NULL,
  fingerprint {text} NOT NULL,
  catalog {document} NOT NULL,
  table_count {integer} NOT NULL,
  column_count {integer} NOT NULL,
  taken_at {time} NOT NULL,
  UNIQUE (source_id, sequence)
);
CREATE TABLE batches (
  id {id} PRIMARY KEY,
  tenant_id {id} NOT NULL REFERENCES tenants (id),
  sequence {integer} NOT NULL,
  name {text} NOT NULL,
  plan_hash {text} NOT NULL,
  plan {document},
  status {text} NOT NULL
    CHECK (status = 'running' OR status = 'done' OR status = 'partial' OR status = 'failed' OR
      status = 'interrupted'),
  started_at {time} NOT NULL,
  finished_at {time},
  totals {document},
  created_by {id},
  UNIQUE (tenant_id, sequence)
);
CREATE TABLE jobs (
  id {id} PRIMARY KEY,
  tenant_id {id} NOT NULL,
  batch_id {id} NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
  position {integer} NOT NULL,
  source_endpoint {text} NOT NULL,
  target_endpoint {text} NOT NULL,
  source_schema {text} NOT NULL,
  source_table {text} NOT NULL,
  target_schema {text} NOT NULL,
  target_table {text} NOT NULL,
  status {text} NOT NULL
    CHECK (status = 'queued' OR status = 'done' OR status = 'failed' OR status = 'skipped'),
  input_hash {text} NOT NULL DEFAULT '',
  confidence {real},
  evidence {document},
  unmapped_targets {document},
  source_fields {integer} NOT NULL DEFAULT 0,
  mapped {integer} NOT NULL DEFAULT 0,
  target_fields {integer} NOT NULL DEFAULT 0,
  unmapped_target_count {integer} NOT NULL DEFAULT 0,
  required_unmapped {integer} NOT NULL DEFAULT 0,
  warnings {integer} NOT NULL DEFAULT 0,
  seconds {real} NOT NULL DEFAULT 0,
  error_code {text},
  error_message {text},
  error_hint {text},
  updated_at {time} NOT NULL,
  UNIQUE (batch_id, position)
);
CREATE TABLE job_fields (
  job_id {id} NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  position {integer} NOT NULL,
  tenant_id {id} NOT NULL,
  source_column {text} NOT NULL,
  decision {document} NOT NULL,
  confidence {real} NOT NULL,
  candidates {document} NOT NULL,
  PRIMARY KEY (job_id, position)
);
)sql";

constexpr std::string_view runs_down = R"sql(
DROP TABLE job_fields;
DROP TABLE jobs;
DROP TABLE batches;
DROP TABLE snapshots;
DROP TABLE sources;
)sql";

// The same table as among those of `runs`: in its place, a job's row holds its fields since.
constexpr std::string_view job_fields_up = R"sql(
CREATE TABLE job_fields (
  job_id {id} NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  position {integer} NOT NULL,
  tenant_id {id} NOT NULL,
  source_column {text} NOT NULL,
  decision {document} NOT NULL,
  confidence {real} NOT NULL,
  candidates {document} NOT NULL,
  PRIMARY KEY (job_id, position)
);
)sql";
constexpr std::string_view job_fields_down = "DROP TABLE job_fields;\n";

// Materialized on PostgreSQL only; SQLite has no such view, and computing it there is cheap.
constexpr std::string_view lineage_select = R"sql(
  SELECT m.id, c.connector_name AS source_system, m.source_table, m.source_field,
    m.canonical_entity AS target_entity, m.canonical_field AS target_field, m.mapping_type,
    m.confidence_score, m.transformation_rule, m.validation_status, m.success_rate,
    m.avg_processing_time_ms, m.error_count, m.mapping_source, m.status, m.created_at,
    m.updated_at, created.email AS created_by_email, updated.email AS updated_by_email,
    m.tenant_id
  FROM field_mappings m
  JOIN connector_definitions c ON c.id = m.connector_id AND c.tenant_id = m.tenant_id
  LEFT JOIN users created ON created.id = m.created_by AND created.tenant_id = m.tenant_id
  LEFT JOIN users updated ON updated.id = m.updated_by AND updated.tenant_id = m.tenant_id;
)sql";

std::string_view lineage_view() {
  static const std::string text =
      "CREATE VIEW mv_mapping_lineage_grid AS" + std::string{lineage_select};
  return text;
}

std::string_view lineage_materialized_view() {
  static const std::string text =
      "CREATE MATERIALIZED VIEW mv_mapping_lineage_grid AS" + std::string{lineage_select} +
      "CREATE UNIQUE INDEX mv_mapping_lineage_grid_id ON mv_mapping_lineage_grid (id);\n";
  return text;
}

// What commands read on both dialects. Row-level security does not reach a materialized view, so
// the view in front of it does what a policy does on a table.
constexpr std::string_view lineage_grid_sqlite =
    "CREATE VIEW mapping_lineage_grid AS SELECT * FROM mv_mapping_lineage_grid;\n";
std::string_view lineage_grid_postgresql() {
  static const std::string text =
      "CREATE VIEW mapping_lineage_grid WITH (security_barrier) AS\n"
      "  SELECT * FROM mv_mapping_lineage_grid WHERE " +
      std::string{tenant_condition} + ";\n";
  return text;
}

// The grid in the order of its sources, a page of which is read along an index. A row of an index
// has to fit on a third of a page, so only the beginning of the names is in it; where that is the
// same, and for a name with the separator in it, the columns themselves decide. The order stands in
// the view, as none from outside gets past a security barrier.
#define MAPCTL_LINEAGE_SORT_KEY                                                      \
  "left(source_system || chr(1) || source_table || chr(1) || source_field || chr(1)" \
  " || target_entity || chr(1) || target_field, 300)"
std::string_view lineage_pages_postgresql() {
  static const std::string text =
      "CREATE INDEX mv_mapping_lineage_grid_order ON mv_mapping_lineage_grid\n"
      "  (tenant_id, (" MAPCTL_LINEAGE_SORT_KEY
      "));\n"
      "CREATE VIEW mapping_lineage_pages WITH (security_barrier) AS\n"
      "  SELECT *, " MAPCTL_LINEAGE_SORT_KEY
      " AS sort_key FROM mv_mapping_lineage_grid\n"
      "  WHERE " +
      std::string{tenant_condition} +
      "\n"
      "  ORDER BY tenant_id, sort_key, source_system, source_table, source_field, target_entity, "
      "target_field, id;\n";
  return text;
}
// SQLite computes the grid and walks it in order by itself.
constexpr std::string_view lineage_pages_sqlite =
    "CREATE VIEW mapping_lineage_pages AS SELECT * FROM mapping_lineage_grid ORDER BY tenant_id, "
    "source_system, source_table, source_field, target_entity, target_field, id;\n";
constexpr std::string_view lineage_pages_down_postgresql =
    "DROP VIEW mapping_lineage_pages;\n"
    "DROP INDEX mv_mapping_lineage_grid_order;\n";

}  // namespace

std::span<const Migration> migrations() noexcept {
  static const std::array list{
      Migration{1, "mappings", mappings_up, mappings_down, {}, {}},
      Migration{2, "runs", runs_up, runs_down, {}, {}},
      Migration{3,
                "lineage",
                "",
                "",
                {lineage_view(), "DROP VIEW mv_mapping_lineage_grid;\n"},
                {lineage_materialized_view(), "DROP MATERIALIZED VIEW mv_mapping_lineage_grid;\n"}},
      Migration{4,
                "lineage_grid",
                "",
                "",
                {lineage_grid_sqlite, "DROP VIEW mapping_lineage_grid;\n"},
                {lineage_grid_postgresql(), "DROP VIEW mapping_lineage_grid;\n"}},
      Migration{5,
                "job_fields_in_jobs",
                "ALTER TABLE jobs ADD COLUMN fields {bytes};\n",
                "ALTER TABLE jobs DROP COLUMN fields;\n",
                {},
                {},
                gather_job_fields,
                spread_job_fields},
      Migration{6, "job_fields_gone", job_fields_down, job_fields_up, {}, {}},
      Migration{7,
                "audit_chain",
                chain_up,
                chain_down,
                {chain_up_sqlite, chain_down_sqlite},
                {chain_up_postgresql, chain_down_postgresql},
                chain_audit_rows},
      Migration{8, "governance", governance_up, governance_down, {}, {}},
      Migration{9, "reviews", reviews_up, reviews_down, {}, {}},
      Migration{10, "yaml_migrations", yaml_migrations_up, yaml_migrations_down, {}, {}},
      Migration{11, "language_model", language_model_up, language_model_down, {}, {}},
      Migration{12, "calibrations", calibrations_up, calibrations_down, {}, {}},
      Migration{13, "audit_verifications", verifications_up, verifications_down, {}, {}},
      Migration{14,
                "lineage_pages",
                "",
                "",
                {lineage_pages_sqlite, "DROP VIEW mapping_lineage_pages;\n"},
                {lineage_pages_postgresql(), lineage_pages_down_postgresql}},
      Migration{
          15, "baseline_embeddings", baseline_up, baseline_down, {}, {baseline_up_postgresql, ""}},
  };
  return list;
}

}  // namespace mapctl::registry
