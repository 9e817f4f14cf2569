// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/mapping.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mapctl {
class Sha256;
}

namespace mapctl::mapping {

// The words a reviewer chooses from; they are tied to the registry's.
enum class ReviewStatus : std::uint8_t {
  proposed,
  approved,
  rejected,
  flagged,
  needs_info,
  not_used,
  deprecated,
};
std::string_view to_string(ReviewStatus status) noexcept;               // "needs info"
std::optional<ReviewStatus> review_status_from(std::string_view word);  // also needs_info
ReviewStatus review_status_of(MappingStatus status) noexcept;
// What the registry stores for it; nothing for not_used, which is a disposition of a source field.
std::optional<MappingStatus> mapping_status_of(ReviewStatus status) noexcept;

enum class Equivalence : std::uint8_t { equal, equivalent, wider, narrower, inexact, unmatched };
std::string_view to_string(Equivalence equivalence) noexcept;
std::optional<Equivalence> equivalence_from(std::string_view word);

// What people may edit of a line, in the order in which a workbook's baseline keeps it.
enum class ReviewColumn : std::uint8_t {
  status,
  equivalence,
  source_column,
  target_column,
  transformation,
  rule,
  default_value,
  null_handling,
  date_policy,
  quality_rule,
  reviewer,
  reviewed_on,
  reason_code,
  comment,
};
inline constexpr std::size_t review_column_count = 14;

struct ReviewColumnInfo {
  std::string_view key{};    // "reason_code", of the baseline and of documents
  std::string_view title{};  // "Reason code", of a pair's sheet
  bool may_be_cleared = false;
};
const std::array<ReviewColumnInfo, review_column_count>& review_columns() noexcept;

using ReviewValues = std::array<std::string, review_column_count>;
constexpr std::size_t index_of(ReviewColumn column) noexcept {
  return static_cast<std::size_t>(column);
}

// One line of a workbook as it was exported, or would be now: a mapping, a source column without
// target or a target column without source.
struct ReviewLine {
  std::string id{};
  ReviewValues values{};
  MappingKey key{};  // source field or field are empty where there is none
  // Of a column without counterpart: "undecided", "not used", "constant" or "later".
  std::string disposition{};
  std::string sheet{};
  int version = 0;  // of the mapping, when there is one; not part of an export

  const std::string& value(ReviewColumn column) const noexcept { return values[index_of(column)]; }
};

// What a workbook's signature covers of a line: all of it but its sheet.
void add_to_digest(Sha256& digest, const ReviewLine& line);

// The word for a whole transformation in the column of that name: "direct", "expression" ...
std::string_view transformation_word(const Transformation& transformation) noexcept;

// The transformation that a reviewer described: a word of that column, the rule in words and the
// default value. Nothing for a word that is not of the list.
std::optional<Transformation> transformation_from_review(std::string_view word,
                                                         std::string_view rule,
                                                         std::string_view default_value);

}  // namespace mapctl::mapping
