// SPDX-License-Identifier: Apache-2.0
#include "core/registry/migrations_calibrations.hpp"

namespace mapctl::registry {

const std::string_view calibrations_up = R"sql(
CREATE TABLE calibrations (
  tenant_id {id} NOT NULL REFERENCES tenants (id),
  version {integer} NOT NULL,
  curves {text} NOT NULL,
  outcomes {integer} NOT NULL,
  ece_before {real} NOT NULL,
  ece_after {real} NOT NULL,
  loss_before {real} NOT NULL,
  loss_after {real} NOT NULL,
  reason {text} NOT NULL,
  created_at {time} NOT NULL,
  created_by {id},
  PRIMARY KEY (tenant_id, version)
);
)sql";

const std::string_view calibrations_down = R"sql(
DROP TABLE calibrations;
)sql";

}  // namespace mapctl::registry
