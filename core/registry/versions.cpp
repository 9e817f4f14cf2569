// SPDX-License-Identifier: Apache-2.0
#include "core/registry/versions.hpp"

#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/registry/evidence.hpp"
#include "core/registry/mapping_rows.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

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
// Times as everywhere in a registry, where jsonb would have its own.
#define MAPCTL_ISO_TIME R"('YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"
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
    "'error_count', error_count, 'last_validated_at', to_char(last_validated_at AT TIME ZONE "
    "'UTC', " MAPCTL_ISO_TIME
    "), "
    "'mapping_source', mapping_source, 'version', version, 'status', status, 'notes', notes, "
    "'created_at', to_char(created_at AT TIME ZONE 'UTC', " MAPCTL_ISO_TIME
    "), 'created_by', created_by, 'updated_at', to_char(updated_at AT TIME ZONE "
    "'UTC', " MAPCTL_ISO_TIME
    "), "
    "'updated_by', updated_by"
    ") FROM field_mappings WHERE id = $1 AND tenant_id = $2";

using mapping::FieldMapping;
using mapping::MappingId;

std::string number_text(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

std::string text_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

template <class Enum>
Enum word_of(std::optional<Enum> value, const FieldMapping& mapping) {
  if (!value) {
    throw Error{ErrorCode::invalid_data,
                fmt::format("version {} of mapping '{}' is damaged in the registry",
                            mapping.version, mapping.id.text),
                "restore the registry from a backup"};
  }
  return *value;
}

// The way back of keep_version().
FieldMapping mapping_of(const Json& json, const MappingId& id, int version,
                        const mapping::ConnectorName& connector, RegistryState& state) {
  FieldMapping mapping;
  mapping.id = id;
  mapping.version = version;
  mapping.key = {connector, catalog::TableName{text_of(json, "source_table")},
                 mapping::FieldPath{text_of(json, "source_field")},
                 mapping::EntityName{text_of(json, "canonical_entity")},
                 mapping::FieldPath{text_of(json, "canonical_field")}};
  mapping.source_data_type = text_of(json, "source_data_type");
  mapping.canonical_data_type = text_of(json, "canonical_data_type");
  mapping.mapping_type =
      word_of(mapping::mapping_type_from(text_of(json, "mapping_type")), mapping);
  if (const auto rule = json.find("transformation_rule"); rule != json.end()) {
    mapping.transformation = mapping::transformation_from_json(*rule);
  }
  mapping.confidence = json.value("confidence_score", 0.0);
  mapping.validation_status =
      word_of(mapping::validation_status_from(text_of(json, "validation_status")), mapping);
  mapping.source = word_of(mapping::mapping_source_from(text_of(json, "mapping_source")), mapping);
  mapping.status = word_of(mapping::mapping_status_from(text_of(json, "status")), mapping);
  mapping.notes = text_of(json, "notes");
  mapping.created_at = text_of(json, "created_at");
  mapping.created_by = state.user_name(text_of(json, "created_by"));
  mapping.updated_at = text_of(json, "updated_at");
  mapping.updated_by = state.user_name(text_of(json, "updated_by"));
  return mapping;
}

std::optional<MappingVersion> version_in_force(RegistryState& state, const MappingId& id) {
  Query select{state, "SELECT " MAPCTL_MAPPING_COLUMNS
                      ", c.connector_name, m.approved_by, m.approved_at, m.version_reason FROM "
                      "field_mappings m JOIN connector_definitions c ON c.id = m.connector_id "
                      "WHERE m.id = $1 AND m.tenant_id = $2"};
  if (!is_uuid(id.text) || !select.with(id.text, state.tenant).step()) {
    return std::nullopt;
  }
  MappingVersion version;
  version.active = true;
  version.mapping = read_mapping(*select, select.text(mapping_column_count), state);
  version.created_at = version.mapping.updated_at;
  version.created_by = version.mapping.updated_by;
  version.approved_by_id = select.text(mapping_column_count + 1);
  version.approved_by = state.user_name(version.approved_by_id);
  version.approved_at = select.text(mapping_column_count + 2);
  version.reason = select.text(mapping_column_count + 3);
  return version;
}

}  // namespace

