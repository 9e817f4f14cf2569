// SPDX-License-Identifier: Apache-2.0
#include "core/report/summary.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace mapctl::report {
namespace {

using ColumnIndex = std::unordered_map<std::string_view, const catalog::Column*>;

// What is likelier by chance than this is no help to a reviewer.
constexpr double worth_naming = 0.1;
// Candidates closer than this are hardly told apart.
constexpr double near_tie = 0.05;

ColumnIndex index_of(const catalog::Table& table) {
  ColumnIndex index;
  index.reserve(table.columns.size());
  for (const catalog::Column& column : table.columns) {
    index.emplace(column.name.text, &column);
  }
  return index;
}

const catalog::Column* find(const ColumnIndex& index, const catalog::ColumnName& name) {
  const auto found = index.find(name.text);
  return found == index.end() ? nullptr : found->second;
}

bool types_are_equal(const catalog::Column& source, const catalog::Column& target) {
  return source.type.logical == target.type.logical;
}

Equivalence derive_equivalence(const MappingRow& row) {
  if (row.target.empty()) {
    return Equivalence::unmatched;
  }
  if (row.lossy) {
    return Equivalence::narrower;
  }
  if (row.decision == nullptr) {
    return Equivalence::equivalent;
  }
  if (row.confidence < medium_confidence) {
    return Equivalence::inexact;
  }
  const bool same = row.decision->transformation.is_direct() && row.source_column != nullptr &&
                    row.target_column != nullptr &&
                    types_are_equal(*row.source_column, *row.target_column);
  return same ? Equivalence::equal : Equivalence::equivalent;
}

std::string make_id(const RunReport& run, const PairReport& pair, const std::string& source,
                    const std::string& target) {
  if (run.tenant.empty()) {
    return {};
  }
  return mapping::mapping_id(run.tenant, key_of(pair, source, target)).text;
}

class RowBuilder {
 public:
  RowBuilder(const RunReport& run, const PairReport& pair)
      : run_{&run},
        pair_{&pair},
        source_{index_of(pair.source.table)},
        target_{index_of(pair.target.table)} {
    for (const FieldRecord& record : pair.records) {
      records_[record.source.text].push_back(&record);
    }
  }

  std::vector<MappingRow> build() {
    for (const mapping::FieldProposal& field : pair_->proposal.fields) {
      add(field);
    }
    mark_inputs();
    return std::move(rows_);
  }

 private:
  // A constant that was turned down leaves its target as one that nothing feeds.
  void add_constants(const mapping::FieldProposal& field) {
    for (const std::size_t at : field.decision) {
      const mapping::Candidate& candidate = field.candidates.at(at);
      const FieldRecord* record = pair_->find({}, candidate.target_column);
      if (record != nullptr && record->status == ReviewStatus::deprecated) {
        continue;
      }
      const bool is_refused = record != nullptr && (record->status == ReviewStatus::rejected ||
                                                    record->status == ReviewStatus::not_used);
      if (!is_refused || target_.empty()) {
        push(field, candidate.target_column, &candidate, record);
      }
    }
  }

  void add(const mapping::FieldProposal& field) {
    if (field.source_column.empty()) {
      return add_constants(field);
    }
    static const std::vector<const FieldRecord*> nothing;
    const auto found = records_.find(field.source_column.text);
    const auto& records = found == records_.end() ? nothing : found->second;
    const std::size_t before = rows_.size();
    const bool is_stored = std::any_of(records.begin(), records.end(), [](const auto* record) {
      return record->target.empty() ? record->status == ReviewStatus::not_used
                                    : record->status != ReviewStatus::deprecated;
    });
    for (const std::size_t at : field.decision) {
      if (at < field.candidates.size()) {
        const mapping::Candidate& candidate = field.candidates[at];
        const FieldRecord* record = record_for(records, candidate.target_column);
        // What the registry holds counts, not what was proposed once.
        if (record != nullptr ? record->status != ReviewStatus::deprecated : !is_stored) {
          push(field, candidate.target_column, &candidate, record);
        }
      }
    }
    for (const FieldRecord* record : records) {
      if (record->status == ReviewStatus::deprecated || record->target.empty() ||
          is_in_decision(field, record->target)) {
        continue;
      }
      push(field, record->target, candidate_for(field, record->target), record);
    }
    if (rows_.size() == before) {
      push(field, {}, nullptr, record_for(records, {}));
    }
  }

