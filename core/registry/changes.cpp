// SPDX-License-Identifier: Apache-2.0
#include "core/registry/changes.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/registry/evidence.hpp"
#include "core/registry/mapping_rows.hpp"
#include "core/registry/state.hpp"
#include "core/registry/versions.hpp"

#include <fmt/format.h>

#include <cmath>
#include <unordered_set>
#include <utility>

namespace mapctl::registry {

using mapping::FieldMapping;
using mapping::MappingId;
using mapping::MappingStatus;

namespace {

void append_member(std::string& json, std::string_view name, std::string_view value) {
  json += json.size() == 1 ? "\"" : ",\"";
  json += name;
  json += "\":";
  append_text(json, value);
}

std::string created_facts(const FieldMapping& mapping) {
  std::string json = "{";
  append_member(json, "connector", mapping.key.connector.text);
  append_member(json, "source_table", mapping.key.source_table.text);
  append_member(json, "source_field", mapping.key.source_field.text);
  append_member(json, "canonical_entity", mapping.key.entity.text);
  append_member(json, "canonical_field", mapping.key.field.text);
  json += ",\"confidence_score\":";
  append_number(json, mapping.confidence);
  if (const std::string rule = transformation_to_json(mapping.transformation); !rule.empty()) {
    json += ",\"transformation_rule\":" + rule;
  }
  append_member(json, "status", to_string(mapping.status));
  json += '}';
  return json;
}

void check_content(const FieldMapping& mapping) {
  check_name("the source table's name", mapping.key.source_table.text);
  check_name("the source field's name", mapping.key.source_field.text);
  check_name("the target field's name", mapping.key.field.text);
  check_name("the mapping's note", mapping.notes);
  check_name("the source's data type", mapping.source_data_type);
  check_name("the target's data type", mapping.canonical_data_type);
  if (!(mapping.confidence >= 0 && mapping.confidence <= 1)) {
    throw Error{ErrorCode::usage, fmt::format("a confidence of {} is none", mapping.confidence),
                "give a number from 0 to 1"};
  }
}

#define MAPCTL_INSERT_MAPPING                                                                 \
  "INSERT INTO field_mappings (id, tenant_id, connector_id, entity_schema_id, source_table, " \
  "source_field, source_data_type, canonical_entity, canonical_field, canonical_data_type, "  \
  "mapping_type, transformation_rule, confidence_score, validation_status, mapping_source, "  \
  "version, status, notes, created_at, created_by, updated_at, updated_by, approved_by, "     \
  "approved_at, version_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "  \
  "$13, $14, $15, 1, $16, $17, $18, $19, $18, $19, $20, $21, $22)"

}  // namespace

class Changes::Work {
 public:
  Work(Registry& registry, ChangeOptions options)
      : state_{registry.state()},
        options_{std::move(options)},
        write_{state_, options_.migration ? Role::admin : Role::analyst,
               options_.migration ? "migrate mappings" : "change mappings"},
        now_{state_.now()} {}

  template <class Key>
  std::optional<FieldMapping> find(const Key& key) {
    if constexpr (std::is_same_v<Key, MappingId>) {
      return find_mapping(state_, key);
    } else {
      return find_mapping(state_, mapping::mapping_id(state_.actor.tenant, key));
    }
  }

  FieldMapping at(const MappingAt& at) {
    std::optional<FieldMapping> found = find_mapping(state_, at.id);
    if (!found) {
      throw Error{
          ErrorCode::not_found,
          fmt::format("tenant '{}' has no mapping '{}'", state_.actor.tenant.text, at.id.text),
          "list them with: mapctl registry lineage"};
    }
    if (at.version != 0 && at.version != found->version) {
      throw Error{ErrorCode::conflict,
                  fmt::format("mapping '{}' of '{}' has version {} by now, the change is meant for "
                              "version {}",
                              at.id.text, found->key.source_field.text, found->version, at.version),
                  "look at what changed with: mapctl registry history " + at.id.text};
    }
    return *std::move(found);
  }

