// SPDX-License-Identifier: Apache-2.0
#include "core/registry/history.hpp"

#include "core/base/error.hpp"
#include "core/mapping/find_id.hpp"
#include "core/registry/changes.hpp"
#include "core/registry/evidence.hpp"
#include "core/registry/mapping_rows.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace mapctl::registry {

using mapping::FieldMapping;
using mapping::MappingId;
using mapping::MappingStatus;

std::vector<MappingVersion> history(Registry& registry, const MappingId& id) {
  RegistryState& state = registry.state();
  std::vector<MappingVersion> versions = load_versions(state, id);
  if (versions.empty()) {
    throw Error{ErrorCode::not_found,
                fmt::format("tenant '{}' has no mapping '{}'", state.actor.tenant.text, id.text),
                "list them with: mapctl registry lineage"};
  }
  return versions;
}

MappingId mapping_named(Registry& registry, std::string_view text) {
  if (is_uuid(text)) {
    return MappingId{std::string{text}};
  }
  RegistryState& state = registry.state();
  std::vector<MappingId> ids;
  // Anything else would be a pattern of LIKE, and begins no id.
  if (text.find_first_not_of("0123456789abcdef-") == text.npos) {
    Query select{state,
                 "SELECT id FROM field_mappings WHERE tenant_id = $1 AND "
                 "CAST(id AS TEXT) LIKE $2 ORDER BY id"};
    select.with(state.tenant, fmt::format("{}%", text));
    while (select.step()) {
      ids.emplace_back(select.text(0));
    }
  }
  return ids[mapping::find_id(ids, text)];
}

MappingVersion version_of(Registry& registry, const MappingId& id, int version) {
  return load_version(registry.state(), id, version);
}

std::vector<FieldMapping> mappings_of(Registry& registry, const mapping::ConnectorName& connector,
                                      const catalog::TableName& table,
                                      const mapping::FieldPath& field) {
  RegistryState& state = registry.state();
  std::vector<FieldMapping> mappings;
  const std::string* id = state.find_connector(connector);
  if (id == nullptr) {
    return mappings;
  }
  Query select{state, "SELECT " MAPCTL_MAPPING_COLUMNS
                      " FROM field_mappings m WHERE m.tenant_id = $1 AND m.connector_id = $2 AND "
                      "m.source_table = $3 AND m.source_field = $4 "
                      "ORDER BY m.canonical_entity, m.canonical_field"};
  select.with(state.tenant, *id, table.text, field.text);
  while (select.step()) {
    mappings.push_back(read_mapping(*select, connector.text, state));
  }
  return mappings;
}

namespace {

bool is_moment(std::string_view text) noexcept {
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd.dddZ";
  return std::equal(text.begin(), text.end(), shape.begin(), shape.end(), [](char c, char wanted) {
    return wanted == 'd' ? c >= '0' && c <= '9' : c == wanted;
  });
}

void check_goal(const RollbackGoal& goal) {
  if (goal.version.has_value() == !goal.moment.empty()) {
    throw Error{ErrorCode::usage, "a roll-back goes to a version or to a moment",
                "give --to-version N or --to-time T"};
  }
  // Moments are compared as text.
  if (!goal.version && !is_moment(goal.moment)) {
    throw Error{ErrorCode::usage, fmt::format("'{}' is no moment", goal.moment),
                "write it as 2026-01-31T08:05:00.000Z"};
  }
}

// No query is needed to see that the mapping is what the goal asks for.
bool is_there(const FieldMapping& mapping, const RollbackGoal& goal) {
  return goal.version ? mapping.version <= *goal.version : mapping.updated_at <= goal.moment;
}

// The version that was in force; nothing: none, the mapping did not exist then.
std::optional<int> version_at(RegistryState& state, const FieldMapping& mapping,
                              const std::string& moment) {
  Query select{state,
               "SELECT max(version) FROM mapping_versions WHERE field_mapping_id = $1 AND "
               "tenant_id = $2 AND created_at <= $3"};
  if (!select.with(mapping.id.text, state.tenant, moment).step() || select->is_null(0)) {
    return std::nullopt;
  }
  return static_cast<int>(select->integer(0));
}

// What is to be done to the mapping, if anything is.
std::optional<RollbackStep> step_of(RegistryState& state, FieldMapping mapping,
                                    const RollbackGoal& goal) {
  const std::optional<int> version =
      goal.version ? goal.version : version_at(state, mapping, goal.moment);
  const bool stays =
      version ? differences(mapping, load_version(state, mapping.id, *version).mapping).empty()
              : mapping.status == MappingStatus::deprecated;
  if (stays) {
    return std::nullopt;
  }
  return RollbackStep{std::move(mapping), version.value_or(0)};
}

RollbackResult plan(Registry& registry, const RollbackScope& scope, const RollbackGoal& goal) {
  RegistryState& state = registry.state();
  RollbackResult result;
  std::vector<FieldMapping> candidates;
  const auto consider = [&](const FieldMapping& mapping) {
    if (is_there(mapping, goal)) {
      ++result.unchanged;
    } else {
      candidates.push_back(mapping);
    }
  };
  if (scope.mapping) {
    const FieldMapping mapping = history(registry, *scope.mapping).back().mapping;
    if (goal.version) {
      load_version(state, mapping.id, *goal.version);  // throws when there is none
    }
    consider(mapping);
  } else {
    MappingFilter filter;
    filter.connector = scope.connector;
    if (registry.for_each_mapping(filter, consider) == 0 && scope.connector) {
      throw Error{ErrorCode::not_found,
                  fmt::format("connector '{}' has no mappings", scope.connector->text),
                  "see the connectors with: mapctl registry lineage"};
    }
  }
  for (FieldMapping& mapping : candidates) {
    if (auto step = step_of(state, std::move(mapping), goal)) {
      result.steps.push_back(*std::move(step));
    } else {
      ++result.unchanged;
    }
  }
  return result;
}

}  // namespace

