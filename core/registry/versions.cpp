// SPDX-License-Identifier: Apache-2.0
#include "core/registry/state.hpp"

namespace mapctl::registry {
namespace {

// Copies a row as it is. SQLite's own JSON keeps 15 digits of a number; 17 give the same back.
constexpr auto keep_version_sqlite =
    "INSERT INTO mapping_versions (field_mapping_id, version, tenant_id, method, approved_by, "
    "approved_at, created_at, created_by, reason, mapping) SELECT id, version, tenant_id, "
    "mapping_source, approved_by, approved_at, updated_at, updated_by, version_reason, json_object("
    "'id', id, 'connection_id', connection_id, 'connector_id', connector_id, "
    "'entity_schema_id', entity_schema_id, 'source_table', source_table, "
    "'source_field', source_field, 'source_data_type', source_data_type, "
    "'canonical_entity', canonical_entity, 'canonical_field', canonical_field, "
    "'canonical_data_type', canonical_data_type, 'mapping_type', mapping_type, "
    "'transformation_rule', json(transformation_rule), "
    "'coercion_function', coercion_function, "
    "'confidence_score', json(printf('%!.17g', confidence_score)), "
    "'validation_status', validation_status, "
    "'success_rate', json(CASE WHEN success_rate IS NOT NULL THEN printf('%!.17g', success_rate) "
    "END), "
    "'avg_processing_time_ms', json(CASE WHEN avg_processing_time_ms IS NOT NULL THEN "
    "printf('%!.17g', avg_processing_time_ms) END), "
    "'error_count', error_count, 'last_validated_at', last_validated_at, "
    "'mapping_source', mapping_source, 'version', version, 'status', status, 'notes', notes, "
    "'created_at', created_at, 'created_by', created_by, 'updated_at', updated_at, "
    "'updated_by', updated_by"
    ") FROM field_mappings WHERE id = $1 AND tenant_id = $2";
constexpr auto keep_version_postgresql =
    "INSERT INTO mapping_versions (field_mapping_id, version, tenant_id, method, approved_by, "
    "approved_at, created_at, created_by, reason, mapping) SELECT id, version, tenant_id, "
    "mapping_source, approved_by, approved_at, updated_at, updated_by, version_reason, "
    "jsonb_build_object("
    "'id', id, 'connection_id', connection_id, 'connector_id', connector_id, "
    "'entity_schema_id', entity_schema_id, 'source_table', source_table, "
    "'source_field', source_field, 'source_data_type', source_data_type, "
    "'canonical_entity', canonical_entity, 'canonical_field', canonical_field, "
    "'canonical_data_type', canonical_data_type, 'mapping_type', mapping_type, "
    "'transformation_rule', transformation_rule, 'coercion_function', coercion_function, "
    "'confidence_score', confidence_score, 'validation_status', validation_status, "
    "'success_rate', success_rate, 'avg_processing_time_ms', avg_processing_time_ms, "
    "'error_count', error_count, 'last_validated_at', last_validated_at, "
    "'mapping_source', mapping_source, 'version', version, 'status', status, 'notes', notes, "
    "'created_at', created_at, 'created_by', created_by, 'updated_at', updated_at, "
    "'updated_by', updated_by"
    ") FROM field_mappings WHERE id = $1 AND tenant_id = $2";

}  // namespace

void keep_version(RegistryState& state, std::string_view mapping_id) {
  Query keep{state, state.session->dialect() == ports::SqlDialect::sqlite
                        ? keep_version_sqlite
                        : keep_version_postgresql};
  keep.with(mapping_id, state.tenant);
  keep->post();
}

}  // namespace mapctl::registry
