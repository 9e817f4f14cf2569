// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/registry/evidence.hpp"
#include "core/registry/reviews_state.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <tuple>

// How decisions of reviewers are written.
namespace mapctl::registry {

using mapping::MappingStatus;
using mapping::ReviewColumn;
using mapping::ReviewStatus;

namespace {

std::string_view key_of(ReviewColumn column) {
  return mapping::review_columns()[mapping::index_of(column)].key;
}

std::string title_of(const mapping::MappingKey& key) {
  return fmt::format("{}.{} → {}.{}", key.source_table.text, key.source_field.text, key.entity.text,
                     key.field.text);
}

// A mapping's row, as far as reviews change it.
struct Row {
  bool exists = false;
  MappingStatus status = MappingStatus::pending_review;
  int version = 0;
  mapping::Transformation transformation{};
  std::string updated_by{}, notes{};
};

class Applier {
 public:
  Applier(RegistryState& state, const ReviewOrigin& origin) : state_{state}, origin_{origin} {}

  ReviewCounts run(const std::vector<ReviewChange>& changes) {
    for (const ReviewChange& change : changes) {
      apply(change);
    }
    check_not_used();
    return counts_;
  }

 private:
  void apply(const ReviewChange& change) {
    change_ = &change;
    id_ = mapping::mapping_id(state_.actor.tenant, change.key).text;
    reason_ =
        change.reason.empty() ? origin_.how : fmt::format("{}: {}", origin_.how, change.reason);
    cells_ = 0;
    is_created_ = false;
    review_ = find_review(state_, id_).value_or(ReviewRecord{});
    review_.id = id_;
    review_.key = change.key;
    is_review_changed_ = false;
    row_ = read(id_);
    next_ = row_;
    if (change.replaces) {
      replace(change.replaces->text);
    }
    if (change.expected_version && !change.creates && row_.exists &&
        *change.expected_version != row_.version) {
      throw Error{ErrorCode::conflict,
                  fmt::format("mapping '{}' has version {} by now, not {}", title_of(change.key),
                              row_.version, *change.expected_version),
                  "look at it again with mapctl review list, then repeat"};
    }
    const bool is_constant = makes_constant(change);
    if (change.creates || is_constant) {
      create();
    } else if (change.subject == ReviewChange::Subject::mapping && !row_.exists) {
      throw Error{ErrorCode::not_found,
                  fmt::format("there is no mapping '{}'", title_of(change.key)),
                  "mapctl review list shows all"};
    }
    for (const auto& [column, text] : change.set) {
      if (column != ReviewColumn::status) {
        set(column, text);
      }
    }
    set_rule();
    // The status last: what is approved is the mapping as it is then.
    if (const auto found = change.set.find(ReviewColumn::status); found != change.set.end()) {
      set_status(found->second);
    }
    if (change.later) {
      set_flag(*change.later ? "later" : "");
    }
    write();
    counts_.cells += cells_;
    counts_.lines += cells_ > 0 ? 1 : 0;
  }

  bool makes_constant(const ReviewChange& change) const {
    const auto found = change.set.find(ReviewColumn::transformation);
    return change.subject == ReviewChange::Subject::target_field && !row_.exists &&
           found != change.set.end() && found->second == "constant";
  }

  Row read(const std::string& id) {
    Query select{state_,
                 "SELECT status, version, transformation_rule, updated_by, notes FROM "
                 "field_mappings WHERE id = $1 AND tenant_id = $2"};
    Row row;
    if (!select.with(id, state_.tenant).step()) {
      return row;
    }
    row.exists = true;
    row.status = mapping::mapping_status_from(select.text(0)).value_or(row.status);
    row.version = static_cast<int>(select->integer(1));
    if (const std::string rule = select.text(2); !rule.empty()) {
      row.transformation = mapping::transformation_from_json(parse_json(rule, "a mapping's rule"));
    }
    row.updated_by = select.text(3);
    row.notes = select.text(4);
    return row;
  }

  void audit(std::string_view action, std::string_view field, std::string_view before,
             std::string_view after, std::string_view id = {}) {
    const std::string old_value = value_json(field, before), new_value = value_json(field, after);
    AuditEntry entry;
    entry.action = action;
    entry.mapping = id.empty() ? std::string_view{id_} : id;
    entry.field_changed = field;
    entry.old_value = old_value;
    entry.new_value = new_value;
    entry.reason = reason_;
    entry.trace = origin_.trace;
    state_.audit().add(entry);
    ++cells_;
  }