  // A rule of several columns stands in the row of the first.
  void mark_inputs() {
    std::unordered_map<std::string_view, const catalog::ColumnName*> taken;
    for (const MappingRow& row : rows_) {
      if (row.is_mapped() && row.decision != nullptr) {
        for (const std::string& input : row.decision->transformation.inputs) {
          taken.emplace(input, &row.decision->target_column);
        }
      }
    }
    for (MappingRow& row : rows_) {
      const auto found = row.target.empty() && row.status == ReviewStatus::proposed
                             ? taken.find(row.field->source_column.text)
                             : taken.end();
      if (found != taken.end()) {
        row.input_of = *found->second;
      }
    }
  }

  static const FieldRecord* record_for(const std::vector<const FieldRecord*>& records,
                                       const catalog::ColumnName& target) {
    for (const FieldRecord* record : records) {
      if (record->target == target) {
        return record;
      }
    }
    return nullptr;
  }

  static const mapping::Candidate* candidate_for(const mapping::FieldProposal& field,
                                                 const catalog::ColumnName& target) {
    for (const mapping::Candidate& candidate : field.candidates) {
      if (!target.empty() && candidate.target_column == target) {
        return &candidate;
      }
    }
    return nullptr;
  }

  static bool is_in_decision(const mapping::FieldProposal& field,
                             const catalog::ColumnName& target) {
    return std::any_of(field.decision.begin(), field.decision.end(), [&](std::size_t at) {
      return at < field.candidates.size() && field.candidates[at].target_column == target;
    });
  }

  void push(const mapping::FieldProposal& field, const catalog::ColumnName& target,
            const mapping::Candidate* candidate, const FieldRecord* record) {
    MappingRow row;
    row.field = &field;
    row.decision = candidate;
    row.target = target;
    row.record = record;
    row.source_column = find(source_, field.source_column);
    row.target_column = find(target_, target);
    if (record != nullptr) {
      row.status = record->status;
    }
    row.confidence = candidate != nullptr ? candidate->confidence
                     : target.empty()     ? field.confidence
                                          : 1.0;
    row.lossy = candidate != nullptr && !candidate->warnings.empty();
    row.personal = (row.source_column != nullptr && row.source_column->personal) ||
                   (row.target_column != nullptr && row.target_column->personal);
    row.equivalence =
        record != nullptr && record->equivalence ? *record->equivalence : derive_equivalence(row);
    row.id = id_of(row);
    rows_.push_back(std::move(row));
  }

  std::string id_of(const MappingRow& row) const {
    if (row.record != nullptr && !row.record->id.empty()) {
      return row.record->id.text;
    }
    return make_id(*run_, *pair_, row.field->source_column.text, row.target.text);
  }

  const RunReport* run_;
  const PairReport* pair_;
  ColumnIndex source_, target_;
  std::unordered_map<std::string_view, std::vector<const FieldRecord*>> records_{};
  std::vector<MappingRow> rows_{};
};

double effort_of(const MappingRow& row) noexcept {
  if (row.target.empty()) {
    return row.status == ReviewStatus::not_used || !row.input_of.empty() ? effort.approved
                                                                         : effort.unmapped_source;
  }
  if (row.status == ReviewStatus::approved || row.status == ReviewStatus::rejected ||
      row.status == ReviewStatus::not_used) {
    return effort.approved;
  }
  double minutes = row.confidence >= high_confidence     ? effort.high
                   : row.confidence >= medium_confidence ? effort.medium
                                                         : effort.low;
  if (row.decision != nullptr && !row.decision->transformation.is_direct()) {
    minutes += effort.transformation;
  }
  if (row.lossy) {
    minutes += effort.lossy;
  }
  return minutes;
}

std::string column_title(const PairSide& side, std::string_view column) {
  return fmt::format("{}.{}", catalog::to_string(side.ref), column);
}

// A second candidate that is hardly worse than the one decided for.
const mapping::Candidate* rival_of(const MappingRow& row) noexcept {
  if (row.decision == nullptr || row.status == ReviewStatus::approved) {
    return nullptr;
  }
  for (const mapping::Candidate& candidate : row.field->candidates) {
    if (!is_decided(*row.field, candidate) && &candidate != row.decision &&
        candidate.confidence >= 0.5 && row.decision->confidence - candidate.confidence < near_tie) {
      return &candidate;
    }
  }
  return nullptr;
}

void add_row_issues(const PairReport& pair, const MappingRow& row, std::size_t line,
                    std::vector<Issue>& issues) {
  const std::string subject = row.field->source_column.empty()
                                  ? column_title(pair.target, row.target.text)
                                  : column_title(pair.source, row.field->source_column.text);
  const bool is_open = row.status != ReviewStatus::approved && row.status != ReviewStatus::rejected;
  if (row.target.empty()) {
    if (row.status != ReviewStatus::not_used && row.input_of.empty()) {
      std::string hint = "map it, or set its status to 'not used'";
      if (const mapping::Candidate* best = nearest_candidate(*row.field)) {
        hint = fmt::format("map it (nearest: '{}', {:.2f}), or set its status to 'not used'",
                           best->target_column.text, best->confidence);
      }
      issues.push_back({Severity::question, subject, "no target column was found", hint, line});
    }
    return;
  }
  if (row.lossy && row.status != ReviewStatus::rejected) {
    for (const std::string& warning : row.decision->warnings) {
      issues.push_back({Severity::warning, subject,
                        fmt::format("into '{}': {}", row.target.text, warning),
                        "change the transformation or the target's type, or accept it", line});
    }
  }
  if (is_open && row.confidence < medium_confidence) {
    issues.push_back({Severity::question, subject,
                      fmt::format("'{}' is proposed with a confidence of {:.2f} only",
                                  row.target.text, row.confidence),
                      "compare the values of both columns, then approve or choose another", line});
  }
  if (const mapping::Candidate* rival = rival_of(row)) {
    issues.push_back(
        {Severity::question, subject,
         fmt::format("'{}' ({:.2f}) and '{}' ({:.2f}) are nearly as likely", row.target.text,
                     row.confidence, rival->target_column.text, rival->confidence),
         "choose one of them", line});
  }
}

}  // namespace