  MappingId create(const NewMapping& made, std::string_view reason) {
    FieldMapping mapping = made.mapping;
    mapping.id = mapping::mapping_id(state_.actor.tenant, mapping.key);
    if (!insert(made, mapping, reason)) {
      throw Error{ErrorCode::already_exists,
                  fmt::format("field '{}' of '{}' is mapped to '{}' of '{}' already",
                              mapping.key.source_field.text, mapping.key.source_table.text,
                              mapping.key.field.text, mapping.key.entity.text),
                  "edit that mapping: mapctl review edit " + mapping.id.text};
    }
    return mapping.id;
  }

  bool put(const NewMapping& made, std::string_view reason) {
    FieldMapping mapping = made.mapping;
    mapping.id = mapping::mapping_id(state_.actor.tenant, mapping.key);
    return insert(made, mapping, reason) || put_kept(std::move(mapping), reason);
  }

  // Makes the one that is kept equal to `mapping`.
  bool put_kept(FieldMapping mapping, std::string_view reason) {
    const FieldMapping before = at({mapping.id, 0});
    if (mapping.status == MappingStatus::active && before.status != MappingStatus::active) {
      may_activate(before);
    }
    return update(before, std::move(mapping), options_.migration ? "migrated" : "updated", reason);
  }

  PutCounts put_all(std::span<const NewMapping> all, std::string_view reason) {
    std::vector<MappingId> ids;
    ids.reserve(all.size());
    for (const NewMapping& made : all) {
      ids.push_back(mapping::mapping_id(state_.actor.tenant, made.mapping.key));
    }
    // A file answers each row at once; a server is asked once for all.
    const bool asks = state_.session->dialect() == ports::SqlDialect::postgresql;
    std::unordered_set<std::string> kept = asks ? kept_of(ids) : std::unordered_set<std::string>{};
    PutCounts counts;
    for (std::size_t i = 0; i < all.size(); ++i) {
      FieldMapping mapping = all[i].mapping;
      mapping.id = ids[i];
      const bool is_new = asks && kept.insert(ids[i].text).second;
      if ((is_new || !asks) && insert(all[i], mapping, reason, is_new)) {
        ++counts.created;
      } else {
        ++(put_kept(std::move(mapping), reason) ? counts.updated : counts.unchanged);
      }
    }
    return counts;
  }

  bool edit(const MappingAt& which, const MappingEdit& edit, std::string_view reason) {
    const FieldMapping before = at(which);
    FieldMapping after = before;
    const auto take = [](auto& member, const auto& value) {
      if (value) {
        member = *value;
      }
    };
    take(after.source_data_type, edit.source_data_type);
    take(after.canonical_data_type, edit.canonical_data_type);
    take(after.transformation, edit.transformation);
    if (edit.transformation) {
      after.mapping_type = mapping::mapping_type_of(*edit.transformation);
    }
    take(after.mapping_type, edit.mapping_type);
    take(after.confidence, edit.confidence);
    take(after.validation_status, edit.validation_status);
    take(after.source, edit.source);
    take(after.notes, edit.notes);
    if (before.status == MappingStatus::active && !differences(before, after).empty() &&
        !options_.migration && (state_.role < Role::approver || state_.rules().second_person)) {
      after.status = MappingStatus::pending_review;
    }
    return update(before, std::move(after), options_.migration ? "migrated" : "updated", reason);
  }

  bool approve(const MappingAt& which, std::string_view reason) {
    const FieldMapping before = at(which);
    if (before.status == MappingStatus::active) {
      return false;
    }
    may_activate(before);
    return set_status(before, MappingStatus::active, "approved", reason);
  }

