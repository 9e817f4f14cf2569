// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/review.hpp"
#include "core/registry/registry.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

// What reviewers wrote about one line beyond what its mapping keeps: a mapping, a source field
// without target or a target field without source; or about one source value of a mapping, which
// then stands in `written` as "code".
struct ReviewRecord {
  std::string id{};  // of the line, as mapping_id() gives it; of a code its own
  mapping::MappingKey key{};
  // "", "flagged", "needs_info"; of a line without counterpart also "later", and "not_used" of a
  // target field.
  std::string flag{};
  std::map<std::string, std::string, std::less<>> written{};  // by key of the column
  std::string updated_at{}, updated_by{};

  std::string_view text(mapping::ReviewColumn column) const noexcept;  // empty when not written
};

// A source field that was decided to stay unmapped.
struct DispositionRecord {
  mapping::ConnectorName connector{};
  catalog::TableName source_table{};
  mapping::FieldPath source_field{};
  std::string reason{}, created_at{}, created_by{};
};

// What is asked for one line. Only what is set changes.
struct ReviewChange {
  enum class Subject : std::uint8_t { mapping, source_field, target_field };
  Subject subject = Subject::mapping;
  mapping::MappingKey key{};
  // The decision is about what this source value of the mapping becomes: the target code stands for
  // the default value.
  std::optional<std::string> code{};
  bool creates = false;                          // the mapping is new, decided by a person
  std::optional<mapping::MappingId> replaces{};  // in the place of this one
  std::map<mapping::ReviewColumn, std::string> set{};
  std::optional<bool> later{};
  std::string reason{};  // of a decision
  // What the caller saw of columns that reviewers write; other words by now are a conflict.
  std::map<mapping::ReviewColumn, std::string> seen{};
  std::optional<int> expected_version{};  // of the mapping; another one is a conflict
};

struct ReviewCounts {
  std::size_t lines = 0;  // that changed
  std::size_t cells = 0;  // audit rows written about them
  std::size_t signatures = 0;
  std::size_t created = 0, approved = 0, rejected = 0, not_used = 0, flagged = 0, reopened = 0;
};

// How a decision reached the registry: "review import of a.xlsx, sha256 ..."; the trace is written
// in each of its audit rows.
struct ReviewOrigin {
  std::string how{};
  std::string trace{};
};

struct SignOffRecord {
  std::string export_id{}, gate{};
  std::string name{}, decision{}, signed_on{}, version{}, comment{}, content_hash{};
};

struct ReviewFilter {
  std::optional<mapping::ConnectorName> connector{};
  std::optional<catalog::TableName> source_table{};
  std::optional<mapping::EntityName> entity{};
};

// Reviews of one tenant. Uses the registry's session, so the same thread; the registry must outlive
// it. Throws as Registry does.
class Reviews {
 public:
  explicit Reviews(Registry& registry) noexcept;

  // By connector, table, entity, field.
  std::vector<ReviewRecord> records(const ReviewFilter& filter = {});
  std::vector<DispositionRecord> dispositions(const ReviewFilter& filter = {});

  // All changes in one transaction, with one audit row for each cell; what says the same already is
  // left out. Throws Error::denied when the tenant's policy asks for another person or the user may
  // not do this, conflict when a mapping has another version by now, not_found; nothing is written
  // then.
  ReviewCounts apply(const std::vector<ReviewChange>& changes, const ReviewOrigin& origin,
                     const std::vector<SignOffRecord>& signatures = {});

  // What was exported, for workbooks that lose their hidden sheets. An export of this id that is
  // there already is replaced.
  void begin_export(const std::string& export_id, const std::string& run_id);
  void add_to_export(const std::string& export_id, const std::vector<mapping::ReviewLine>& lines);
  // Empty when there is no such export.
  std::vector<mapping::ReviewLine> load_export(const std::string& export_id);
  std::optional<std::string> run_of_export(const std::string& export_id);

  std::vector<SignOffRecord> signatures(const std::string& export_id);

 private:
  Registry* registry_;
  RegistryState& state_;
};

}  // namespace mapctl::registry
