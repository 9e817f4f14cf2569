// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/mapping/transformation.hpp"
#include "core/registry/mapping_rows.hpp"
#include "core/registry/registry.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace mapctl::registry {
namespace {

using mapping::FieldMapping;

constexpr auto lookup_field_sql =
    "SELECT " MAPCTL_MAPPING_COLUMNS
    " FROM field_mappings m WHERE m.tenant_id = $1 AND m.connector_id = $2 AND "
    "m.source_table = $3 AND m.source_field = $4 AND m.status = 'active' "
    "ORDER BY m.canonical_entity, m.canonical_field";
constexpr auto lookup_table_sql =
    "SELECT " MAPCTL_MAPPING_COLUMNS
    " FROM field_mappings m WHERE m.tenant_id = $1 AND m.connector_id = $2 AND "
    "m.source_table = $3 AND m.status = 'active' "
    "ORDER BY m.source_field, m.canonical_entity, m.canonical_field";

template <class Enum>
Enum known(std::optional<Enum> value, std::string_view what, std::string_view id) {
  if (!value) {
    throw Error{ErrorCode::invalid_data,
                fmt::format("mapping '{}' has an unknown {} in the registry", id, what),
                "restore the registry from a backup"};
  }
  return *value;
}

}  // namespace

FieldMapping read_mapping(const ports::SqlStatement& row, const std::string& connector,
                          RegistryState& state) {
  const auto text = [&](int column) { return std::string{row.text(column)}; };
  FieldMapping mapping;
  mapping.id = mapping::MappingId{text(0)};
  mapping.key = {mapping::ConnectorName{connector}, catalog::TableName{text(1)},
                 mapping::FieldPath{text(2)}, mapping::EntityName{text(3)},
                 mapping::FieldPath{text(4)}};
  mapping.source_data_type = text(5);
  mapping.canonical_data_type = text(6);
  mapping.mapping_type =
      known(mapping::mapping_type_from(row.text(7)), "mapping type", mapping.id.text);
  if (const auto rule = row.text(8); !rule.empty()) {
    mapping.transformation = mapping::transformation_from_json(
        parse_json(rule, fmt::format("the rule of mapping {}", mapping.id.text)));
  }
  mapping.confidence = row.real(9);
  mapping.validation_status =
      known(mapping::validation_status_from(row.text(10)), "validation status", mapping.id.text);
  mapping.source = known(mapping::mapping_source_from(row.text(11)), "source", mapping.id.text);
  mapping.version = static_cast<int>(row.integer(12));
  mapping.status = known(mapping::mapping_status_from(row.text(13)), "status", mapping.id.text);
  mapping.notes = text(14);
  mapping.created_at = text(15);
  mapping.created_by = state.user_name(text(16));
  mapping.updated_at = text(17);
  mapping.updated_by = state.user_name(text(18));
  return mapping;
}

std::vector<FieldMapping> Registry::lookup(const mapping::ConnectorName& connector,
                                           const catalog::TableName& source_table) {
  std::vector<FieldMapping> mappings;
  const std::string* id = state_->find_connector(connector);
  if (id == nullptr) {
    return mappings;
  }
  Query select{*state_, lookup_table_sql};
  select.with(state_->tenant, *id, source_table.text);
  while (select.step()) {
    mappings.push_back(read_mapping(*select, connector.text, *state_));
  }
  return mappings;
}

std::vector<FieldMapping> Registry::lookup(const mapping::ConnectorName& connector,
                                           const catalog::TableName& source_table,
                                           const mapping::FieldPath& source_field) {
  std::vector<FieldMapping> mappings;
  const std::string* id = state_->find_connector(connector);
  if (id == nullptr) {
    return mappings;
  }
  Query select{*state_, lookup_field_sql};
  select.with(state_->tenant, *id, source_table.text, source_field.text);
  while (select.step()) {
    mappings.push_back(read_mapping(*select, connector.text, *state_));
  }
  return mappings;
}

std::size_t Registry::for_each_mapping(const MappingFilter& filter,
                                       const std::function<void(const FieldMapping&)>& visit) {
  std::string sql = "SELECT " MAPCTL_MAPPING_COLUMNS
                    ", c.connector_name FROM connector_definitions c JOIN field_mappings m "
                    "ON m.tenant_id = c.tenant_id AND m.connector_id = c.id "
                    "WHERE c.tenant_id = $1";
  int parameters = 1;
  const auto add = [&](bool wanted, std::string_view condition) {
    if (wanted) {
      sql += fmt::format(" AND {} ${}", condition, ++parameters);
    }
  };
  add(filter.connector.has_value(), "c.connector_name =");
  add(filter.entity.has_value(), "m.canonical_entity =");
  add(filter.source_table.has_value(), "m.source_table =");
  add(filter.status.has_value(), "m.status =");
  add(filter.min_confidence.has_value(), "m.confidence_score >=");
  sql +=
      " ORDER BY c.connector_name, m.source_table, m.source_field, m.canonical_entity, "
      "m.canonical_field";

  // A statement of its own: `visit` may use the registry.
  const auto select = state_->session->prepare(sql);
  int parameter = 1;
  select->bind(1, state_->tenant);
  if (filter.connector) {
    select->bind(++parameter, filter.connector->text);
  }
  if (filter.entity) {
    select->bind(++parameter, filter.entity->text);
  }
  if (filter.source_table) {
    select->bind(++parameter, filter.source_table->text);
  }
  if (filter.status) {
    select->bind(++parameter, to_string(*filter.status));
  }
  if (filter.min_confidence) {
    select->bind(++parameter, *filter.min_confidence);
  }
  std::size_t count = 0;
  while (select->step()) {
    const std::string connector{select->text(19)};
    visit(read_mapping(*select, connector, *state_));
    ++count;
  }
  return count;
}

}  // namespace mapctl::registry
