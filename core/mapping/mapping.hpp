// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/named.hpp"
#include "core/catalog/names.hpp"
#include "core/mapping/transformation.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mapctl::mapping {

using MappingId = Named<struct MappingIdTag>;
using ConnectorName = Named<struct ConnectorNameTag>;  // of connector_definitions: "hubspot"
using EntityName = Named<struct EntityNameTag>;        // "account", or "endpoint.schema.table"
using FieldPath = Named<struct FieldPathTag>;          // "user_id.value", as written

enum class MappingStatus : std::uint8_t { active, deprecated, pending_review, rejected };
enum class MappingSource : std::uint8_t { manual, rag, llm, auto_detected };
enum class ValidationStatus : std::uint8_t { pending, validated, failed };

std::string_view to_string(MappingStatus status) noexcept;
std::string_view to_string(MappingSource source) noexcept;
std::string_view to_string(ValidationStatus status) noexcept;
std::optional<MappingStatus> mapping_status_from(std::string_view word) noexcept;
std::optional<MappingSource> mapping_source_from(std::string_view word) noexcept;
std::optional<ValidationStatus> validation_status_from(std::string_view word) noexcept;

// What a mapping is about; its id follows from it and the tenant.
struct MappingKey {
  ConnectorName connector{};
  catalog::TableName source_table{};
  FieldPath source_field{};  // first input, or empty for a constant
  EntityName entity{};
  FieldPath field{};
  auto operator<=>(const MappingKey&) const = default;
};

// UUID version 5 of tenant name and key: the same in every registry and workbook.
MappingId mapping_id(const TenantName& tenant, const MappingKey& key);

// One field mapping as the registry keeps it.
struct FieldMapping {
  MappingId id{};
  MappingKey key{};
  std::string source_data_type{};
  std::string canonical_data_type{};
  MappingType mapping_type = MappingType::direct;
  Transformation transformation{};
  double confidence = 1.0;
  ValidationStatus validation_status = ValidationStatus::pending;
  MappingSource source = MappingSource::auto_detected;
  int version = 1;
  MappingStatus status = MappingStatus::pending_review;
  std::string notes{};
  std::string created_at{}, created_by{}, updated_at{}, updated_by{};
};

}  // namespace mapctl::mapping