const mapping::Candidate* nearest_candidate(const mapping::FieldProposal& field) noexcept {
  return !field.candidates.empty() && field.candidates.front().confidence >= worth_naming
             ? &field.candidates.front()
             : nullptr;
}

bool is_decided(const mapping::FieldProposal& field, const mapping::Candidate& candidate) noexcept {
  return std::any_of(field.decision.begin(), field.decision.end(), [&](std::size_t at) {
    return at < field.candidates.size() && &field.candidates[at] == &candidate;
  });
}

mapping::EntityName entity_of(const PairReport& pair) {
  if (!pair.entity.empty()) {
    return pair.entity;
  }
  if (pair.target.connector == "canonical") {
    return mapping::EntityName{pair.target.ref.table.text};
  }
  return mapping::EntityName{
      fmt::format("{}.{}", pair.target.endpoint, catalog::to_string(pair.target.ref))};
}

mapping::MappingKey key_of(const PairReport& pair, const std::string& source,
                           const std::string& target) {
  mapping::MappingKey key;
  key.connector =
      pair.connector.empty() ? mapping::ConnectorName{pair.source.endpoint} : pair.connector;
  key.source_table = pair.source_name.empty()
                         ? catalog::TableName{catalog::to_string(pair.source.ref)}
                         : pair.source_name;
  key.source_field = mapping::FieldPath{source};
  key.entity = entity_of(pair);
  key.field = mapping::FieldPath{target};
  return key;
}

std::vector<MappingRow> mapping_rows(const RunReport& run, const PairReport& pair) {
  return RowBuilder{run, pair}.build();
}

std::vector<UnmappedRow> unmapped_targets(const RunReport& run, const PairReport& pair,
                                          const std::vector<MappingRow>& rows) {
  std::vector<UnmappedRow> unmapped;
  const ColumnIndex columns = index_of(pair.target.table);
  if (pair.is_partial || columns.empty()) {
    for (const mapping::UnmappedTarget& target : pair.proposal.unmapped_targets) {
      unmapped.push_back(
          {find(columns, target.column), target.column.text, target.required, {}, nullptr});
    }
  } else if (!pair.proposal.fields.empty()) {
    std::unordered_set<std::string_view> fed;
    for (const MappingRow& row : rows) {
      if (row.is_mapped()) {
        fed.insert(row.target.text);
      }
    }
    for (const catalog::Column& column : pair.target.table.columns) {
      if (!column.generated && !fed.contains(column.name.text)) {
        unmapped.push_back({&column, column.name.text, column.required, {}, nullptr});
      }
    }
  }
  for (UnmappedRow& row : unmapped) {
    row.id = make_id(run, pair, {}, row.name);
    row.record = pair.find({}, catalog::ColumnName{row.name});
  }
  std::stable_partition(unmapped.begin(), unmapped.end(),
                        [](const UnmappedRow& row) { return row.required; });
  return unmapped;
}

std::string_view confidence_band(double confidence) noexcept {
  return confidence >= high_confidence     ? "high"
         : confidence >= medium_confidence ? "medium"
                                           : "low";
}

double Figures::coverage() const noexcept {
  return source_fields == 0 ? 1.0
                            : static_cast<double>(decided) / static_cast<double>(source_fields);
}

double Figures::confidence() const noexcept {
  return mappings == 0 ? 0.0 : confidence_sum / static_cast<double>(mappings);
}

