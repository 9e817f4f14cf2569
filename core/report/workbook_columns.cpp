// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/catalog/code_lists.hpp"
#include "core/report/book.hpp"

#include <fmt/format.h>

#include <algorithm>

// What columns say beyond their mapping: codes, checks, choices.
namespace mapctl::report {
namespace {

const mapping::TransformationStep* code_map_of(const MappingRow& row) {
  if (row.decision == nullptr) {
    return nullptr;
  }
  for (const mapping::TransformationStep& step : row.decision->transformation.steps) {
    if (step.kind == mapping::TransformationKind::code_map) {
      return &step;
    }
  }
  return nullptr;
}

// The allowed value or listed code that a source value is without doubt.
std::string code_for(const catalog::Column& target, std::string_view value) {
  for (const std::string& allowed : target.allowed_values) {
    if (equal_ignoring_case(allowed, value)) {
      return allowed;
    }
  }
  const std::string upper = to_upper(value);
  return catalog::in_code_list(target.code_list, upper) ? upper : std::string{};
}

void add_mapped_codes(const mapping::TransformationStep& step, CodeRow pattern,
                      std::vector<CodeRow>& rows) {
  const catalog::Column* source = pattern.mapping->source_column;
  for (const auto& [from, to] : step.arguments) {
    CodeRow row = pattern;
    row.value = from;
    row.target = to;
    row.state = "mapped";
    if (source != nullptr && source->statistics) {
      for (const catalog::FrequentValue& value : source->statistics->frequent) {
        if (value.text == from) {
          row.count = value.count;
        }
      }
    }
    rows.push_back(std::move(row));
  }
}

}  // namespace

namespace {

// What follows from the state, unless a reviewer wrote something else.
void finish_codes(const MappingRow& mapping, std::size_t first, std::vector<CodeRow>& rows) {
  for (std::size_t at = first; at < rows.size(); ++at) {
    CodeRow& row = rows[at];
    row.equivalence = row.state == "same"     ? "equal"
                      : row.state == "mapped" ? "equivalent"
                                              : "unmatched";
    if (mapping.record == nullptr) {
      continue;
    }
    const auto found = mapping.record->codes.find(row.value);
    if (found == mapping.record->codes.end()) {
      continue;
    }
    const auto take = [&](const char* key, std::string& into) {
      if (const auto written = found->second.find(key); written != found->second.end()) {
        into = written->second;
      }
    };
    take("status", row.status);
    take("equivalence", row.equivalence);
    take("comment", row.comment);
  }
}

}  // namespace

mapping::ReviewLine code_line(const PairReport& pair, const CodeRow& code) {
  using mapping::ReviewColumn;
  const MappingRow& row = *code.mapping;
  mapping::ReviewLine line;
  line.id = NameId{}.add("code").add(row.id).add(code.value).finish();
  const auto set = [&](ReviewColumn column, const std::string& text) {
    line.values[mapping::index_of(column)] = text;
  };
  set(ReviewColumn::status, code.status);
  set(ReviewColumn::equivalence, code.equivalence);
  set(ReviewColumn::source_column, row.field->source_column.text);
  set(ReviewColumn::target_column, row.target.text);
  set(ReviewColumn::rule, code.value);
  set(ReviewColumn::default_value, code.target);
  set(ReviewColumn::comment, code.comment);
  line.key = key_of(pair, row.field->source_column.text, row.target.text);
  line.disposition = "code";
  line.version = row.record != nullptr ? row.record->version : 0;
  return line;
}

std::vector<CodeRow> code_rows(std::int64_t minimum_count, const std::vector<MappingRow>& rows) {
  std::vector<CodeRow> found;
  for (const MappingRow& mapping : rows) {
    if (!mapping.is_mapped()) {
      continue;
    }
    const catalog::Column* target = mapping.target_column;
    const std::size_t first = found.size();
    CodeRow pattern;
    pattern.mapping = &mapping;
    pattern.list =
        target != nullptr && !target->code_list.empty() ? target->code_list : mapping.target.text;
    const mapping::TransformationStep* code_map = code_map_of(mapping);
    if (code_map != nullptr) {
      add_mapped_codes(*code_map, pattern, found);
    }
    const bool has_codes =
        target != nullptr && (!target->allowed_values.empty() || !target->code_list.empty());
    const catalog::Column* source = mapping.source_column;
    if (!has_codes || source == nullptr || !source->statistics || source->personal) {
      finish_codes(mapping, first, found);
      continue;
    }
    for (const catalog::FrequentValue& value : source->statistics->frequent) {
      if (value.count < minimum_count || value.text.empty() ||
          (code_map != nullptr && !code_map->argument(value.text).empty())) {
        continue;
      }
      CodeRow row = pattern;
      row.value = value.text;
      row.count = value.count;
      row.target = code_for(*target, value.text);
      row.state = row.target.empty() ? "open" : row.target == row.value ? "same" : "mapped";
      found.push_back(std::move(row));
    }
    finish_codes(mapping, first, found);
  }
  return found;
}

std::vector<Rule> rules_of_column(const catalog::Column& column) {
  std::vector<Rule> rules;
  const auto add = [&](std::string check, std::string basis, const char* severity) {
    Rule rule;
    rule.column = column.name.text;
    rule.check = std::move(check);
    rule.basis = std::move(basis);
    rule.severity = severity;
    rules.push_back(std::move(rule));
  };
  if (column.required) {
    add("is never null", "required", "error");
  }
  if (column.unique) {
    add("is unique", "unique constraint", "error");
  }
  if (!column.allowed_values.empty()) {
    const std::size_t shown = std::min<std::size_t>(column.allowed_values.size(), 12);
    std::vector<std::string> values(
        column.allowed_values.begin(),
        column.allowed_values.begin() + static_cast<std::ptrdiff_t>(shown));
    if (shown < column.allowed_values.size()) {
      values.push_back(fmt::format("and {} more", column.allowed_values.size() - shown));
    }
    add(fmt::format("is one of: {}", join(values, ", ")), "allowed values", "error");
  }
  if (!column.code_list.empty()) {
    add(fmt::format("is a code of {}", column.code_list), "code list", "error");
  }
  if (column.minimum && column.maximum) {
    add(fmt::format("is between {} and {}", *column.minimum, *column.maximum), "declared range",
        "error");
  } else if (column.minimum) {
    add(fmt::format("is at least {}", *column.minimum), "declared range", "error");
  } else if (column.maximum) {
    add(fmt::format("is at most {}", *column.maximum), "declared range", "error");
  }
  if (column.type.logical == catalog::LogicalType::string && column.type.length) {
    add(fmt::format("has at most {} {}", *column.type.length,
                    column.type.length_in_bytes ? "bytes" : "characters"),
        "declared length", "warning");
  }
  return rules;
}

std::vector<Rule> rules_of(const PairReport& pair, const std::vector<MappingRow>& rows) {
  std::vector<Rule> rules;
  if (pair.proposal.fields.empty()) {
    return rules;
  }
  const auto source_of = [&](const catalog::ColumnName& column) {
    std::vector<std::string> sources;
    for (const MappingRow& row : rows) {
      if (row.is_mapped() && row.target == column) {
        sources.push_back(row.field->source_column.text);
      }
    }
    return join(sources, ", ");
  };
  for (const catalog::Column& column : pair.target.table.columns) {
    std::vector<Rule> found = rules_of_column(column);
    if (const catalog::ForeignKey* key = pair.target.table.foreign_key_of(column.name)) {
      Rule rule;
      rule.column = column.name.text;
      rule.check = fmt::format("exists in {}", catalog::to_string(key->references));
      rule.basis = "foreign key";
      rule.severity = "error";
      found.push_back(std::move(rule));
    }
    if (found.empty()) {
      continue;
    }
    const std::string source = source_of(column.name);
    if (source.empty() && !column.required) {
      continue;  // nothing is loaded into it
    }
    for (Rule& rule : found) {
      rule.source = source;
      rules.push_back(std::move(rule));
    }
  }
  return rules;
}

std::vector<std::string> list_sources(const PairReport& pair) {
  std::vector<std::string> names;
  for (const catalog::Column& column : pair.source.table.columns) {
    names.push_back(column.name.text);
  }
  if (names.empty()) {
    for (const mapping::FieldProposal& field : pair.proposal.fields) {
      names.push_back(field.source_column.text);
    }
  }
  return names;
}

std::vector<std::string> list_targets(const PairReport& pair) {
  std::vector<std::string> names;
  for (const catalog::Column& column : pair.target.table.columns) {
    names.push_back(column.name.text);
  }
  return names;
}

const std::vector<StaticList>& static_lists() {
  static const std::vector<StaticList> lists{
      {"status", {"proposed", "approved", "rejected", "flagged", "needs info", "not used"}},
      {"equivalence", {"equal", "equivalent", "wider", "narrower", "inexact", "unmatched"}},
      {"transformation",
       {"direct", "expression", "constant", "lookup", "default", "generated", "sequence",
        "not used"}},
      {"null handling", {"keep null", "use default", "empty text", "reject row"}},
      {"zero-date and zone policy",
       {"keep", "zero date to null", "reject zero date", "assume UTC", "convert to UTC"}},
      {"reason code",
       {"business rule", "definition differs", "wrong type", "data quality", "sensitive data",
        "another source is better", "not in scope", "duplicate"}},
      {"disposition", {"undecided", "mapped", "not used", "constant", "later"}},
  };
  return lists;
}

}  // namespace mapctl::report
