// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/report/book.hpp"

// What can be edited of a line, as it is exported.
namespace mapctl::report {
namespace {

std::string_view kind_word(const mapping::Transformation& transformation) {
  using Kind = mapping::TransformationKind;
  if (transformation.is_direct()) {
    return "direct";
  }
  if (transformation.steps.size() != 1) {
    return "expression";
  }
  switch (transformation.steps.front().kind) {
    case Kind::direct: return "direct";
    case Kind::constant: return "constant";
    case Kind::code_map:
    case Kind::lookup: return "lookup";
    case Kind::default_value: return "default";
    case Kind::generated: return "generated";
    case Kind::sequence: return "sequence";
    default: return "expression";
  }
}

}  // namespace

const std::string_view editable_titles[editable_count] = {
    "status",   "equivalence", "source_column", "target_column", "transformation",
    "rule",     "default",     "null_handling", "date_policy",   "quality_rule",
    "reviewer", "reviewed_on", "reason_code",   "comment"};

EditableValues editable_values(const Line& line) {
  EditableValues values(editable_count);
  if (line.unmapped != nullptr) {
    values[1] = std::string{to_string(Equivalence::unmatched)};
    values[3] = line.unmapped->name;
    return values;
  }
  const MappingRow& row = *line.mapping;
  // Nothing is proposed for a column without target until somebody decides.
  if (!row.target.empty() || row.record != nullptr) {
    values[0] = std::string{to_string(row.status)};
  }
  values[1] = std::string{to_string(row.equivalence)};
  values[2] = row.field->source_column.text;
  values[3] = row.target.text;
  if (row.status == ReviewStatus::not_used) {
    values[4] = "not used";
  } else if (row.decision != nullptr) {
    const mapping::Transformation& chosen = row.decision->transformation;
    values[4] = std::string{kind_word(chosen)};
    if (!chosen.is_direct()) {
      values[5] = mapping::describe(chosen);
    }
    for (const mapping::TransformationStep& step : chosen.steps) {
      if (step.kind == mapping::TransformationKind::default_value) {
        values[6] = std::string{step.argument("value")};
      }
    }
  } else if (!row.target.empty()) {
    values[4] = "direct";
  }
  if (row.record != nullptr) {
    values[10] = row.record->reviewer;
    if (row.status != ReviewStatus::proposed) {
      values[11] = row.record->decided_at.substr(0, 10);
    }
    values[12] = row.record->reason;
    values[13] = row.record->comment;
  }
  if (row.target_column != nullptr && row.is_mapped()) {
    std::vector<std::string> checks;
    for (const Rule& rule : rules_of_column(*row.target_column)) {
      checks.push_back(rule.check);
    }
    values[9] = join(checks, "; ");
  }
  return values;
}

}  // namespace mapctl::report
