// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// The audit log before its rows were chained: of the first migration, and of the way back to it.
#define MAPCTL_UNCHAINED_AUDIT_LOG                                                  \
  "CREATE TABLE mapping_audit_log (\n"                                              \
  "  tenant_id {id} NOT NULL,\n"                                                    \
  "  position {integer} NOT NULL,\n"                                                \
  "  id {id} NOT NULL,\n"                                                           \
  "  field_mapping_id {id},\n"                                                      \
  "  action {text} NOT NULL\n"                                                      \
  "    CHECK (action = 'created' OR action = 'updated' OR action = 'deleted' OR\n"  \
  "      action = 'validated' OR action = 'deprecated' OR action = 'approved' OR\n" \
  "      action = 'rejected' OR action = 'rolled_back' OR action = 'migrated'),\n"  \
  "  field_changed {text},\n"                                                       \
  "  old_value {text},\n"                                                           \
  "  new_value {text},\n"                                                           \
  "  changed_by {id},\n"                                                            \
  "  change_reason {text},\n"                                                       \
  "  confidence_delta {real},\n"                                                    \
  "  ip_address {text},\n"                                                          \
  "  user_agent {text},\n"                                                          \
  "  trace_id {text},\n"                                                            \
  "  created_at {time} NOT NULL,\n"                                                 \
  "  payload_digest {text},\n"                                                      \
  "  previous_hash {text},\n"                                                       \
  "  row_hash {text},\n"                                                            \
  "  PRIMARY KEY (tenant_id, position)\n"                                           \
  ");\n"

namespace mapctl::registry {

// Statements of migrations that stand in files of their own; schema.cpp lists them.
extern const std::string_view yaml_migrations_up;
extern const std::string_view yaml_migrations_down;
extern const std::string_view language_model_up;
extern const std::string_view language_model_down;

}  // namespace mapctl::registry
