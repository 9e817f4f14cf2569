// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"
#include "core/matching/signals/similarity.hpp"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

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
  words_lead,  // of tokens_meant
  qualified_lead,
  document_lead,
  overlap_lead,
  value_grams_lead,
  // From here on: how the pair stands among the others, from the scores of the features before.
  row_rank,   // 1 / rank among the source column's candidates, less for an unlikely pair
  row_share,  // score by the best of the source column
  row_lead,   // margin over the best other target, -1..1
  column_rank,
  column_share,
  column_lead,
  mutual_best,  // 1: each is the other's best
  // As shares of what all pairs of the row or column claim, "no partner" being one of them.
  row_claim,
  column_claim,
  settled,            // after balancing rows and columns against each other
  table_row_rank,     // 1 / rank among the source column's candidates in that target table
  table_column_rank,  // 1 / rank among the target column's candidates in that source table
  table_pair,         // how well the two tables fit, by the best table for the source
  table_pair_back,    // ... by the best source table for the target
};
inline constexpr std::size_t own_feature_count = static_cast<std::size_t>(Feature::row_rank);
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

// -1 (a date is no number) .. 1 (the same); 0 where one is not known. Symmetric.
float type_compatibility(TypeClass left, TypeClass right) noexcept;
// Whether text of that kind, say web addresses, cannot be of the type, say a number.
bool contradicts(ValueKind kind, TypeClass type) noexcept;
// As of their roles, but that different parts of an address hardly stand for each other.
float role_agreement(const ColumnFeatures& left, const ColumnFeatures& right) noexcept;
// -1 .. 1. Symmetric.
float key_compatibility(KeyRole left, KeyRole right) noexcept;
// Whether each word gives some of its letters in their order, its first one first, so that together
// they are the short name; only from its beginning on where `beginnings` says so.
// The short name has at most 31 letters.
bool is_made_of(std::string_view short_name, std::span<const std::string_view> words,
                bool beginnings) noexcept;
// Whether `short_name` is made of parts of the words in their order, each part beginning with its
// word's first letter and taking letters of it in their order: "ascat" for assay, category. 0 or
// 0.48..1, more for longer ones and for beginnings of the words.
float contraction_of(std::string_view short_name, std::span<const std::string_view> words) noexcept;
// The same of a column's words to the other column's name, which may be its first letter only. The
// words that the whole table begins with may be part of it or not.
float contraction(const Side& side, const ColumnFeatures& named,
                  const ColumnFeatures& other) noexcept;
// Of the letters and digits of a name. "y" goes with the vowels: "rltnshp_tp" is a relationship
// type.
Consonants consonants_of(std::string_view name);
// Whether one name is the other without its vowels: "ss_d" for assay_id. 0 or 0.6..1, more for
// longer ones; 0 for equal names. Symmetric.
float dropped_vowels(const ColumnFeatures& left, const ColumnFeatures& right) noexcept;
// 1: the same numbers stand in both names, -1: different ones, -0.5: only one has any, 0: none has.
float number_agreement(std::uint64_t left, std::uint64_t right) noexcept;
// Of how the values of each column suit the other's role: what speaks against counts.
float kind_agreement(float there, float back) noexcept;
// Of two tables' names, where a word is not less for standing in many columns: the mean cover by
// meaning, 0..1.
float table_name_similarity(const Side& source, const TableFeatures& left, const Side& target,
                            const TableFeatures& right,
                            const TermSimilarities& similarities) noexcept;
// Words of column and table together; those of the table count half.
struct QualifiedCover {
  Cover all{};      // of all words of both sides
  float names = 0;  // of the two columns' words only, the less covered of the two
};

// Each of `best` becomes the greater of itself and of its counterpart in `others`.
void take_greater(std::span<std::uint8_t> best, const std::uint8_t* others) noexcept;

// The same for the columns of two sides. What depends on a column and the other's table only is
// found once. For one thread; the sides and similarities must outlive it.
class QualifiedCovers {
 public:
  QualifiedCovers(const Side& source, const Side& target, const TermSimilarities& similarities);
  // `best_of_left`: of each word of the target its best similarity, as meant, to a word of `left`.
  QualifiedCover operator()(const ColumnFeatures& left, const ColumnFeatures& right,
                            std::span<const std::uint8_t> best_of_left);
  // By known phrases, where a column has any.
  QualifiedCover of_phrases(const ColumnFeatures& left, const ColumnFeatures& right,
                            std::span<const std::uint8_t> best_of_left) const;

 private:
  // A column's words, or its phrases.
  struct Name {
    const TermRange& words;
    std::uint32_t table;
  };
  struct TableSums {
    float left = 0, right = 0;
  };
  float words_of_left_table(const Name& left, const Name& right) const;
  float words_of_right_table(const Name& left, const Name& right) const;
  QualifiedCover cover(const Name& left, const Name& right, const TableSums& of_tables,
                       std::span<const std::uint8_t> best_of_left) const;

  const Side& source_;
  const Side& target_;
  const TermSimilarities& similarities_;
  // Of each word the best similarity to a word of a table's name, by table.
  std::vector<std::uint8_t> to_right_table_, to_left_table_;
  // Sums over the words of a table's name, by that table and the other side's column; negative
  // while not known.
  std::vector<float> left_table_sums_, right_table_sums_;
};

// Share of the name's words (by weight) that stand in the other column's comment or name.
float name_in_comment(const Side& named, const TermRange& name, const Side& commented,
                      const ColumnFeatures& column) noexcept;

}  // namespace mapctl::matching
