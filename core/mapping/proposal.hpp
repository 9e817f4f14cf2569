// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/catalog/names.hpp"
#include "core/mapping/transformation.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::mapping {

// One reason for or against a candidate. `weight` is what the signal contributed to the score
// (may be negative); `detail` is a sentence.
struct Evidence {
  std::string_view signal{};  // names of matching's signals live as long as the program
  double score = 0;           // 0..1
  double weight = 0;
  std::string detail{};
  bool operator==(const Evidence&) const = default;
};

struct Candidate {
  catalog::TableRef target_table{};
  catalog::ColumnName target_column{};
  double score = 0;       // comparable within a proposal, 0..1
  double confidence = 0;  // probability that this pair is right
  MappingType mapping_type = MappingType::direct;
  Transformation transformation{};
  std::vector<std::string> warnings{};  // lossy casts and the like, in words
  // Largest contribution first; but a rule of several columns, whatever its weight, comes before
  // all.
  std::vector<Evidence> evidence{};
};

// What is proposed for one source column. `decision` indexes candidates, best first; empty is
// "no match". More than one index where one-to-many was asked for, or where each target takes its
// part of the column. A rule of several columns is the first one's; the others are its inputs.
// Constants are decided for in a field without source column, behind the others.
struct FieldProposal {
  catalog::ColumnName source_column{};
  std::vector<std::size_t> decision{};
  double confidence = 0;                // of the decision; of "no match" the confidence of that
  std::vector<Candidate> candidates{};  // likeliest first
};

struct UnmappedTarget {
  catalog::ColumnName column{};
  bool required = false;
};

// One table pair.
struct PairProposal {
  catalog::TableRef source_table{};
  catalog::TableRef target_table{};
  double confidence = 0;  // that the two tables hold the same thing
  std::vector<Evidence> evidence{};
  std::vector<FieldProposal> fields{};             // in the order of the source's columns
  std::vector<UnmappedTarget> unmapped_targets{};  // required first, then by position
};

// By source column the targets of decided rules that are another field's and have it as an input.
std::map<std::string, std::vector<catalog::ColumnName>, std::less<>> inputs_of_rules(
    const PairProposal& pair);

// Candidates by confidence, of equal ones those first that were decided for; at most `top`, unless
// more were decided for.
void rank_candidates(FieldProposal& field, std::size_t top);

// "Mapped" and "unmapped" as the summary, the gate and the workbook count them.
struct CoverageCount {
  std::size_t source_fields = 0;
  std::size_t mapped = 0;
  std::size_t target_fields = 0;
  std::size_t unmapped_targets = 0;
  std::size_t required_unmapped = 0;
  std::size_t warnings = 0;
  double share() const noexcept {
    return source_fields == 0 ? 1.0
                              : static_cast<double>(mapped) / static_cast<double>(source_fields);
  }
};
CoverageCount count_coverage(const PairProposal& pair);

// One document of schema mapctl.proposal/1; `source` and `target` are endpoint names.
Json to_json(std::string_view source, std::string_view target,
             const std::vector<PairProposal>& pairs);
Json to_json(const PairProposal& pair);

// The same bytes as to_line(to_json(...)) without building a tree: for lines of JSON and for
// storing fields by the ten thousand. Numbers have at most four decimals.
void append_json(std::string& out, const PairProposal& pair);
void append_json(std::string& out, const FieldProposal& field);
void append_json(std::string& out, const std::vector<Evidence>& evidence);

}  // namespace mapctl::mapping
