// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/mapping.hpp"

#include "tests/support/catch.hpp"

using namespace mapctl::mapping;
using mapctl::TenantName;

namespace {

MappingKey key() {
  return {ConnectorName{"hubspot"}, mapctl::catalog::TableName{"companies"}, FieldPath{"name"},
          EntityName{"account"}, FieldPath{"name"}};
}

}  // namespace

TEST_CASE("a mapping's id follows from its tenant and every part of its key", "[mapping]") {
  const MappingId id = mapping_id(TenantName{"default"}, key());
  CHECK(id == mapping_id(TenantName{"default"}, key()));
  // Written down once: another value would change the id of every stored mapping.
  CHECK(id.text == "b67174df-3138-5e0a-9750-d761958b059c");
  CHECK(id != mapping_id(TenantName{"other"}, key()));
  MappingKey changed = key();
  changed.connector.text = "pipedrive";
  CHECK(id != mapping_id(TenantName{"default"}, changed));
  changed = key();
  changed.source_table.text = "company";
  CHECK(id != mapping_id(TenantName{"default"}, changed));
  changed = key();
  changed.source_field.text = "";
  CHECK(id != mapping_id(TenantName{"default"}, changed));
  changed = key();
  changed.entity.text = "contact";
  CHECK(id != mapping_id(TenantName{"default"}, changed));
  changed = key();
  changed.field.text = "type";
  CHECK(id != mapping_id(TenantName{"default"}, changed));
}

TEST_CASE("the words of a mapping's states lead back to them", "[mapping]") {
  CHECK(to_string(MappingStatus::pending_review) == "pending_review");
  CHECK(mapping_status_from("rejected") == MappingStatus::rejected);
  CHECK_FALSE(mapping_status_from("approved"));
  CHECK(to_string(MappingSource::auto_detected) == "auto_detected");
  CHECK(mapping_source_from("llm") == MappingSource::llm);
  CHECK_FALSE(mapping_source_from(""));
  CHECK(to_string(ValidationStatus::pending) == "pending");
  CHECK(validation_status_from("failed") == ValidationStatus::failed);
  CHECK_FALSE(validation_status_from("ok"));
}

TEST_CASE("a new mapping waits for review", "[mapping]") {
  const FieldMapping mapping;
  CHECK(mapping.status == MappingStatus::pending_review);
  CHECK(mapping.version == 1);
  CHECK(mapping.source == MappingSource::auto_detected);
}