  bool decide(const MappingAt& which, MappingStatus status, std::string_view action,
              std::string_view what, std::string_view reason) {
    state_.require(Role::approver, what);
    if (trim(reason).empty()) {
      throw Error{ErrorCode::usage, fmt::format("to {}, a reason is needed", what),
                  "give one with --reason TEXT"};
    }
    return set_status(at(which), status, action, reason);
  }

  bool reopen(const MappingAt& which, std::string_view reason) {
    state_.require(Role::analyst, "reopen mappings");
    return set_status(at(which), MappingStatus::pending_review, "updated", reason);
  }

  MappingId retarget(const MappingAt& which, const mapping::EntityName& entity,
                     const mapping::FieldPath& field, std::string_view reason) {
    const FieldMapping before = at(which);
    NewMapping made;
    made.mapping = before;
    made.mapping.key.entity = entity;
    made.mapping.key.field = field;
    made.mapping.id = mapping::mapping_id(state_.actor.tenant, made.mapping.key);
    if (made.mapping.id == before.id) {
      return before.id;
    }
    made.mapping.status = MappingStatus::pending_review;
    made.mapping.source = mapping::MappingSource::manual;
    made.mapping.validation_status = mapping::ValidationStatus::pending;
    made.mapping.canonical_data_type.clear();
    made.canonical = is_shared(before.id);
    if (before.status == MappingStatus::active) {
      state_.require(Role::approver, "deprecate mappings");
    }
    set_status(before, MappingStatus::deprecated, "deprecated", reason);
    if (!insert(made, made.mapping, reason)) {
      const FieldMapping kept = at({made.mapping.id, 0});
      if (kept.status == MappingStatus::active) {
        throw Error{ErrorCode::already_exists,
                    fmt::format("field '{}' is mapped to '{}' of '{}' already",
                                kept.key.source_field.text, field.text, entity.text),
                    "reject or deprecate one of the two"};
      }
      update(kept, made.mapping, "updated", reason);
    }
    return made.mapping.id;
  }

  bool roll_back(const MappingAt& which, int to_version, std::string_view reason) {
    state_.require(Role::approver, "roll back mappings");
    const FieldMapping before = at(which);
    if (to_version == before.version) {
      return false;
    }
    const MappingVersion kept = load_version(state_, before.id, to_version);
    FieldMapping after = kept.mapping;
    after.key = before.key;
    return update(before, std::move(after), "rolled_back", reason, kept.approved_by_id);
  }

  bool set_not_used(const mapping::ConnectorName& connector, const catalog::TableName& table,
                    const mapping::FieldPath& field, std::string_view reason) {
    state_.require(Role::approver, "decide that fields are not used");
    if (trim(reason).empty()) {
      throw Error{ErrorCode::usage, "to leave a field unmapped, a reason is needed",
                  "give one with --reason TEXT"};
    }
    check_name("the reason", reason);
    const std::string& id = state_.connector(connector, "database");
    const std::optional<std::string> before = disposition(id, table, field);
    if (before && *before == reason) {
      return false;
    }
    Query write{state_,
                "INSERT INTO field_dispositions (id, tenant_id, connector_id, source_table, "
                "source_field, disposition, reason, created_at, created_by) VALUES ($1, $2, $3, "
                "$4, $5, 'not_used', $6, $7, $8) ON CONFLICT (tenant_id, connector_id, "
                "source_table, source_field) DO UPDATE SET reason = excluded.reason, "
                "created_at = excluded.created_at, created_by = excluded.created_by"};
    write.with(make_id({"disposition", state_.tenant, id, table.text, field.text}), state_.tenant,
               id, table.text, field.text, reason, now_, state_.user());
    bind_user(write, 8);
    write.step();
    audit_disposition(connector, table, field, before, std::string{reason}, reason);
    return true;
  }

