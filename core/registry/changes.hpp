// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/mapping.hpp"
#include "core/registry/registry.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mapctl::registry {

// Which version of a mapping a change is meant for; 0: the one in force, whatever it is.
struct MappingAt {
  mapping::MappingId id{};
  int version = 0;
};

struct NewMapping {
  // key, types, transformation, mapping_type, confidence, validation_status, source, status, notes
  mapping::FieldMapping mapping{};
  std::string connector_type = "file";  // rest_api, database, file; of a connector that is new
  std::string entity_version = "1.0.0";
  bool canonical = true;  // entity of all tenants, not one of the tenant's own
};

// Members that are not set stay as they are.
struct MappingEdit {
  std::optional<std::string> source_data_type{};
  std::optional<std::string> canonical_data_type{};
  std::optional<mapping::Transformation> transformation{};  // mapping_type follows unless set too
  std::optional<mapping::MappingType> mapping_type{};
  std::optional<double> confidence{};
  std::optional<mapping::ValidationStatus> validation_status{};
  std::optional<mapping::MappingSource> source{};
  std::optional<std::string> notes{};
};

struct ChangeOptions {
  // Rows say `migrated`, and mappings may be created active without a second person, as they were
  // in force where they come from. Takes an admin.
  bool migration = false;
  std::string trace{};  // instead of the actor's
};

// What put_all() did.
struct PutCounts {
  std::size_t created = 0;
  std::size_t updated = 0;
  std::size_t unchanged = 0;
};

// Changes of mappings that become visible all at once: one write transaction from construction to
// commit(), undone without it. Each change is a new version of its mapping, has its audit rows (one
// for each field that differs) and obeys the actor's role and the tenant's policy. The registry
// must outlive it and is not used for other writes meanwhile.
//
// Errors: denied (role; the policy wants a second person), conflict (the mapping has another
// version by now), not_found, already_exists, resource_limit (quota), usage (no reason given).
class Changes {
 public:
  explicit Changes(Registry& registry, ChangeOptions options = {});
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;
  ~Changes();

  std::optional<mapping::FieldMapping> find(const mapping::MappingId& id);
  std::optional<mapping::FieldMapping> find(const mapping::MappingKey& key);

  mapping::MappingId create(const NewMapping& mapping, std::string_view reason);
  // Creates it, or makes the one that is kept equal to it; false when it is so already.
  bool put(const NewMapping& mapping, std::string_view reason);
  // put() of each in its order, as fast as the database takes rows.
  PutCounts put_all(std::span<const NewMapping> mappings, std::string_view reason);

  // Each returns false when nothing had to change. An edit of an active mapping goes back to review
  // where the policy wants a second person or the actor is no approver.
  bool edit(const MappingAt& at, const MappingEdit& edit, std::string_view reason);
  bool approve(const MappingAt& at, std::string_view reason = {});
  bool reject(const MappingAt& at, std::string_view reason);
  bool deprecate(const MappingAt& at, std::string_view reason);
  bool reopen(const MappingAt& at, std::string_view reason);  // back to pending_review
  // As an id follows from its key, another target is another mapping: this one is deprecated, and
  // one to the new target is created, or put back to review, with the same content.
  mapping::MappingId retarget(const MappingAt& at, const mapping::EntityName& entity,
                              const mapping::FieldPath& field, std::string_view reason);

  // Content and status of an earlier version as a new one.
  bool roll_back(const MappingAt& at, int to_version, std::string_view reason);

  // Decides that a source field stays unmapped, or takes that back.
  bool set_not_used(const mapping::ConnectorName& connector, const catalog::TableName& table,
                    const mapping::FieldPath& field, std::string_view reason);
  bool clear_not_used(const mapping::ConnectorName& connector, const catalog::TableName& table,
                      const mapping::FieldPath& field, std::string_view reason);

  // An audit row about something kept elsewhere in this transaction: a reviewer's comment.
  void record(const mapping::MappingId& id, std::string_view field, std::string_view before,
              std::string_view after, std::string_view reason);

  std::size_t changed() const noexcept;  // mappings and dispositions so far
  void commit();

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace mapctl::registry