  // Another mapping takes the place of this one.
  void replace(const std::string& id) {
    const Row old = read(id);
    if (!old.exists) {
      throw Error{ErrorCode::not_found, fmt::format("there is no mapping '{}'", id),
                  "mapctl review list shows all"};
    }
    if (change_->expected_version && *change_->expected_version != old.version) {
      throw Error{ErrorCode::conflict,
                  fmt::format("mapping '{}' has version {} by now, not {}", id, old.version,
                              *change_->expected_version),
                  "look at it again with mapctl review list, then repeat"};
    }
    if (old.status == MappingStatus::rejected || old.status == MappingStatus::deprecated) {
      return;
    }
    const bool was_active = old.status == MappingStatus::active;
    if (was_active) {
      state_.require(Role::approver, "replace an approved mapping");
    }
    const MappingStatus now = was_active ? MappingStatus::deprecated : MappingStatus::rejected;
    keep_version(state_, id);
    Query update{state_,
                 "UPDATE field_mappings SET status = $1, version = $2, updated_at = $3, "
                 "updated_by = $4, version_reason = $5, approved_by = NULL, approved_at = NULL "
                 "WHERE id = $6 AND tenant_id = $7"};
    update.with(to_string(now), old.version + 1, state_.now(), state_.user(), reason_, id,
                state_.tenant);
    bind_user(update, 4);
    update.step();
    audit(was_active ? "deprecated" : "rejected", "status", to_string(old.status), to_string(now),
          id);
    counts_.rejected += was_active ? 0 : 1;
    if (std::optional<ReviewRecord> review = find_review(state_, id);
        review && !review->flag.empty()) {
      review->flag.clear();
      write_review(state_, *review);
    }
  }

  void create() {
    if (row_.exists && row_.status != MappingStatus::rejected &&
        row_.status != MappingStatus::deprecated) {
      return;
    }
    check_name("the source field's name", change_->key.source_field.text);
    check_name("the target field's name", change_->key.field.text);
    if (row_.exists) {
      next_.status = MappingStatus::pending_review;
      audit("updated", "status", to_string(row_.status), to_string(next_.status));
      return;
    }
    const mapping::MappingKey& key = change_->key;
    const std::string connector = state_.connector(key.connector, "database");
    // Types and entity are those of the mappings beside it.
    std::string source_type, target_type, entity;
    const auto first = [&](const char* sql, const std::string& field, std::string& into) {
      Query select{state_, sql};
      if (select.with(state_.tenant, connector, key.source_table.text, key.entity.text, field)
              .step()) {
        into = select.text(0);
      }
    };
    first(
        "SELECT source_data_type FROM field_mappings WHERE tenant_id = $1 AND connector_id = $2 "
        "AND source_table = $3 AND source_data_type <> '' AND source_field = $5 AND "
        "canonical_entity IS NOT NULL AND $4 <> '' ORDER BY id LIMIT 1",
        key.source_field.text, source_type);
    first(
        "SELECT canonical_data_type FROM field_mappings WHERE tenant_id = $1 AND connector_id = "
        "$2 AND source_table = $3 AND canonical_entity = $4 AND canonical_field = $5 AND "
        "canonical_data_type <> '' ORDER BY id LIMIT 1",
        key.field.text, target_type);
    {
      Query select{state_,
                   "SELECT entity_schema_id FROM field_mappings WHERE tenant_id = $1 AND "
                   "canonical_entity = $2 AND entity_schema_id IS NOT NULL ORDER BY id LIMIT 1"};
      if (select.with(state_.tenant, key.entity.text).step()) {
        entity = select.text(0);
      }
    }
    Query insert{state_,
                 "INSERT INTO field_mappings (id, tenant_id, connector_id, entity_schema_id, "
                 "source_table, source_field, source_data_type, canonical_entity, "
                 "canonical_field, canonical_data_type, mapping_type, confidence_score, "
                 "mapping_source, version, status, created_at, created_by, updated_at, "
                 "updated_by, version_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
                 "'direct', 1.0, 'manual', 1, 'pending_review', $11, $12, $11, $12, $13)"};
    insert.with(id_, state_.tenant, connector, entity, key.source_table.text, key.source_field.text,
                source_type, key.entity.text, key.field.text, target_type, state_.now(),
                state_.user(), reason_);
    if (entity.empty()) {
      insert->bind_null(4);
    }
    bind_user(insert, 12);
    insert.step();
    row_ = read(id_);
    next_ = row_;
    is_created_ = true;
    audit("created", "mapping", "", title_of(key));
    ++counts_.created;
  }