  bool clear_not_used(const mapping::ConnectorName& connector, const catalog::TableName& table,
                      const mapping::FieldPath& field, std::string_view reason) {
    state_.require(Role::approver, "decide that fields are used");
    const std::string* id = state_.find_connector(connector);
    const auto before = id == nullptr ? std::nullopt : disposition(*id, table, field);
    if (!before) {
      return false;
    }
    Query remove{state_,
                 "DELETE FROM field_dispositions WHERE tenant_id = $1 AND connector_id = $2 AND "
                 "source_table = $3 AND source_field = $4"};
    remove.with(state_.tenant, *id, table.text, field.text).step();
    audit_disposition(connector, table, field, before, std::nullopt, reason);
    return true;
  }

  void record(const MappingId& id, std::string_view field, std::string_view before,
              std::string_view after, std::string_view reason) {
    audit("updated", id.text, field, before, after, reason);
  }

  std::size_t changed() const noexcept { return changed_; }
  void commit() { write_.commit(); }

 private:
  void may_activate(const FieldMapping& before) const {
    state_.require(Role::approver, "approve mappings");
    if (!options_.migration && state_.rules().second_person &&
        before.updated_by == state_.actor.user.text) {
      throw Error{ErrorCode::denied,
                  fmt::format("'{}' proposed mapping '{}' of '{}' and may not approve it",
                              state_.actor.user.text, before.id.text, before.key.source_field.text),
                  "the tenant's policy asks for a second person: let another approver do it"};
    }
  }

  bool set_status(const FieldMapping& before, MappingStatus status, std::string_view action,
                  std::string_view reason) {
    FieldMapping after = before;
    after.status = status;
    return update(before, std::move(after), action, reason);
  }

  bool is_shared(const MappingId& id) {
    Query select{state_,
                 "SELECT 1 FROM field_mappings m JOIN entity_schemas e ON e.id = "
                 "m.entity_schema_id WHERE m.id = $1 AND m.tenant_id = $2 AND e.tenant_id IS NULL"};
    return select.with(id.text, state_.tenant).step();
  }

  void bind_user(Query& query, int parameter) {
    if (state_.user().empty()) {
      query->bind_null(parameter);
    }
  }

  // Those of the ids that have a mapping.
  std::unordered_set<std::string> kept_of(const std::vector<MappingId>& ids) {
    std::string list = "{";
    for (const MappingId& id : ids) {
      list += list.size() == 1 ? "" : ",";
      list += id.text;
    }
    list += '}';
    Query select{state_,
                 "SELECT id FROM field_mappings WHERE tenant_id = $1 AND id = ANY ($2::uuid[])"};
    select.with(state_.tenant, list);
    std::unordered_set<std::string> kept;
    while (select.step()) {
      kept.insert(select.text(0));
    }
    return kept;
  }

  const std::string& entity_of(const NewMapping& made, const mapping::EntityName& name) {
    if (last_entity_ != name || last_version_ != made.entity_version ||
        last_canonical_ != made.canonical || last_entity_id_.empty()) {
      PairContext context;
      context.entity = name;
      context.entity_version = made.entity_version;
      context.canonical = made.canonical;
      last_entity_id_ = state_.entity(context);
      last_entity_ = name;
      last_version_ = made.entity_version;
      last_canonical_ = made.canonical;
    }
    return last_entity_id_;
  }

