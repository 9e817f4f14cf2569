// SPDX-License-Identifier: Apache-2.0
#include "core/registry/schema_parts.hpp"

namespace mapctl::registry {

// A question is known by its hash; its answer is a list of numbers. Neither holds a name or a value
// of anybody's data.
const std::string_view language_model_up = R"sql(
CREATE TABLE llm_answers (
  tenant_id {id} NOT NULL REFERENCES tenants (id),
  key {text} NOT NULL,
  model {text} NOT NULL,
  prompt_version {text} NOT NULL,
  choices {text} NOT NULL,
  created_at {time} NOT NULL,
  created_by {id},
  PRIMARY KEY (tenant_id, key)
);
CREATE TABLE llm_usage (
  tenant_id {id} NOT NULL REFERENCES tenants (id),
  day {text} NOT NULL,
  model {text} NOT NULL,
  requests {integer} NOT NULL,
  failed {integer} NOT NULL,
  prompt_tokens {integer} NOT NULL,
  answer_tokens {integer} NOT NULL,
  cost {integer} NOT NULL,
  refused {integer} NOT NULL,
  PRIMARY KEY (tenant_id, day, model)
);
)sql";

const std::string_view language_model_down = R"sql(
DROP TABLE llm_usage;
DROP TABLE llm_answers;
)sql";

}  // namespace mapctl::registry
