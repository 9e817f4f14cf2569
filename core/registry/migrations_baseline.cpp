// SPDX-License-Identifier: Apache-2.0
#include "core/registry/migrations_baseline.hpp"

namespace mapctl::registry {

const std::string_view baseline_up = R"sql(
CREATE TABLE baseline_embeddings (
  embedding_model {text} NOT NULL,
  connector_name {text} NOT NULL,
  source_table {text} NOT NULL,
  source_field {text} NOT NULL,
  canonical_entity {text} NOT NULL,
  canonical_field {text} NOT NULL,
  embedding_text {text} NOT NULL,
  embedding_vector {bytes} NOT NULL,
  dimensions {integer} NOT NULL,
  created_at {time} NOT NULL,
  PRIMARY KEY (embedding_model, connector_name, source_table, source_field, canonical_entity,
    canonical_field)
);
)sql";

const std::string_view baseline_down = R"sql(
DROP TABLE baseline_embeddings;
)sql";

const std::string_view baseline_up_postgresql = R"sql(
ALTER TABLE baseline_embeddings ENABLE ROW LEVEL SECURITY;
ALTER TABLE baseline_embeddings FORCE ROW LEVEL SECURITY;
CREATE POLICY baseline_read ON baseline_embeddings FOR SELECT USING (TRUE);
CREATE POLICY baseline_upkeep ON baseline_embeddings
  USING ((SELECT current_setting('mapctl.tenant', true)) = '*');
)sql";

}  // namespace mapctl::registry
