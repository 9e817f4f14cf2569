// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/registry/changes.hpp"
#include "core/registry/reviews_state.hpp"
#include "core/registry/state.hpp"
#include "core/registry/versions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

// How decisions of reviewers are written.
namespace mapctl::registry {

using mapping::FieldMapping;
using mapping::MappingId;
using mapping::MappingStatus;
using mapping::ReviewColumn;
using mapping::ReviewStatus;

namespace {

std::string key_of(ReviewColumn column) {
  return std::string{mapping::review_columns()[mapping::index_of(column)].key};
}

std::string title_of(const mapping::MappingKey& key) {
  return fmt::format("{}.{} → {}.{}", key.source_table.text, key.source_field.text, key.entity.text,
                     key.field.text);
}

std::string default_of(const mapping::Transformation& transformation) {
  for (const mapping::TransformationStep& step : transformation.steps) {
    if (step.kind == mapping::TransformationKind::default_value) {
      return std::string{step.argument("value")};
    }
  }
  return {};
}

void set_default(mapping::Transformation& transformation, const std::string& value) {
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

class Applier {
 public:
  Applier(Registry& registry, const ReviewOrigin& origin)
      : state_{registry.state()}, origin_{origin}, changes_{registry, {false, origin.trace}} {}

  void apply(const ReviewChange& change) {
    change_ = &change;
    id_ = mapping::mapping_id(state_.actor.tenant, change.key);
    reason_ =
        change.reason.empty() ? origin_.how : fmt::format("{}: {}", origin_.how, change.reason);
    const std::size_t cells_before = counts.cells;
    before_ = changes_.find(id_);
    if (change.code) {
      check_version();
      apply_code(*change.code);
      counts.lines += counts.cells > cells_before ? 1 : 0;
      return;
    }
    review_ = find_review(state_, id_.text).value_or(ReviewRecord{});
    review_.id = id_.text;
    review_.key = change.key;
    is_review_changed_ = false;
    check_version();
    if (change.replaces) {
      replace(*change.replaces);
    }
    if (change.creates || makes_constant()) {
      create();
    } else if (change.subject == ReviewChange::Subject::mapping && !before_) {
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
    if (is_review_changed_) {
      write_review(state_, review_);
    }
    counts.lines += counts.cells > cells_before ? 1 : 0;
  }

  // A source field that feeds something is used.
  void check_not_used() {
    for (const auto& [connector, table, field] : not_used_) {
      const std::string* id = state_.find_connector(mapping::ConnectorName{connector});
      Query select{state_,
                   "SELECT canonical_entity, canonical_field FROM field_mappings WHERE tenant_id "
                   "= $1 AND connector_id = $2 AND source_table = $3 AND source_field = $4 AND "
                   "status IN ('active', 'pending_review') ORDER BY canonical_entity, "
                   "canonical_field LIMIT 1"};
      if (id != nullptr && select.with(state_.tenant, *id, table, field).step()) {
        throw Error{ErrorCode::conflict,
                    fmt::format("'{}.{}' cannot be not used: it is mapped to '{}.{}' too", table,
                                field, select.text(0), select.text(1)),
                    "reject that mapping as well"};
      }
    }
  }

  void commit() { changes_.commit(); }

  ReviewCounts counts{};

 private:
  // What this transaction changed itself is no news.
  void check_version() {
    const bool is_ours = !touched_.insert(id_.text).second;
    if (change_->expected_version && !change_->creates && before_ && !is_ours &&
        *change_->expected_version != before_->version) {
      throw Error{ErrorCode::conflict,
                  fmt::format("mapping '{}' has version {} by now, not {}", title_of(change_->key),
                              before_->version, *change_->expected_version),
                  "look at it again with mapctl review list, then repeat"};
    }
  }

  bool makes_constant() const {
    const auto found = change_->set.find(ReviewColumn::transformation);
    return change_->subject == ReviewChange::Subject::target_field && !before_ &&
           found != change_->set.end() && found->second == "constant";
  }

  // Calls what changes the mapping `id` and counts the fields that then differ, as each has its
  // audit row.
  template <class Call>
  bool track(const MappingId& id, Call call) {
    const std::optional<FieldMapping> before = changes_.find(id);
    if (!call()) {
      return false;
    }
    const std::optional<FieldMapping> after = changes_.find(id);
    counts.cells += before && after ? differences(*before, *after).size() : 1;
    return true;
  }

  // Another mapping takes the place of this one.
  void replace(const MappingId& id) {
    const std::optional<FieldMapping> old = changes_.find(id);
    const MappingAt at{id, change_->expected_version.value_or(0)};
    if (old && old->status == MappingStatus::active) {
      track(id, [&] { return changes_.deprecate(at, reason_); });
    } else if (!old || old->status == MappingStatus::pending_review) {
      counts.rejected += track(id, [&] { return changes_.reject(at, reason_); }) ? 1 : 0;
    }
    if (std::optional<ReviewRecord> review = find_review(state_, id.text);
        review && !review->flag.empty()) {
      review->flag.clear();
      write_review(state_, *review);
    }
  }

  void create() {
    if (before_) {
      if (before_->status == MappingStatus::rejected ||
          before_->status == MappingStatus::deprecated) {
        track(id_, [&] { return changes_.reopen({id_, 0}, reason_); });
        before_ = changes_.find(id_);
      }
      return;
    }
    NewMapping made;
    made.mapping.key = change_->key;
    made.mapping.source = mapping::MappingSource::manual;
    made.mapping.status = MappingStatus::pending_review;
    made.mapping.confidence = 1.0;
    find_neighbours(made);
    track(id_, [&] {
      changes_.create(made, reason_);
      return true;
    });
    ++counts.created;
    before_ = changes_.find(id_);
  }

  // Types and entity are those of the mappings beside it.
  void find_neighbours(NewMapping& made) {
    const mapping::MappingKey& key = change_->key;
    const std::string* connector = state_.find_connector(key.connector);
    if (connector != nullptr) {
      Query source{state_,
                   "SELECT source_data_type FROM field_mappings WHERE tenant_id = $1 AND "
                   "connector_id = $2 AND source_table = $3 AND source_field = $4 AND "
                   "source_data_type <> '' ORDER BY id LIMIT 1"};
      if (source.with(state_.tenant, *connector, key.source_table.text, key.source_field.text)
              .step()) {
        made.mapping.source_data_type = source.text(0);
      }
    }
    Query target{state_,
                 "SELECT canonical_data_type FROM field_mappings WHERE tenant_id = $1 AND "
                 "canonical_entity = $2 AND canonical_field = $3 AND canonical_data_type <> '' "
                 "ORDER BY id LIMIT 1"};
    if (target.with(state_.tenant, key.entity.text, key.field.text).step()) {
      made.mapping.canonical_data_type = target.text(0);
    }
    Query entity{state_,
                 "SELECT e.entity_version, e.tenant_id FROM field_mappings m JOIN entity_schemas e "
                 "ON e.id = m.entity_schema_id WHERE m.tenant_id = $1 AND m.canonical_entity = $2 "
                 "ORDER BY m.id LIMIT 1"};
    made.canonical = false;
    if (entity.with(state_.tenant, key.entity.text).step()) {
      made.entity_version = entity.text(0);
      made.canonical = entity->is_null(1);
    }
  }

  void record(const std::string& field, std::string_view before, std::string_view after) {
    changes_.record(id_, field, before, after, reason_);
    ++counts.cells;
  }

  void apply_code(const std::string& value) {
    if (!before_) {
      throw Error{ErrorCode::not_found,
                  fmt::format("there is no mapping '{}'", title_of(change_->key)),
                  "mapctl review list shows all"};
    }
    const std::string id = NameId{}.add("code").add(id_.text).add(value).finish();
    review_ = find_review(state_, id).value_or(ReviewRecord{});
    review_.id = id;
    review_.key = change_->key;
    review_.written["code"] = value;
    bool is_written = false;
    for (const auto& [column, text] : change_->set) {
      if (column == ReviewColumn::default_value) {
        set_code(value, text);
        continue;
      }
      const std::string key = key_of(column);
      const auto seen = change_->seen.find(column);
      const auto known = review_.written.find(key);
      const std::string before = known != review_.written.end() ? known->second
                                 : seen != change_->seen.end()  ? seen->second
                                                                : std::string{};
      if (before != text) {
        review_.written[key] = text;
        record(fmt::format("code '{}' {}", value, key), before, text);
        is_written = true;
      }
    }
    if (is_written) {
      write_review(state_, review_);
    }
  }

  // Changes what a value becomes in the mapping's rule; an empty code takes it out.
  void set_code(const std::string& value, const std::string& code) {
    using Kind = mapping::TransformationKind;
    MappingEdit edit;
    edit.transformation = before_->transformation;
    auto& steps = edit.transformation->steps;
    auto step = std::find_if(
        steps.begin(), steps.end(),
        [](const mapping::TransformationStep& one) { return one.kind == Kind::code_map; });
    if (step == steps.end()) {
      steps.push_back({Kind::code_map, {}});
      step = steps.end() - 1;
    }
    std::erase_if(step->arguments, [&](const auto& argument) { return argument.first == value; });
    if (!code.empty()) {
      step->arguments.emplace_back(value, code);
      std::sort(step->arguments.begin(), step->arguments.end());
    }
    if (step->arguments.empty()) {
      steps.erase(step);
    }
    track(id_, [&] { return changes_.edit({id_, 0}, edit, reason_); });
    before_ = changes_.find(id_);
  }

  // What reviewers write is kept as they wrote it.
  void set(ReviewColumn column, const std::string& text) {
    const std::string key = key_of(column);
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
    record(key, before, text);
  }

  std::string current_text(ReviewColumn column) const {
    const auto found = review_.written.find(key_of(column));
    if (found != review_.written.end()) {
      return found->second;
    }
    if (!before_) {
      return {};
    }
    const mapping::Transformation& rule = before_->transformation;
    switch (column) {
      case ReviewColumn::comment: return before_->notes;
      case ReviewColumn::transformation: return std::string{mapping::transformation_word(rule)};
      case ReviewColumn::rule: return rule.is_direct() ? std::string{} : mapping::describe(rule);
      case ReviewColumn::default_value: return default_of(rule);
      default: return {};
    }
  }

  void set_rule() {
    const auto& set = change_->set;
    const bool has_word = set.contains(ReviewColumn::transformation);
    const bool has_rule = set.contains(ReviewColumn::rule);
    const bool has_default = set.contains(ReviewColumn::default_value);
    if (!before_ || (!has_word && !has_rule && !has_default)) {
      return;
    }
    const std::string word = current_text(ReviewColumn::transformation);
    const std::string rule = current_text(ReviewColumn::rule);
    const std::string value = current_text(ReviewColumn::default_value);
    MappingEdit edit;
    edit.transformation = before_->transformation;
    if (has_word || (has_rule && word != "lookup" && word != "generated" && word != "sequence")) {
      // A rule that is written for a direct copy is an expression.
      const std::string meant =
          !has_word && word == "direct" && !rule.empty() ? "expression" : word;
      if (const auto chosen = mapping::transformation_from_review(meant, rule, value)) {
        edit.transformation = *chosen;
        edit.transformation->inputs = before_->transformation.inputs;
      }
    } else {
      if (has_rule) {
        edit.transformation->note = rule;
      }
      if (has_default) {
        set_default(*edit.transformation, value);
      }
    }
    track(id_, [&] { return changes_.edit({id_, 0}, edit, reason_); });
    before_ = changes_.find(id_);
  }

  void set_flag(std::string_view flag) {
    if (review_.flag == flag) {
      return;
    }
    record("flag", review_.flag, flag);
    review_.flag = std::string{flag};
    is_review_changed_ = true;
  }

  // Goes without a row of its own where the mapping's says it.
  void clear_flag() {
    is_review_changed_ |= !review_.flag.empty();
    review_.flag.clear();
  }

  void set_status(const std::string& word) {
    const auto status = mapping::review_status_from(word);
    if (!status) {
      throw Error{ErrorCode::invalid_data, fmt::format("'{}' is no status of a review", word)};
    }
    before_ ? set_mapping_status(*status) : set_open_status(*status);
  }

  void set_mapping_status(ReviewStatus status) {
    const MappingAt at{id_, 0};
    const auto count = [&](std::size_t& of, auto call) { of += track(id_, call) ? 1 : 0; };
    const auto reopen = [&] {
      count(counts.reopened, [&] { return changes_.reopen(at, reason_); });
    };
    switch (status) {
      case ReviewStatus::approved:
        count(counts.approved, [&] { return changes_.approve(at, reason_); });
        clear_flag();
        use();
        return;
      case ReviewStatus::rejected:
        count(counts.rejected, [&] { return changes_.reject(at, reason_); });
        clear_flag();
        return;
      case ReviewStatus::not_used:
        track(id_, [&] { return changes_.reject(at, reason_); });
        clear_flag();
        dispose();
        return;
      case ReviewStatus::proposed:
        if (before_->status == MappingStatus::pending_review) {
          set_flag("");
        }
        reopen();
        clear_flag();
        use();
        return;
      case ReviewStatus::flagged:
      case ReviewStatus::needs_info: {
        reopen();
        const std::string_view flag = status == ReviewStatus::flagged ? "flagged" : "needs_info";
        counts.flagged += review_.flag == flag ? 0 : 1;
        set_flag(flag);
        return;
      }
      case ReviewStatus::deprecated:
        track(id_, [&] { return changes_.deprecate(at, reason_); });
        return;
    }
  }

  // Of a source or target field without counterpart.
  void set_open_status(ReviewStatus status) {
    const bool is_source = change_->subject == ReviewChange::Subject::source_field;
    switch (status) {
      case ReviewStatus::not_used:
        if (is_source) {
          dispose();
        } else {
          counts.not_used += review_.flag == "not_used" ? 0 : 1;
          set_flag("not_used");
        }
        return;
      case ReviewStatus::proposed:
        if (is_source) {
          use();
        }
        set_flag("");
        return;
      case ReviewStatus::flagged:
      case ReviewStatus::needs_info: {
        const std::string_view flag = status == ReviewStatus::flagged ? "flagged" : "needs_info";
        counts.flagged += review_.flag == flag ? 0 : 1;
        set_flag(flag);
        return;
      }
      default:
        throw Error{ErrorCode::invalid_data,
                    fmt::format("'{}' has no counterpart to be {}", title_of(change_->key),
                                to_string(status)),
                    "choose one first"};
    }
  }

  void dispose() {
    const mapping::MappingKey& key = change_->key;
    // A reason that was given earlier stays.
    const std::string reason = trim(change_->reason).empty() ? reason_ : change_->reason;
    if (changes_.set_not_used(key.connector, key.source_table, key.source_field, reason)) {
      ++counts.cells;
      ++counts.not_used;
    }
    not_used_.emplace(key.connector.text, key.source_table.text, key.source_field.text);
  }

  void use() {
    const mapping::MappingKey& key = change_->key;
    const std::string* connector = state_.find_connector(key.connector);
    bool is_disposed = false;
    if (connector != nullptr) {
      Query select{state_,
                   "SELECT 1 FROM field_dispositions WHERE tenant_id = $1 AND connector_id = $2 "
                   "AND source_table = $3 AND source_field = $4"};
      is_disposed =
          select.with(state_.tenant, *connector, key.source_table.text, key.source_field.text)
              .step();
    }
    if (is_disposed &&
        changes_.clear_not_used(key.connector, key.source_table, key.source_field, reason_)) {
      ++counts.cells;
    }
  }

  RegistryState& state_;
  const ReviewOrigin& origin_;
  Changes changes_;
  std::set<std::tuple<std::string, std::string, std::string>> not_used_{};

  std::set<std::string> touched_{};

  // Of the change at hand.
  const ReviewChange* change_ = nullptr;
  MappingId id_{};
  std::string reason_{};
  std::optional<FieldMapping> before_{};
  ReviewRecord review_{};
  bool is_review_changed_ = false;
};

}  // namespace

ReviewCounts Reviews::apply(const std::vector<ReviewChange>& changes, const ReviewOrigin& origin,
                            const std::vector<SignOffRecord>& signatures) {
  Applier applier{*registry_, origin};
  for (const ReviewChange& change : changes) {
    applier.apply(change);
  }
  applier.check_not_used();
  applier.counts.signatures = write_signatures(state_, *this, signatures, origin);
  applier.commit();
  return applier.counts;
}

}  // namespace mapctl::registry
