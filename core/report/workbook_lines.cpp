// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/report/book.hpp"

// What can be edited of a line, as it is exported.
namespace mapctl::report {
namespace {

// What reviewers wrote stands instead of what follows from the proposal.
void write_over(EditableValues& values, const FieldRecord& record) {
  for (std::size_t at = 0; at < editable_count; ++at) {
    const auto found = record.written.find(mapping::review_columns()[at].key);
    if (found != record.written.end()) {
      values[at] = found->second;
    }
  }
}

}  // namespace

EditableValues editable_values(const Line& line) {
  EditableValues values{};
  if (line.unmapped != nullptr) {
    values[1] = std::string{to_string(Equivalence::unmatched)};
    values[3] = line.unmapped->name;
    if (const FieldRecord* record = line.unmapped->record) {
      if (record->status != ReviewStatus::proposed || !record->id.empty()) {
        values[0] = std::string{to_string(record->status)};
      }
      values[10] = record->reviewer;
      values[12] = record->reason;
      values[13] = record->comment;
      write_over(values, *record);
    }
    return values;
  }
  const MappingRow& row = *line.mapping;
  // Nothing is proposed for a column without target until somebody decides.
  if (!row.target.empty() ||
      (row.record != nullptr && row.record->status != ReviewStatus::proposed)) {
    values[0] = std::string{to_string(row.status)};
  }
  values[1] = std::string{to_string(row.equivalence)};
  values[2] = row.field->source_column.text;
  values[3] = row.target.text;
  if (row.status == ReviewStatus::not_used) {
    values[4] = "not used";
  } else if (row.decision != nullptr) {
    const mapping::Transformation& chosen = row.decision->transformation;
    values[4] = std::string{mapping::transformation_word(chosen)};
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
  if (row.record != nullptr) {
    write_over(values, *row.record);
  }
  return values;
}

std::string_view disposition_of(const Line& line) {
  const FieldRecord* record = nullptr;
  if (line.unmapped != nullptr) {
    record = line.unmapped->record;
  } else if (!line.mapping->input_of.empty()) {
    return "mapped";
  } else if (line.mapping->target.empty()) {
    record = line.mapping->record;
  } else {
    return {};
  }
  if (record == nullptr) {
    return "undecided";
  }
  const auto kind = record->written.find("transformation");
  return record->status == ReviewStatus::not_used                      ? "not used"
         : kind != record->written.end() && kind->second == "constant" ? "constant"
         : record->later                                               ? "later"
                                                                       : "undecided";
}

mapping::ReviewLine review_line(const PairReport& pair, const Line& line,
                                std::size_t cell_characters) {
  mapping::ReviewLine result;
  result.id = std::string{line.id()};
  result.values = editable_values(line);
  for (std::string& value : result.values) {
    // Too long for a cell: the comparison is then with a digest of nothing anybody types.
    if (utf16_length(value) > cell_characters) {
      value = "sha256:" + sha256(value);
    }
  }
  result.key = line.unmapped != nullptr ? key_of(pair, {}, line.unmapped->name)
                                        : key_of(pair, line.mapping->field->source_column.text,
                                                 line.mapping->target.text);
  result.disposition = std::string{disposition_of(line)};
  const FieldRecord* record =
      line.unmapped != nullptr ? line.unmapped->record : line.mapping->record;
  if (record != nullptr && !record->id.empty()) {
    result.version = record->version;
  }
  return result;
}

void for_each_review_line(const RunReport& run, PairSource& pairs,
                          const std::function<void(const mapping::ReviewLine&)>& visit) {
  pairs.rewind();
  while (const PairReport* pair = pairs.next()) {
    const PairLines lines{run, *pair};
    for (std::size_t at = 0; at < lines.size(); ++at) {
      visit(review_line(*pair, lines.at(at), ports::cell_characters));
    }
    for (const CodeRow& code : code_rows(WorkbookOptions{}.minimum_count, lines.rows)) {
      visit(code_line(*pair, code));
    }
  }
}

}  // namespace mapctl::report
