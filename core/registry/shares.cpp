// SPDX-License-Identifier: Apache-2.0
#include "core/registry/shares.hpp"

#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/registry/evidence.hpp"
#include "core/registry/state.hpp"
#include "core/registry/versions.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace mapctl::registry {
namespace {

using mapping::FieldMapping;
using mapping::MappingId;

// What differs from the version in force, as it is kept.
Json document_of(const MappingEdit& edit) {
  Json document = Json::object();
  if (edit.transformation) {
    const std::string rule = transformation_to_json(*edit.transformation);
    document["transformation_rule"] = rule.empty() ? Json{} : parse_json(rule, "a rule");
  }
  if (edit.canonical_data_type) {
    document["canonical_data_type"] = *edit.canonical_data_type;
  }
  if (edit.notes) {
    document["notes"] = *edit.notes;
  }
  return document;
}

void overlay(const Json& document, FieldMapping& mapping) {
  if (const auto rule = document.find("transformation_rule"); rule != document.end()) {
    mapping.transformation =
        rule->is_null() ? mapping::Transformation{} : mapping::transformation_from_json(*rule);
    mapping.mapping_type = mapping::mapping_type_of(mapping.transformation);
  }
  mapping.canonical_data_type = document.value("canonical_data_type", mapping.canonical_data_type);
  mapping.notes = document.value("notes", mapping.notes);
}

struct Kept {
  std::string document{}, reason{}, created_at{}, created_by{};
  int percent = 0;
};

// Of the tenant, by mapping.
std::map<std::string, Kept> kept_shares(RegistryState& state) {
  std::map<std::string, Kept> kept;
  Query select{state,
               "SELECT field_mapping_id, mapping, share, reason, created_at, created_by FROM "
               "mapping_candidates WHERE tenant_id = $1"};
  select.with(state.tenant);
  while (select.step()) {
    kept[select.text(0)] = {select.text(1), select.text(3), select.text(4), select.text(5),
                            static_cast<int>(select->integer(2))};
  }
  return kept;
}

std::string facts_of(const Kept& kept) {
  return fmt::format("{{\"percent\":{},\"mapping\":{}}}", kept.percent, kept.document);
}

Json read_document(const Kept& kept, std::string_view id) {
  return parse_json(kept.document, fmt::format("the share of mapping {}", id));
}

}  // namespace

void set_share(Registry& registry, const MappingAt& at, const MappingEdit& edit, int percent,
               std::string_view reason) {
  RegistryState& state = registry.state();
  if (percent < 1 || percent > 100) {
    throw Error{ErrorCode::usage, fmt::format("a share of {} percent is none", percent),
                "give a number from 1 to 100, or stop the share"};
  }
  if (trim(reason).empty()) {
    throw Error{ErrorCode::usage, "to serve a share of look-ups, a reason is needed",
                "give one with --reason TEXT"};
  }
  check_name("the reason", reason);
  check_name("the mapping's note", edit.notes.value_or(""));
  check_name("the target's data type", edit.canonical_data_type.value_or(""));
  Write write{state, Role::approver, "serve a share of look-ups"};
  if (state.rules().second_person) {
    throw Error{ErrorCode::denied,
                fmt::format("'{}' may not both propose and serve a mapping", state.actor.user.text),
                "the tenant's policy asks for a second person: change it with mapctl review edit"};
  }
  const std::optional<FieldMapping> found = find_mapping(state, at.id);
  if (!found) {
    throw Error{ErrorCode::not_found,
                fmt::format("tenant '{}' has no mapping '{}'", state.actor.tenant.text, at.id.text),
                "list them with: mapctl registry lineage"};
  }
  if (found->status != mapping::MappingStatus::active ||
      (at.version != 0 && at.version != found->version)) {
    throw Error{ErrorCode::conflict,
                fmt::format("mapping '{}' of '{}' is {} in version {}", at.id.text,
                            found->key.source_field.text, to_string(found->status), found->version),
                "only an active mapping has a share beside it"};
  }
  const Json document = document_of(edit);
  FieldMapping served = *found;
  overlay(document, served);
  if (differences(*found, served).empty()) {
    throw Error{ErrorCode::usage,
                fmt::format("the share of mapping '{}' would see what all see", at.id.text),
                "give another --rule, --type or --note"};
  }
  const std::map<std::string, Kept> before = kept_shares(state);
  const auto old = before.find(at.id.text);
  const Kept now{to_line(document), std::string{reason}, state.now(), state.user(), percent};
  Query keep{state,
             "INSERT INTO mapping_candidates (field_mapping_id, tenant_id, mapping, share, reason, "
             "created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT "
             "(field_mapping_id) DO UPDATE SET mapping = excluded.mapping, share = "
             "excluded.share, reason = excluded.reason, created_at = excluded.created_at, "
             "created_by = excluded.created_by"};
  keep.with(at.id.text, state.tenant, now.document, percent, reason, now.created_at,
            now.created_by);
  if (now.created_by.empty()) {
    keep->bind_null(7);
  }
  keep.step();
  const std::string facts = facts_of(now);
  const std::string facts_before = old == before.end() ? std::string{} : facts_of(old->second);
  state.audit().add(
      {"share_set", at.id.text, "share", facts_before, facts, reason, std::nullopt, {}});
  write.commit();
}

bool stop_share(Registry& registry, const MappingId& id, std::string_view reason) {
  RegistryState& state = registry.state();
  check_name("the reason", reason);
  Write write{state, Role::approver, "stop a share of look-ups"};
  const std::map<std::string, Kept> before = kept_shares(state);
  const auto old = before.find(id.text);
  if (old == before.end()) {
    return false;
  }
  Query remove{state,
               "DELETE FROM mapping_candidates WHERE field_mapping_id = $1 AND tenant_id = $2"};
  remove.with(id.text, state.tenant).step();
  const std::string facts = facts_of(old->second);
  state.audit().add({"share_stopped", id.text, "share", facts, {}, reason, std::nullopt, {}});
  write.commit();
  return true;
}

std::vector<MappingShare> shares(Registry& registry) {
  RegistryState& state = registry.state();
  std::vector<MappingShare> found;
  for (const auto& [id, kept] : kept_shares(state)) {
    std::optional<FieldMapping> mapping = find_mapping(state, MappingId{id});
    if (mapping && mapping->status == mapping::MappingStatus::active) {
      overlay(read_document(kept, id), *mapping);
      found.push_back({*std::move(mapping), kept.percent, kept.reason, kept.created_at,
                       state.user_name(kept.created_by)});
    }
  }
  std::sort(found.begin(), found.end(), [](const MappingShare& left, const MappingShare& right) {
    return left.mapping.key < right.mapping.key;
  });
  return found;
}

bool is_in_share(const MappingId& id, std::string_view subject, int percent) noexcept {
  return static_cast<int>(fast_hash(subject, fast_hash(id.text)) % 100) < percent;
}

std::vector<std::size_t> serve_shares(Registry& registry, std::string_view subject,
                                      std::vector<FieldMapping>& mappings) {
  std::vector<std::size_t> served;
  const std::map<std::string, Kept> kept = kept_shares(registry.state());
  for (std::size_t at = 0; !kept.empty() && at < mappings.size(); ++at) {
    const auto share = kept.find(mappings[at].id.text);
    if (share != kept.end() && is_in_share(mappings[at].id, subject, share->second.percent)) {
      overlay(read_document(share->second, share->first), mappings[at]);
      served.push_back(at);
    }
  }
  return served;
}

}  // namespace mapctl::registry