  void bind_user(Query& query, int parameter) {
    if (state_.user().empty()) {
      query->bind_null(parameter);
    }
  }

  // What reviewers write is kept as they wrote it.
  void set(ReviewColumn column, const std::string& text) {
    const std::string key{key_of(column)};
    const std::string before = current_text(column);
    if (before == text) {
      return;
    }
    const auto seen = change_->seen.find(column);
    if (seen != change_->seen.end() && review_.written.contains(key) && seen->second != before) {
      throw Error{ErrorCode::conflict,
                  fmt::format("the {} of '{}' is '{}' by now", key, title_of(change_->key), before),
                  "look at it again, then repeat"};
    }
    review_.written[key] = text;
    is_review_changed_ = true;
    audit("updated", key, before, text);
  }

  std::string current_text(ReviewColumn column) const {
    const auto found = review_.written.find(key_of(column));
    if (found != review_.written.end()) {
      return found->second;
    }
    switch (column) {
      case ReviewColumn::comment: return row_.notes;
      case ReviewColumn::transformation:
        return row_.exists ? std::string{mapping::transformation_word(row_.transformation)}
                           : std::string{};
      case ReviewColumn::rule:
        return row_.transformation.is_direct() ? std::string{}
                                               : mapping::describe(row_.transformation);
      case ReviewColumn::default_value: return default_of(row_.transformation);
      default: return {};
    }
  }

  static std::string default_of(const mapping::Transformation& transformation) {
    for (const mapping::TransformationStep& step : transformation.steps) {
      if (step.kind == mapping::TransformationKind::default_value) {
        return std::string{step.argument("value")};
      }
    }
    return {};
  }

  void set_rule() {
    const auto& set = change_->set;
    const bool has_word = set.contains(ReviewColumn::transformation);
    const bool has_rule = set.contains(ReviewColumn::rule);
    const bool has_default = set.contains(ReviewColumn::default_value);
    if (!row_.exists || (!has_word && !has_rule && !has_default)) {
      return;
    }
    const std::string word = current_text(ReviewColumn::transformation);
    const std::string rule = current_text(ReviewColumn::rule);
    const std::string value = current_text(ReviewColumn::default_value);
    mapping::Transformation made = row_.transformation;
    if (has_word || (has_rule && word != "lookup" && word != "generated" && word != "sequence")) {
      // A rule that is written for a direct copy is an expression.
      const std::string meant =
          !has_word && word == "direct" && !rule.empty() ? "expression" : word;
      if (const auto chosen = mapping::transformation_from_review(meant, rule, value)) {
        made = *chosen;
        made.inputs = row_.transformation.inputs;
      }
    } else {
      if (has_rule) {
        made.note = rule;
      }
      if (has_default) {
        set_default(made, value);
      }
    }
    if (made == row_.transformation) {
      return;
    }
    if (row_.status == MappingStatus::active) {
      state_.require(Role::approver, "change an approved mapping");
    }
    next_.transformation = std::move(made);
  }

  static void set_default(mapping::Transformation& transformation, const std::string& value) {
    using Kind = mapping::TransformationKind;
    auto& steps = transformation.steps;
    if (steps.size() == 1 && steps.front().kind == Kind::constant) {
      steps.front().arguments = {{"value", value}};
      return;
    }
    std::erase_if(steps, [](const auto& step) { return step.kind == Kind::default_value; });
    if (!value.empty()) {
      mapping::TransformationStep step;
      step.kind = Kind::default_value;
      step.arguments.emplace_back("value", value);
      steps.push_back(std::move(step));
    }
  }

  void set_flag(std::string_view flag) {
    if (review_.flag == flag) {
      return;
    }
    audit("updated", "flag", review_.flag, flag);
    review_.flag = std::string{flag};
    is_review_changed_ = true;
  }

