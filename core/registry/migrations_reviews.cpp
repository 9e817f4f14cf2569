// SPDX-License-Identifier: Apache-2.0
#include "core/registry/migrations_reviews.hpp"

namespace mapctl::registry {

// A review's id is that of its line, which need not be a mapping: it follows from the names beside
// it. An export is kept in parts, each some lines; part 0 says that it is there.
const std::string_view reviews_up = R"sql(
CREATE TABLE reviews (
  tenant_id {id} NOT NULL REFERENCES tenants (id),
  id {id} NOT NULL,
  connector_name {text} NOT NULL,
  source_table {text} NOT NULL,
  source_field {text} NOT NULL,
  canonical_entity {text} NOT NULL,
  canonical_field {text} NOT NULL,
  flag {text} NOT NULL DEFAULT ''
    CHECK (flag IN ('', 'flagged', 'needs_info', 'later', 'not_used')),
  reviewer {text} NOT NULL DEFAULT '',
  written {json} NOT NULL,
  updated_at {time} NOT NULL,
  updated_by {id},
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX reviews_pair ON reviews (tenant_id, connector_name, source_table, canonical_entity);
CREATE TABLE workbook_exports (
  tenant_id {id} NOT NULL REFERENCES tenants (id),
  export_id {text} NOT NULL,
  part {integer} NOT NULL,
  run_id {text} NOT NULL,
  lines {json} NOT NULL,
  created_at {time} NOT NULL,
  created_by {id},
  PRIMARY KEY (tenant_id, export_id, part)
);
CREATE TABLE sign_offs (
  tenant_id {id} NOT NULL REFERENCES tenants (id),
  export_id {text} NOT NULL,
  gate {text} NOT NULL,
  name {text} NOT NULL,
  decision {text} NOT NULL,
  signed_on {text} NOT NULL,
  version {text} NOT NULL,
  comment {text} NOT NULL,
  content_hash {text} NOT NULL,
  updated_at {time} NOT NULL,
  updated_by {id},
  PRIMARY KEY (tenant_id, export_id, gate)
);
)sql";

const std::string_view reviews_down = R"sql(
DROP TABLE sign_offs;
DROP TABLE workbook_exports;
DROP TABLE reviews;
)sql";

}  // namespace mapctl::registry
