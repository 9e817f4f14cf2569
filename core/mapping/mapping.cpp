// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/mapping.hpp"

#include "core/base/hash.hpp"

namespace mapctl::mapping {

std::string_view to_string(MappingStatus status) noexcept {
  switch (status) {
    case MappingStatus::active: return "active";
    case MappingStatus::deprecated: return "deprecated";
    case MappingStatus::pending_review: return "pending_review";
    case MappingStatus::rejected: return "rejected";
  }
  return {};
}

std::string_view to_string(MappingSource source) noexcept {
  switch (source) {
    case MappingSource::manual: return "manual";
    case MappingSource::rag: return "rag";
    case MappingSource::llm: return "llm";
    case MappingSource::auto_detected: return "auto_detected";
  }
  return {};
}

std::string_view to_string(ValidationStatus status) noexcept {
  switch (status) {
    case ValidationStatus::pending: return "pending";
    case ValidationStatus::validated: return "validated";
    case ValidationStatus::failed: return "failed";
  }
  return {};
}

namespace {

// The words are the enumerators in order, so the way back is a walk over them.
template <class Enum>
std::optional<Enum> from_word(std::string_view word, Enum last) noexcept {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (to_string(static_cast<Enum>(i)) == word) {
      return static_cast<Enum>(i);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<MappingStatus> mapping_status_from(std::string_view word) noexcept {
  return from_word(word, MappingStatus::rejected);
}

std::optional<MappingSource> mapping_source_from(std::string_view word) noexcept {
  return from_word(word, MappingSource::auto_detected);
}

std::optional<ValidationStatus> validation_status_from(std::string_view word) noexcept {
  return from_word(word, ValidationStatus::failed);
}

MappingId mapping_id(const TenantName& tenant, const MappingKey& key) {
  return MappingId{NameId{}
                       .add(tenant.text)
                       .add(key.connector.text)
                       .add(key.source_table.text)
                       .add(key.source_field.text)
                       .add(key.entity.text)
                       .add(key.field.text)
                       .finish()};
}

}  // namespace mapctl::mapping
