// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/mapping.hpp"
#include "core/ports/sql_session.hpp"

#include <string>

// How rows of field_mappings are read. Not for users of the library.
#define MAPCTL_MAPPING_COLUMNS                                                                \
  "m.id, m.source_table, m.source_field, m.canonical_entity, m.canonical_field, "             \
  "m.source_data_type, m.canonical_data_type, m.mapping_type, m.transformation_rule, "        \
  "m.confidence_score, m.validation_status, m.mapping_source, m.version, m.status, m.notes, " \
  "m.created_at, m.created_by, m.updated_at, m.updated_by"

namespace mapctl::registry {

struct RegistryState;

inline constexpr int mapping_column_count = 19;  // of MAPCTL_MAPPING_COLUMNS

mapping::FieldMapping read_mapping(const ports::SqlStatement& row, const std::string& connector,
                                   RegistryState& state);

}  // namespace mapctl::registry
