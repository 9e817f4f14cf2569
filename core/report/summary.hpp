// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/model.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::report {

// One line of a pair's mapping: a source column and a target column decided for it, or none.
// Pointers go into the pair, which must outlive it.
struct MappingRow {
  const mapping::FieldProposal* field = nullptr;
  const mapping::Candidate* decision = nullptr;    // null: no match
  const catalog::Column* source_column = nullptr;  // null when the table does not have it
  const catalog::Column* target_column = nullptr;
  const FieldRecord* record = nullptr;  // null: not in the registry yet
  catalog::ColumnName target{};         // empty: unmapped
  catalog::ColumnName input_of{};       // unmapped itself, but a rule for this target takes it
  // Of the mapping, or, for an unmapped column, the id that a decision about it would have; empty
  // without tenant.
  std::string id{};
  ReviewStatus status = ReviewStatus::proposed;
  Equivalence equivalence = Equivalence::unmatched;
  double confidence = 0;
  bool lossy = false;     // the decision carries a warning
  bool personal = false;  // on either side

  bool is_mapped() const noexcept {
    return !target.empty() && status != ReviewStatus::rejected && status != ReviewStatus::not_used;
  }
};

// Whether the candidate is one that was decided for.
bool is_decided(const mapping::FieldProposal& field, const mapping::Candidate& candidate) noexcept;

// In the order of the source's columns; a column decided for several targets gives several rows.
std::vector<MappingRow> mapping_rows(const RunReport& run, const PairReport& pair);
// What the registry knows a line of the pair by.
mapping::MappingKey key_of(const PairReport& pair, const std::string& source,
                           const std::string& target);

// Target columns that no row of the pair feeds, required ones first.
struct UnmappedRow {
  const catalog::Column* column = nullptr;  // null when the table does not have it
  std::string name{};
  bool required = false;
  std::string id{};                     // that a constant for it would have
  const FieldRecord* record = nullptr;  // what was decided about it, if anything
  bool is_decided() const noexcept {
    return record != nullptr &&
           (record->status == ReviewStatus::approved || record->status == ReviewStatus::not_used);
  }
};
std::vector<UnmappedRow> unmapped_targets(const RunReport& run, const PairReport& pair,
                                          const std::vector<MappingRow>& rows);

// From 0.9 high, from 0.7 medium, below low; the colours of the workbook follow the same bounds.
inline constexpr double high_confidence = 0.9;
inline constexpr double medium_confidence = 0.7;
std::string_view confidence_band(double confidence) noexcept;  // "high", "medium", "low"

// Figures of one pair, or of all.
struct Figures {
  std::size_t source_fields = 0, target_fields = 0;
  std::size_t mapped = 0;    // source fields with a target, not rejected
  std::size_t decided = 0;   // mapped, or decided not to be used
  std::size_t proposed = 0;  // mappings that still wait for a decision
  std::size_t approved = 0, rejected = 0;
  std::size_t unmapped = 0;  // source fields neither mapped nor decided
  std::size_t unmapped_targets = 0, required_unmapped = 0;
  std::size_t lossy = 0, personal = 0;
  std::size_t mappings = 0;             // rows with a target
  std::array<std::size_t, 10> bands{};  // mappings by confidence: [0,.1) ... [.9,1]
  double confidence_sum = 0;
  double effort_minutes = 0;
  double seconds = 0;

  double coverage() const noexcept;    // decided / source fields, 1 when there is no field
  double confidence() const noexcept;  // mean over mappings, 0 when there is none
  Figures& operator+=(const Figures& other) noexcept;
};
Figures figures_of(const PairReport& pair, const std::vector<MappingRow>& rows,
                   const std::vector<UnmappedRow>& unmapped);

// Minutes a reviewer is expected to spend; printed on the workbook's Read Me, so that the estimate
// can be judged.
struct Effort {
  double approved = 0;
  double high = 0.5, medium = 2, low = 5;
  double transformation = 3;  // on top, for anything but a direct copy
  double lossy = 5;           // on top
  double unmapped_source = 3, unmapped_target = 2, required_target = 15;
  double failed_pair = 30;
};
inline constexpr Effort effort{};

// The likeliest candidate of a field that was not mapped, or null when it is hardly likelier than
// chance.
const mapping::Candidate* nearest_candidate(const mapping::FieldProposal& field) noexcept;

// Issues that follow from a pair: failure, required targets without source, lossy mappings,
// low confidence, near ties, source columns without match.
std::vector<Issue> issues_of(const PairReport& pair, const std::vector<MappingRow>& rows,
                             const std::vector<UnmappedRow>& unmapped);

// "Account→account", with schemas where there are any.
std::string title_of(const PairReport& pair);
// The entity under which the registry keeps what is not canonical: "endpoint.schema.table".
mapping::EntityName entity_of(const PairReport& pair);

}  // namespace mapctl::report