  void set_status(const std::string& word) {
    const auto status = mapping::review_status_from(word);
    if (!status) {
      throw Error{ErrorCode::invalid_data, fmt::format("'{}' is no status of a review", word)};
    }
    if (!row_.exists) {
      set_open_status(*status);
      return;
    }
    switch (*status) {
      case ReviewStatus::approved: approve(); break;
      case ReviewStatus::rejected:
        take_status(MappingStatus::rejected, "rejected", counts_.rejected);
        clear_flag();
        break;
      case ReviewStatus::not_used:
        take_status(MappingStatus::rejected, "rejected", counts_.not_used);
        clear_flag();
        dispose();
        break;
      case ReviewStatus::proposed:
        take_status(MappingStatus::pending_review, "updated", counts_.reopened);
        clear_flag();
        undispose();
        break;
      case ReviewStatus::flagged:
      case ReviewStatus::needs_info:
        take_status(MappingStatus::pending_review, "updated", counts_.reopened);
        if (const std::string_view flag =
                *status == ReviewStatus::flagged ? "flagged" : "needs_info";
            review_.flag != flag) {
          set_flag(flag);
          ++counts_.flagged;
        }
        break;
      case ReviewStatus::deprecated:
        take_status(MappingStatus::deprecated, "deprecated", counts_.rejected);
        break;
    }
  }

  // Of a source or target field without counterpart.
  void set_open_status(ReviewStatus status) {
    const bool is_source = change_->subject == ReviewChange::Subject::source_field;
    switch (status) {
      case ReviewStatus::not_used:
        is_source ? dispose() : set_flag("not_used");
        ++counts_.not_used;
        return;
      case ReviewStatus::proposed:
        if (is_source) {
          undispose();
        }
        clear_flag();
        return;
      case ReviewStatus::flagged:
      case ReviewStatus::needs_info:
        set_flag(status == ReviewStatus::flagged ? "flagged" : "needs_info");
        ++counts_.flagged;
        return;
      default:
        throw Error{ErrorCode::invalid_data,
                    fmt::format("'{}' has no counterpart to be {}", title_of(change_->key),
                                to_string(status)),
                    "choose one first"};
    }
  }

  // The word of a state changes without a word in the trail where the mapping's own row says it.
  void clear_flag() {
    if (!review_.flag.empty()) {
      set_flag("");
    }
  }

  void approve() {
    if (row_.status == MappingStatus::active && next_.transformation == row_.transformation) {
      clear_flag();
      return;
    }
    state_.require(Role::approver, "approve mappings");
    require_second_person(state_, row_.updated_by, title_of(change_->key));
    if (row_.status != MappingStatus::active) {
      next_.status = MappingStatus::active;
      audit("approved", "status", to_string(row_.status), to_string(next_.status));
      ++counts_.approved;
    }
    clear_flag();
    undispose();
  }

  void take_status(MappingStatus status, std::string_view action, std::size_t& count) {
    if (row_.status == status) {
      return;
    }
    if (row_.status == MappingStatus::active) {
      state_.require(Role::approver, "take an approval back");
    }
    next_.status = status;
    audit(action, "status", to_string(row_.status), to_string(status));
    ++count;
  }

  void dispose() {
    const mapping::MappingKey& key = change_->key;
    const std::string connector = state_.connector(key.connector, "database");
    Query insert{state_,
                 "INSERT INTO field_dispositions (id, tenant_id, connector_id, source_table, "
                 "source_field, disposition, reason, created_at, created_by) VALUES ($1, $2, $3, "
                 "$4, $5, 'not_used', $6, $7, $8) ON CONFLICT DO NOTHING"};
    insert.with(make_id({"disposition", state_.tenant, connector, key.source_table.text,
                         key.source_field.text}),
                state_.tenant, connector, key.source_table.text, key.source_field.text,
                change_->reason, state_.now(), state_.user());
    bind_user(insert, 8);
    insert.step();
    if (state_.session->changes() == 1) {
      audit("updated", "disposition", "undecided", "not_used");
    }
    not_used_.emplace(connector, key.source_table.text, key.source_field.text);
  }

  void undispose() {
    const mapping::MappingKey& key = change_->key;
    const std::string connector = state_.connector(key.connector, "database");
    Query remove{state_,
                 "DELETE FROM field_dispositions WHERE tenant_id = $1 AND connector_id = $2 AND "
                 "source_table = $3 AND source_field = $4"};
    remove.with(state_.tenant, connector, key.source_table.text, key.source_field.text).step();
    if (state_.session->changes() > 0) {
      audit("updated", "disposition", "not_used", "undecided");
    }
  }