  // False when its key is taken, which it is not where `is_new` says so.
  bool insert(const NewMapping& made, const FieldMapping& mapping, std::string_view reason,
              bool is_new = false) {
    check_content(mapping);
    check_name("the reason", reason);
    const bool active = mapping.status == MappingStatus::active;
    if (active && !options_.migration) {
      state_.require(Role::approver, "approve mappings");
      if (state_.rules().second_person) {
        throw Error{ErrorCode::denied,
                    fmt::format("'{}' cannot both propose and approve a mapping of '{}'",
                                state_.actor.user.text, mapping.key.source_field.text),
                    "the tenant's policy asks for a second person: create it for review"};
      }
    }
    const std::string& connector = state_.connector(mapping.key.connector, made.connector_type);
    const std::string& entity = entity_of(made, mapping.key.entity);
    const std::string& user = state_.user();
    Query insert{state_,
                 is_new ? MAPCTL_INSERT_MAPPING : MAPCTL_INSERT_MAPPING " ON CONFLICT DO NOTHING"};
    const std::string rule = transformation_to_json(mapping.transformation);
    insert.with(mapping.id.text, state_.tenant, connector, entity, mapping.key.source_table.text,
                mapping.key.source_field.text, mapping.source_data_type, mapping.key.entity.text,
                mapping.key.field.text, mapping.canonical_data_type,
                to_string(mapping.mapping_type), rule, mapping.confidence,
                to_string(mapping.validation_status), to_string(mapping.source),
                to_string(mapping.status), mapping.notes, now_, user, user, now_, reason);
    if (rule.empty()) {
      insert->bind_null(12);
    }
    bind_user(insert, 19);
    bind_user(insert, 20);
    if (!active) {
      insert->bind_null(20);
      insert->bind_null(21);
    }
    if (is_new) {
      insert->post_row();
    } else {
      insert.step();
      if (state_.session->changes() != 1) {
        return false;
      }
    }
    state_.count_new_mapping();
    audit(options_.migration ? "migrated" : "created", mapping.id.text, {}, {},
          created_facts(mapping), reason);
    ++changed_;
    return true;
  }

  // `approver` is who approved what is rolled back to.
  bool update(const FieldMapping& before, FieldMapping after, std::string_view action,
              std::string_view reason, const std::string& approver = {}) {
    check_content(after);
    check_name("the reason", reason);
    const std::vector<Difference> found = differences(before, after);
    if (found.empty()) {
      return false;
    }
    keep_version(state_, before.id.text);
    const std::string& user = state_.user();
    const bool active = after.status == MappingStatus::active;
    const std::string& approved_by = approver.empty() ? user : approver;
    Query write{state_,
                "UPDATE field_mappings SET source_data_type = $1, canonical_data_type = $2, "
                "mapping_type = $3, transformation_rule = $4, confidence_score = $5, "
                "validation_status = $6, mapping_source = $7, version = $8, status = $9, "
                "notes = $10, updated_at = $11, updated_by = $12, approved_by = $13, "
                "approved_at = $14, version_reason = $15 WHERE id = $16 AND tenant_id = $17"};
    const std::string rule = transformation_to_json(after.transformation);
    write.with(after.source_data_type, after.canonical_data_type, to_string(after.mapping_type),
               rule, after.confidence, to_string(after.validation_status), to_string(after.source),
               before.version + 1, to_string(after.status), after.notes, now_, user, approved_by,
               now_, reason, before.id.text, state_.tenant);
    if (rule.empty()) {
      write->bind_null(4);
    }
    bind_user(write, 12);
    if (!active || approved_by.empty()) {
      write->bind_null(13);
    }
    if (!active) {
      write->bind_null(14);
    }
    write->post();
    const double delta = after.confidence - before.confidence;
    for (const Difference& difference : found) {
      const bool of_status = difference.field == "status";
      const bool of_confidence = difference.field == "confidence_score";
      const bool follows = action == "migrated" || action == "rolled_back";
      audit(of_status || follows ? action : "updated", before.id.text, difference.field,
            difference.before, difference.after, reason,
            of_confidence ? std::optional{delta} : std::nullopt);
    }
    ++changed_;
    return true;
  }

  std::optional<std::string> disposition(const std::string& connector,
                                         const catalog::TableName& table,
                                         const mapping::FieldPath& field) {
    Query select{state_,
                 "SELECT reason FROM field_dispositions WHERE tenant_id = $1 AND connector_id = $2 "
                 "AND source_table = $3 AND source_field = $4"};
    if (!select.with(state_.tenant, connector, table.text, field.text).step()) {
      return std::nullopt;
    }
    return select.text(0);
  }

