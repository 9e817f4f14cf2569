// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mapctl::matching {

// What evidence is about. The names are part of mapctl.proposal/1.
enum class Signal : std::uint8_t {
  exact_name,
  name_tokens,
  name_trigrams,
  vowel_free,
  edit_distance,
  abbreviation,
  synonym,
  contrast,
  numbering,
  qualified_name,
  name_role,
  convention,
  description,
  type,
  key,
  value_overlap,
  value_kind,
  value_patterns,
  statistics,
  table_context,
  domain,
  competition,
};
inline constexpr std::size_t signal_count = static_cast<std::size_t>(Signal::competition) + 1;
std::string_view to_string(Signal signal) noexcept;

// What is measured of a column pair; several features may speak for one signal.
enum class Feature : std::uint8_t {
  exact_name,        // 1: the same letters and digits, affixes aside
  exact_table_name,  // 1: one name is the other with its table's name before it
  trigrams,          // cosine
  skeleton,          // cosine of the grams without vowels
  edit,              // 1 - relative edit distance
  best_spelling,     // best of the four before and the tokens
  tokens,            // words as written, both ways
  tokens_meant,      // ... with abbreviations and synonyms
  tokens_contained,  // all words of one name in the other
  head,              // the last words
  abbreviation,      // what reading abbreviations adds to `tokens`
  contraction,       // one name is made of the beginnings of the other's words
  synonym,           // what synonyms add
  contrast,          // -1: words of the names exclude each other
  numbers,           // -1: different numbers, 1: the same
  qualified,         // words of table and column, both ways
  qualified_contained,
  table_name,
  role,            // -1: roles that exclude each other, 1: the same
  subject,         // both say which thing a row is about, or one only, -0.8 .. 1
  whole_part,      // 1: one is a part of the other: a city of an address, or told in its texts
  convention,      // the same thing by the conventions of its field of business, -0.6 .. 1
  document,        // cosine of all words of table, name and description
  comment,         // cosine of the descriptions' words
  comment_names,   // words of one name in the other's description
  type,            // -1: cannot be, 1: the same
  key,             // -1 .. 1
  value_kind,      // the values of one suit the other's role, -1 .. 1
  value_meaning,   // the values of one, which has no name, are what the other's means, 0..1
  value_overlap,   // shared distinct values
  value_grams,     // alike in their letters, -0.5 .. 0.5
  value_patterns,  // alike in their forms, -0.5 .. 0.5
  distribution,    // of numbers, -0.5 .. 0.5
  shape,           // length, distinctness, nulls, -0.5 .. 0.5
  value_conflict,  // values unlike, or a closed set of which the other has none, -1.7 .. 0
  // How far a feature leads over the best other of its source and of its target, -1 .. 1.
  trigrams_lead,
  skeleton_lead,
  qualified_lead,
  document_lead,
  overlap_lead,
  value_grams_lead,
  // From here on: how the pair stands among the others, from the scores of the features before.
  row_lead,  // margin over the best other target, -1..1
  column_lead,
  mutual_best,  // 1: each is the other's best
  // As a share of what all pairs of the row claim, "no partner" being one of them.
  row_claim,
  settled,            // ... after balancing rows and columns against each other
  table_row_rank,     // 1 / rank among the source column's candidates in that target table
  table_column_rank,  // 1 / rank among the target column's candidates in that source table
  table_pair,         // how well the two tables fit, by the best table for the source
  table_pair_back,    // ... by the best source table for the target
};
inline constexpr std::size_t own_feature_count = static_cast<std::size_t>(Feature::row_lead);
inline constexpr std::size_t feature_count = static_cast<std::size_t>(Feature::table_pair_back) + 1;
using Features = std::array<float, feature_count>;
using FeatureSet = std::bitset<feature_count>;
Signal signal_of(Feature feature) noexcept;
// As files of weights name it.
std::string_view to_string(Feature feature) noexcept;
std::optional<Feature> feature_from(std::string_view name) noexcept;
inline float& at(Features& features, Feature feature) noexcept {
  return features[static_cast<std::size_t>(feature)];
}
inline float at(const Features& features, Feature feature) noexcept {
  return features[static_cast<std::size_t>(feature)];
}

// What is 0 for all pairs of the two sides: there are no values, descriptions or silent names to
// compare.
FeatureSet absent_features(const Side& source, const Side& target) noexcept;

}  // namespace mapctl::matching