RollbackResult roll_back(Registry& registry, const RollbackScope& scope, const RollbackGoal& goal,
                         std::string_view reason, bool dry_run) {
  check_goal(goal);
  RegistryState& state = registry.state();
  state.require(Role::approver, "roll back mappings");
  if (dry_run) {
    return plan(registry, scope, goal);
  }
  Changes changes{registry};
  RollbackResult result = plan(registry, scope, goal);  // nobody changes them meanwhile
  for (const RollbackStep& step : result.steps) {
    const MappingAt at{step.mapping.id, step.mapping.version};
    if (step.to_version == 0) {
      changes.deprecate(at,
                        reason.empty() ? "it did not exist at the moment rolled back to" : reason);
    } else {
      changes.roll_back(at, step.to_version, reason);
    }
  }
  changes.commit();
  return result;
}

std::string_view to_string(MappingConflict::Kind kind) noexcept {
  return kind == MappingConflict::Kind::several_targets ? "several_targets" : "several_sources";
}

namespace {

// Which part of a source field a mapping takes; empty: all of it. A field may feed several targets
// as long as none of them takes the same part.
std::string part_taken(const mapping::Transformation& transformation) {
  using Kind = mapping::TransformationKind;
  mapping::Transformation part;
  part.inputs = transformation.inputs;
  for (const mapping::TransformationStep& step : transformation.steps) {
    const bool is_part_of_moment = step.kind == Kind::cast && (step.argument("type") == "date" ||
                                                               step.argument("type") == "time");
    if (step.kind == Kind::split || step.kind == Kind::json_path || step.kind == Kind::expression ||
        step.kind == Kind::join || is_part_of_moment) {
      part.steps.push_back(step);
    }
  }
  return part == mapping::Transformation{} ? std::string{} : transformation_to_json(part);
}

bool several_take_the_same(const std::vector<FieldMapping>& mappings) {
  std::set<std::string> parts;
  return !std::all_of(mappings.begin(), mappings.end(), [&](const FieldMapping& mapping) {
    return parts.insert(part_taken(mapping.transformation)).second;
  });
}

}  // namespace

std::vector<MappingConflict> find_conflicts(Registry& registry) {
  using Key = std::tuple<std::string, std::string, std::string, std::string>;
  std::map<Key, std::vector<FieldMapping>> by_source;
  std::map<Key, std::vector<FieldMapping>> by_target;
  MappingFilter filter;
  filter.status = MappingStatus::active;
  std::vector<MappingConflict> conflicts;
  registry.for_each_mapping(filter, [&](const FieldMapping& mapping) {
    const mapping::MappingKey& key = mapping.key;
    if (!key.source_field.text.empty()) {
      by_source[{key.connector.text, key.source_table.text, key.source_field.text, key.entity.text}]
          .push_back(mapping);
    }
    const bool combines = mapping.mapping_type == mapping::MappingType::computed ||
                          mapping.mapping_type == mapping::MappingType::aggregated ||
                          mapping.transformation.inputs.size() > 1;
    if (!combines) {
      by_target[{key.connector.text, key.source_table.text, key.entity.text, key.field.text}]
          .push_back(mapping);
    }
  });
  for (auto& [key, mappings] : by_source) {
    if (several_take_the_same(mappings)) {
      conflicts.push_back({MappingConflict::Kind::several_targets, std::move(mappings)});
    }
  }
  for (auto& [key, mappings] : by_target) {
    if (mappings.size() > 1) {
      conflicts.push_back({MappingConflict::Kind::several_sources, std::move(mappings)});
    }
  }
  return conflicts;
}

}  // namespace mapctl::registry