std::optional<FieldMapping> find_mapping(RegistryState& state, const MappingId& id) {
  if (!is_uuid(id.text)) {
    return std::nullopt;
  }
  Query select{state, "SELECT " MAPCTL_MAPPING_COLUMNS
                      ", c.connector_name FROM field_mappings m JOIN connector_definitions c "
                      "ON c.id = m.connector_id WHERE m.id = $1 AND m.tenant_id = $2"};
  if (!select.with(id.text, state.tenant).step()) {
    return std::nullopt;
  }
  return read_mapping(*select, select.text(mapping_column_count), state);
}

std::vector<MappingVersion> load_versions(RegistryState& state, const MappingId& id) {
  std::vector<MappingVersion> versions;
  std::optional<MappingVersion> current;
  if (is_uuid(id.text)) {
    current = version_in_force(state, id);
  }
  if (!current) {
    return versions;
  }
  {
    Query select{state,
                 "SELECT version, mapping, approved_by, approved_at, created_at, created_by, "
                 "reason FROM mapping_versions WHERE field_mapping_id = $1 AND tenant_id = $2 "
                 "ORDER BY version"};
    select.with(id.text, state.tenant);
    while (select.step()) {
      MappingVersion version;
      const int number = static_cast<int>(select->integer(0));
      version.mapping = mapping_of(
          parse_json(select->text(1), fmt::format("version {} of mapping {}", number, id.text)), id,
          number, current->mapping.key.connector, state);
      version.approved_by_id = select.text(2);
      version.approved_by = state.user_name(version.approved_by_id);
      version.approved_at = select.text(3);
      version.created_at = select.text(4);
      version.created_by = state.user_name(select.text(5));
      version.reason = select.text(6);
      versions.push_back(std::move(version));
    }
  }
  versions.push_back(*std::move(current));
  return versions;
}

MappingVersion load_version(RegistryState& state, const MappingId& id, int version) {
  std::vector<MappingVersion> versions = load_versions(state, id);
  const auto found = std::find_if(versions.begin(), versions.end(), [&](const auto& candidate) {
    return candidate.mapping.version == version;
  });
  if (found == versions.end()) {
    throw Error{ErrorCode::not_found,
                versions.empty() ? fmt::format("tenant '{}' has no mapping '{}'",
                                               state.actor.tenant.text, id.text)
                                 : fmt::format("mapping '{}' has no version {}", id.text, version),
                versions.empty() ? std::string{"list them with: mapctl registry lineage"}
                                 : "see which there are with: mapctl registry history " + id.text};
  }
  return std::move(*found);
}

std::vector<Difference> differences(const FieldMapping& before, const FieldMapping& after) {
  std::vector<Difference> found;
  const auto compare = [&](std::string_view field, std::string_view old_text,
                           std::string_view new_text) {
    if (old_text != new_text) {
      found.push_back({field, std::string{old_text}, std::string{new_text}});
    }
  };
  compare("status", to_string(before.status), to_string(after.status));
  compare("source_data_type", before.source_data_type, after.source_data_type);
  compare("canonical_data_type", before.canonical_data_type, after.canonical_data_type);
  compare("mapping_type", to_string(before.mapping_type), to_string(after.mapping_type));
  if (before.transformation != after.transformation) {
    compare("transformation_rule", transformation_to_json(before.transformation),
            transformation_to_json(after.transformation));
  }
  if (before.confidence != after.confidence) {
    compare("confidence_score", number_text(before.confidence), number_text(after.confidence));
  }
  compare("validation_status", to_string(before.validation_status),
          to_string(after.validation_status));
  compare("mapping_source", to_string(before.source), to_string(after.source));
  compare("notes", before.notes, after.notes);
  return found;
}

void keep_version(RegistryState& state, std::string_view mapping_id) {
  Query keep{state, state.session->dialect() == ports::SqlDialect::sqlite
                        ? keep_version_sqlite
                        : keep_version_postgresql};
  keep.with(mapping_id, state.tenant);
  keep->post();
}

}  // namespace mapctl::registry
