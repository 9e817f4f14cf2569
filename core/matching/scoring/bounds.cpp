// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/bounds.hpp"

#include "core/matching/signals/contrasts.hpp"
#include "core/matching/values/lossy.hpp"

#include <algorithm>

namespace mapctl::matching {
namespace {

bool is_moment(TypeClass type) noexcept {
  return type == TypeClass::date || type == TypeClass::time || type == TypeClass::timestamp;
}

// Being left over, in tables of one name, makes no match.
bool says_nothing(const ScoredPair& pair, const Side& source, const Side& target) noexcept {
  const auto& features = *pair.features;
  constexpr float faint = 0.3F;
  for (const auto feature :
       {Feature::best_spelling, Feature::tokens_contained, Feature::contraction,
        Feature::qualified_contained, Feature::comment_names, Feature::comment,
        Feature::value_overlap, Feature::convention, Feature::subject, Feature::whole_part,
        Feature::value_meaning}) {
    if (at(features, feature) >= faint) {
      return false;
    }
  }
  // All moments are written alike.
  return is_moment(source.columns[pair.source].type) ||
         is_moment(target.columns[pair.target].type) || at(features, Feature::value_grams) <= 0 ||
         at(features, Feature::value_patterns) <= 0;
}

// Of contrast, role and kind of values: speaks clearly against the pair.
constexpr float clear = -0.5F;

bool excluded_by_role(const ScoredPair& pair) noexcept {
  return at(*pair.features, Feature::role) <= clear;
}

bool stands_in_address(const Side& side, const ColumnFeatures& column) noexcept {
  return column.address_part != AddressPart::none &&
         std::any_of(side.columns.begin(), side.columns.end(), [&](const ColumnFeatures& other) {
           return other.table == column.table && other.address_part != AddressPart::none &&
                  other.address_part != column.address_part;
         });
}

// Words of the names exclude each other ("start", "end"); or the names' roles do, and so do the
// values of one and the name of the other: to share the other words makes no match of a key and a
// name ("group_id", "group_name").
bool excluded(const ScoredPair& pair) noexcept {
  const auto& features = *pair.features;
  constexpr float apart = -0.3F;
  return at(features, Feature::contrast) <= clear ||
         (at(features, Feature::role) <= apart && at(features, Feature::value_kind) <= clear);
}

// "user_id.name" and what is of another role and not of the user.
bool leads_elsewhere(const ScoredPair& pair, const Side& source, const Side& target) noexcept {
  return excluded_by_role(pair) && (source.columns[pair.source].referred.count > 0) !=
                                       (target.columns[pair.target].referred.count > 0);
}

}  // namespace

float doubted(float score) noexcept {
  constexpr float counted_above = 0.05F;
  constexpr float most_counted = 0.45F;  // stays below the usual bar of automatic approval
  return score > most_of_doubtful
             ? most_of_doubtful + std::min(most_counted, counted_above * (score - most_of_doubtful))
             : score;
}

bool is_part_of_address_only_here(const ScoredPair& pair, const Side& source,
                                  const Side& target) noexcept {
  const auto& left = source.columns[pair.source];
  const auto& right = target.columns[pair.target];
  return excluded_by_role(pair) &&
         stands_in_address(source, left) != stands_in_address(target, right);
}

bool is_unlikely(const ScoredPair& pair, const Side& source, const Side& target) noexcept {
  return says_nothing(pair, source, target) || excluded(pair) ||
         leads_elsewhere(pair, source, target);
}

// "employee_count" and "order_count" may be the only counts of two tables, and a discount's rate
// and its amount the only discounts; that they are one is not sure.
bool is_doubtful(const ScoredPair& pair, const Side& source, const Side& target,
                 const TermSimilarities* words) noexcept {
  constexpr float much = 0.4F;
  constexpr float some = 0.3F;
  const auto& features = *pair.features;
  if (at(features, Feature::value_overlap) >= some || at(features, Feature::comment) >= some ||
      at(features, Feature::comment_names) >= some) {
    return false;
  }
  if (at(features, Feature::role) <= -much) {
    return true;
  }
  constexpr float nearly_whole = 0.93F;
  const bool one_thing =
      at(features, Feature::exact_name) > 0 || at(features, Feature::whole_part) != 0 ||
      at(features, Feature::convention) > 0 || at(features, Feature::contraction) > 0 ||
      at(features, Feature::tokens_meant) >= nearly_whole;
  return words != nullptr && !one_thing &&
         find_words_apart(source, source.columns[pair.source], target, target.columns[pair.target],
                          *words)
                 .share >= much;
}

bool fails(const ScoredPair& pair, const Side& source, const Side& target) {
  constexpr double most = 0.5;
  const auto& to = target.columns[pair.target];
  const auto& from = *source.columns[pair.source].column;
  return taken_share(from, *to.column) < most ||
         once_share(from, *target.tables[to.table].table, *to.column) < most;
}

}  // namespace mapctl::matching