Figures& Figures::operator+=(const Figures& other) noexcept {
  source_fields += other.source_fields;
  target_fields += other.target_fields;
  mapped += other.mapped;
  decided += other.decided;
  proposed += other.proposed;
  approved += other.approved;
  rejected += other.rejected;
  unmapped += other.unmapped;
  unmapped_targets += other.unmapped_targets;
  required_unmapped += other.required_unmapped;
  lossy += other.lossy;
  personal += other.personal;
  mappings += other.mappings;
  for (std::size_t at = 0; at < bands.size(); ++at) {
    bands[at] += other.bands[at];
  }
  confidence_sum += other.confidence_sum;
  effort_minutes += other.effort_minutes;
  seconds += other.seconds;
  return *this;
}

Figures figures_of(const PairReport& pair, const std::vector<MappingRow>& rows,
                   const std::vector<UnmappedRow>& unmapped) {
  Figures figures;
  figures.seconds = pair.outcome.seconds;
  figures.source_fields =
      pair.proposal.fields.empty()
          ? pair.source.table.columns.size()
          : static_cast<std::size_t>(std::count_if(
                pair.proposal.fields.begin(), pair.proposal.fields.end(),
                [](const mapping::FieldProposal& each) { return !each.source_column.empty(); }));
  figures.target_fields = pair.target.table.columns.size();
  if (pair.outcome.status == batch::JobStatus::failed) {
    figures.effort_minutes = effort.failed_pair;
  }
  const mapping::FieldProposal* field = nullptr;
  bool is_counted_mapped = false, is_counted_decided = false;
  for (const MappingRow& row : rows) {
    if (row.field != field) {
      field = row.field;
      is_counted_mapped = is_counted_decided = false;
    }
    const bool is_used =
        (row.is_mapped() && !row.field->source_column.empty()) || !row.input_of.empty();
    if (is_used && !std::exchange(is_counted_mapped, true)) {
      ++figures.mapped;
    }
    if ((is_used || row.status == ReviewStatus::not_used) &&
        !std::exchange(is_counted_decided, true)) {
      ++figures.decided;
    }
    figures.effort_minutes += effort_of(row);
    if (row.target.empty()) {
      continue;
    }
    ++figures.mappings;
    figures.confidence_sum += row.confidence;
    const double band = std::floor(row.confidence * 10 + 1e-9);
    ++figures.bands[static_cast<std::size_t>(std::clamp(band, 0.0, 9.0))];
    figures.approved += row.status == ReviewStatus::approved ? 1 : 0;
    figures.rejected += row.status == ReviewStatus::rejected ? 1 : 0;
    figures.proposed += mapping_status_of(row.status) == mapping::MappingStatus::pending_review;
    figures.lossy += row.lossy && row.is_mapped() ? 1 : 0;
    figures.personal += row.personal && row.is_mapped() ? 1 : 0;
  }
  figures.unmapped = figures.source_fields - figures.decided;
  for (const UnmappedRow& target : unmapped) {
    ++figures.unmapped_targets;
    if (target.is_decided()) {
      continue;
    }
    figures.required_unmapped += target.required ? 1 : 0;
    figures.effort_minutes += target.required ? effort.required_target : effort.unmapped_target;
  }
  return figures;
}

std::vector<Issue> issues_of(const PairReport& pair, const std::vector<MappingRow>& rows,
                             const std::vector<UnmappedRow>& unmapped) {
  std::vector<Issue> issues;
  if (pair.outcome.error) {
    issues.push_back({Severity::error, title_of(pair), pair.outcome.error->message,
                      pair.outcome.error->hint, std::nullopt});
  } else if (pair.outcome.status == batch::JobStatus::skipped) {
    issues.push_back({Severity::warning, title_of(pair), "was not run",
                      "run the batch again with --resume", std::nullopt});
  }
  for (std::size_t at = 0; at < unmapped.size(); ++at) {
    if (unmapped[at].required && !unmapped[at].is_decided()) {
      issues.push_back({Severity::error, column_title(pair.target, unmapped[at].name),
                        "is required, and no source column feeds it",
                        "choose a source column, a constant or a default value", rows.size() + at});
    }
  }
  for (std::size_t at = 0; at < rows.size(); ++at) {
    add_row_issues(pair, rows[at], at, issues);
  }
  std::stable_sort(issues.begin(), issues.end(), [](const Issue& left, const Issue& right) {
    return left.severity < right.severity;
  });
  return issues;
}

std::string title_of(const PairReport& pair) {
  return fmt::format("{}→{}", catalog::to_string(pair.source.ref),
                     catalog::to_string(pair.target.ref));
}

}  // namespace mapctl::report
