// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/review.hpp"

#include "core/base/hash.hpp"
#include "core/base/text.hpp"

#include <utility>

namespace mapctl::mapping {
namespace {

constexpr std::array<std::pair<ReviewStatus, std::string_view>, 7> status_words{{
    {ReviewStatus::proposed, "proposed"},
    {ReviewStatus::approved, "approved"},
    {ReviewStatus::rejected, "rejected"},
    {ReviewStatus::flagged, "flagged"},
    {ReviewStatus::needs_info, "needs info"},
    {ReviewStatus::not_used, "not used"},
    {ReviewStatus::deprecated, "deprecated"},
}};

constexpr std::array<std::pair<Equivalence, std::string_view>, 6> equivalence_words{{
    {Equivalence::equal, "equal"},
    {Equivalence::equivalent, "equivalent"},
    {Equivalence::wider, "wider"},
    {Equivalence::narrower, "narrower"},
    {Equivalence::inexact, "inexact"},
    {Equivalence::unmatched, "unmatched"},
}};

template <class Enum, std::size_t Count>
std::string_view word_of(const std::array<std::pair<Enum, std::string_view>, Count>& words,
                         Enum value) noexcept {
  for (const auto& [known, word] : words) {
    if (known == value) {
      return word;
    }
  }
  return {};
}

template <class Enum, std::size_t Count>
std::optional<Enum> value_of(const std::array<std::pair<Enum, std::string_view>, Count>& words,
                             std::string_view text) {
  const std::string wanted = replace_all(to_lower(trim(text)), "_", " ");
  for (const auto& [value, word] : words) {
    if (word == wanted) {
      return value;
    }
  }
  return std::nullopt;
}

Transformation one_step(TransformationKind kind, std::string_view name, std::string_view value) {
  Transformation transformation;
  TransformationStep step;
  step.kind = kind;
  if (!value.empty()) {
    step.arguments.emplace_back(name, value);
  }
  transformation.steps.push_back(std::move(step));
  return transformation;
}

}  // namespace

std::string_view to_string(ReviewStatus status) noexcept {
  return word_of(status_words, status);
}

std::optional<ReviewStatus> review_status_from(std::string_view word) {
  return value_of(status_words, word);
}

std::string_view to_string(Equivalence equivalence) noexcept {
  return word_of(equivalence_words, equivalence);
}

std::optional<Equivalence> equivalence_from(std::string_view word) {
  return value_of(equivalence_words, word);
}

ReviewStatus review_status_of(MappingStatus status) noexcept {
  switch (status) {
    case MappingStatus::active: return ReviewStatus::approved;
    case MappingStatus::rejected: return ReviewStatus::rejected;
    case MappingStatus::deprecated: return ReviewStatus::deprecated;
    case MappingStatus::pending_review: return ReviewStatus::proposed;
  }
  return ReviewStatus::proposed;
}

std::optional<MappingStatus> mapping_status_of(ReviewStatus status) noexcept {
  switch (status) {
    case ReviewStatus::proposed:
    case ReviewStatus::flagged:
    case ReviewStatus::needs_info: return MappingStatus::pending_review;
    case ReviewStatus::approved: return MappingStatus::active;
    case ReviewStatus::rejected: return MappingStatus::rejected;
    case ReviewStatus::deprecated: return MappingStatus::deprecated;
    case ReviewStatus::not_used: return std::nullopt;
  }
  return std::nullopt;
}

const std::array<ReviewColumnInfo, review_column_count>& review_columns() noexcept {
  static constexpr std::array<ReviewColumnInfo, review_column_count> columns{{
      {"status", "Status", false},
      {"equivalence", "Equivalence", false},
      {"source_column", "Source column", false},
      {"target_column", "Target column", false},
      {"transformation", "Transformation", false},
      {"rule", "Rule", true},
      {"default", "Default", true},
      {"null_handling", "Null handling", true},
      {"date_policy", "Zero-date and zone policy", true},
      {"quality_rule", "Data-quality rule", true},
      {"reviewer", "Reviewer", true},
      {"reviewed_on", "Reviewed on", true},
      {"reason_code", "Reason code", true},
      {"comment", "Comment", true},
  }};
  return columns;
}

void add_to_digest(Sha256& digest, const ReviewLine& line) {
  digest.add_field(line.id);
  for (const std::string& value : line.values) {
    digest.add_field(value);
  }
  digest.add_field(line.key.connector.text);
  digest.add_field(line.key.source_table.text);
  digest.add_field(line.key.entity.text);
  digest.add_field(line.disposition);
}

std::string_view transformation_word(const Transformation& transformation) noexcept {
  using Kind = TransformationKind;
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

std::optional<Transformation> transformation_from_review(std::string_view word,
                                                         std::string_view rule,
                                                         std::string_view default_value) {
  using Kind = TransformationKind;
  const std::string wanted = to_lower(trim(word));
  std::optional<Transformation> chosen;
  if (wanted == "direct") {
    chosen.emplace();
  } else if (wanted == "constant") {
    return one_step(Kind::constant, "value", default_value.empty() ? rule : default_value);
  } else if (wanted == "default") {
    return one_step(Kind::default_value, "value", default_value.empty() ? rule : default_value);
  } else if (wanted == "lookup") {
    chosen = one_step(Kind::lookup, "table", {});
    chosen->note = std::string{rule};
  } else if (wanted == "generated" || wanted == "sequence") {
    chosen = one_step(wanted == "sequence" ? Kind::sequence : Kind::generated, "", {});
    chosen->note = std::string{rule};
  } else if (wanted == "expression") {
    chosen = one_step(Kind::expression, "expression", rule);
  }
  if (chosen && !default_value.empty()) {
    TransformationStep step;
    step.kind = Kind::default_value;
    step.arguments.emplace_back("value", default_value);
    chosen->steps.push_back(std::move(step));
  }
  return chosen;
}

}  // namespace mapctl::mapping