  void write() {
    if (is_review_changed_) {
      write_review(state_, review_);
    }
    const bool is_rule_changed = !(next_.transformation == row_.transformation);
    if (!row_.exists || (next_.status == row_.status && !is_rule_changed)) {
      return;
    }
    if (is_rule_changed && row_.status == MappingStatus::active &&
        next_.status == MappingStatus::active && asks_second_person(state_)) {
      // What was agreed to is no longer what stands there.
      next_.status = MappingStatus::pending_review;
      audit("updated", "status", to_string(row_.status), to_string(next_.status));
    }
    const bool is_approved = next_.status == MappingStatus::active;
    if (!is_created_) {
      keep_version(state_, id_);
    }
    Query update{state_,
                 "UPDATE field_mappings SET status = $1, transformation_rule = $2, mapping_type = "
                 "$3, version = $4, updated_at = $5, updated_by = $6, version_reason = $7, "
                 "approved_by = $8, approved_at = $9 WHERE id = $10 AND tenant_id = $11"};
    const std::string rule = next_.transformation == mapping::Transformation{}
                                 ? std::string{}
                                 : to_line(mapping::to_json(next_.transformation));
    const int version = is_created_ ? row_.version : row_.version + 1;
    update.with(to_string(next_.status), rule,
                to_string(mapping::mapping_type_of(next_.transformation)), version, state_.now(),
                state_.user(), reason_, state_.user(), state_.now(), id_, state_.tenant);
    if (rule.empty()) {
      update->bind_null(2);
    }
    bind_user(update, 6);
    bind_user(update, 8);
    if (!is_approved) {
      update->bind_null(8);
      update->bind_null(9);
    }
    update.step();
  }

  // A source field that feeds something is used.
  void check_not_used() {
    for (const auto& [connector, table, field] : not_used_) {
      Query select{state_,
                   "SELECT canonical_entity, canonical_field FROM field_mappings WHERE tenant_id "
                   "= $1 AND connector_id = $2 AND source_table = $3 AND source_field = $4 AND "
                   "status IN ('active', 'pending_review') ORDER BY canonical_entity, "
                   "canonical_field LIMIT 1"};
      if (select.with(state_.tenant, connector, table, field).step()) {
        throw Error{ErrorCode::conflict,
                    fmt::format("'{}.{}' cannot be not used: it is mapped to '{}.{}' too", table,
                                field, select.text(0), select.text(1)),
                    "reject that mapping as well"};
      }
    }
  }

  RegistryState& state_;
  const ReviewOrigin& origin_;
  ReviewCounts counts_{};
  std::set<std::tuple<std::string, std::string, std::string>> not_used_{};

  // Of the change at hand.
  const ReviewChange* change_ = nullptr;
  std::string id_{}, reason_{};
  std::size_t cells_ = 0;
  ReviewRecord review_{};
  bool is_review_changed_ = false, is_created_ = false;
  Row row_{}, next_{};
};

}  // namespace

bool asks_second_person(RegistryState& state) {
  Query select{state, "SELECT policy FROM tenants WHERE id = $1"};
  if (!select.with(state.tenant).step() || select.text(0).empty()) {
    return false;
  }
  const Json policy = parse_json(select->text(0), "the tenant's policy");
  return policy.is_object() && policy.value("second_person", false);
}

void require_second_person(RegistryState& state, std::string_view proposer, std::string_view what) {
  if (!proposer.empty() && proposer == state.user() && asks_second_person(state)) {
    throw Error{
        ErrorCode::denied,
        fmt::format("user '{}' proposed '{}' and may not approve it", state.actor.user.text, what),
        "the tenant's policy asks for a second person"};
  }
}

ReviewCounts Reviews::apply(const std::vector<ReviewChange>& changes, const ReviewOrigin& origin,
                            const std::vector<SignOffRecord>& signatures) {
  Write write{state_, Role::analyst, "review mappings"};
  ReviewCounts counts = Applier{state_, origin}.run(changes);
  counts.signatures = write_signatures(state_, *this, signatures, origin);
  write.commit();
  return counts;
}

}  // namespace mapctl::registry