  void audit_disposition(const mapping::ConnectorName& connector, const catalog::TableName& table,
                         const mapping::FieldPath& field, const std::optional<std::string>& before,
                         const std::optional<std::string>& after, std::string_view reason) {
    const auto json = [&](const std::optional<std::string>& decided) {
      std::string text = "{";
      append_member(text, "connector", connector.text);
      append_member(text, "source_table", table.text);
      append_member(text, "source_field", field.text);
      if (decided) {
        append_member(text, "disposition", "not_used");
        append_member(text, "reason", *decided);
      }
      return text + '}';
    };
    audit("updated", {}, "disposition", json(before), json(after), reason);
    ++changed_;
  }

  void audit(std::string_view action, std::string_view mapping, std::string_view field,
             std::string_view before, std::string_view after, std::string_view reason,
             std::optional<double> delta = {}) {
    state_.audit().add({action, mapping, field, before, after, reason, delta, options_.trace});
  }

  RegistryState& state_;
  ChangeOptions options_;
  Write write_;
  std::string now_;
  std::size_t changed_ = 0;
  mapping::EntityName last_entity_{};
  std::string last_version_{}, last_entity_id_{};
  bool last_canonical_ = false;
};

Changes::Changes(Registry& registry, ChangeOptions options)
    : work_{std::make_unique<Work>(registry, std::move(options))} {}
Changes::~Changes() = default;

std::optional<FieldMapping> Changes::find(const MappingId& id) {
  return work_->find(id);
}
std::optional<FieldMapping> Changes::find(const mapping::MappingKey& key) {
  return work_->find(key);
}
MappingId Changes::create(const NewMapping& mapping, std::string_view reason) {
  return work_->create(mapping, reason);
}
bool Changes::put(const NewMapping& mapping, std::string_view reason) {
  return work_->put(mapping, reason);
}
PutCounts Changes::put_all(std::span<const NewMapping> mappings, std::string_view reason) {
  return work_->put_all(mappings, reason);
}
bool Changes::edit(const MappingAt& at, const MappingEdit& edit, std::string_view reason) {
  return work_->edit(at, edit, reason);
}
bool Changes::approve(const MappingAt& at, std::string_view reason) {
  return work_->approve(at, reason);
}
bool Changes::reject(const MappingAt& at, std::string_view reason) {
  return work_->decide(at, MappingStatus::rejected, "rejected", "reject mappings", reason);
}
bool Changes::deprecate(const MappingAt& at, std::string_view reason) {
  return work_->decide(at, MappingStatus::deprecated, "deprecated", "deprecate mappings", reason);
}
bool Changes::reopen(const MappingAt& at, std::string_view reason) {
  return work_->reopen(at, reason);
}
MappingId Changes::retarget(const MappingAt& at, const mapping::EntityName& entity,
                            const mapping::FieldPath& field, std::string_view reason) {
  return work_->retarget(at, entity, field, reason);
}
bool Changes::roll_back(const MappingAt& at, int to_version, std::string_view reason) {
  return work_->roll_back(at, to_version, reason);
}
bool Changes::set_not_used(const mapping::ConnectorName& connector, const catalog::TableName& table,
                           const mapping::FieldPath& field, std::string_view reason) {
  return work_->set_not_used(connector, table, field, reason);
}
bool Changes::clear_not_used(const mapping::ConnectorName& connector,
                             const catalog::TableName& table, const mapping::FieldPath& field,
                             std::string_view reason) {
  return work_->clear_not_used(connector, table, field, reason);
}
void Changes::record(const MappingId& id, std::string_view field, std::string_view before,
                     std::string_view after, std::string_view reason) {
  work_->record(id, field, before, after, reason);
}
std::size_t Changes::changed() const noexcept {
  return work_->changed();
}
void Changes::commit() {
  work_->commit();
}

}  // namespace mapctl::registry
