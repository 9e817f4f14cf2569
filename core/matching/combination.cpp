// SPDX-License-Identifier: Apache-2.0
#include "core/matching/combination.hpp"

#include <cmath>

namespace mapctl::matching {

// Fitted by tests/bench/matching/fit.cpp: logistic regression with weights of 0 or above over
// fourteen public suites of labelled schema pairs (Valentine, COMA's purchase orders, the schematch
// collection, mappings to OMOP, staging and unified models of SaaS systems), each suite weighted by
// the square root of its size, columns in random order. The fit leaves one family of suites out at
// a time to tell how the weights do on what they have not seen.
const Weights own_weights{{
                              0.000F,  // exact_name
                              1.126F,  // exact_table_name
                              0.000F,  // trigrams
                              0.000F,  // skeleton
                              0.000F,  // edit
                              0.913F,  // best_spelling
                              0.000F,  // tokens
                              0.000F,  // tokens_meant
                              0.000F,  // tokens_contained
                              0.481F,  // head
                              1.093F,  // abbreviation
                              2.204F,  // contraction
                              1.108F,  // synonym
                              0.000F,  // numbers
                              0.000F,  // qualified
                              0.000F,  // qualified_contained
                              1.928F,  // table_name
                              0.000F,  // document
                              0.538F,  // comment
                              0.000F,  // comment_names
                              0.487F,  // type
                              0.400F,  // key
                              0.000F,  // value_overlap
                              0.494F,  // value_grams
                              0.070F,  // value_patterns
                              0.040F,  // distribution
                              1.975F,  // shape
                              0.730F,  // trigrams_lead
                              2.166F,  // skeleton_lead
                              0.000F,  // words_lead
                              7.014F,  // qualified_lead
                              1.217F,  // document_lead
                              1.399F,  // overlap_lead
                              1.892F,  // value_grams_lead
                          },
                          -3.329F};

// The first part is own_weights times one factor, so that a pair's own evidence keeps its
// proportions; the rest is its standing among the other pairs.
const Weights full_weights{{
                               0.000F,  // exact_name
                               0.241F,  // exact_table_name
                               0.000F,  // trigrams
                               0.000F,  // skeleton
                               0.000F,  // edit
                               0.195F,  // best_spelling
                               0.000F,  // tokens
                               0.000F,  // tokens_meant
                               0.000F,  // tokens_contained
                               0.103F,  // head
                               0.234F,  // abbreviation
                               0.472F,  // contraction
                               0.237F,  // synonym
                               0.000F,  // numbers
                               0.000F,  // qualified
                               0.000F,  // qualified_contained
                               0.413F,  // table_name
                               0.000F,  // document
                               0.115F,  // comment
                               0.000F,  // comment_names
                               0.104F,  // type
                               0.086F,  // key
                               0.000F,  // value_overlap
                               0.106F,  // value_grams
                               0.015F,  // value_patterns
                               0.008F,  // distribution
                               0.422F,  // shape
                               0.156F,  // trigrams_lead
                               0.463F,  // skeleton_lead
                               0.000F,  // words_lead
                               1.501F,  // qualified_lead
                               0.260F,  // document_lead
                               0.299F,  // overlap_lead
                               0.405F,  // value_grams_lead
                               1.785F,  // row_rank
                               0.000F,  // row_share
                               1.208F,  // row_lead
                               1.871F,  // column_rank
                               0.132F,  // column_share
                               1.434F,  // column_lead
                               0.000F,  // mutual_best
                               1.086F,  // table_pair
                           },
                           -5.370F};

float log_odds(const Features& features, const Weights& weights, std::size_t count) noexcept {
  float sum = weights.constant;
  for (std::size_t at = 0; at < count; ++at) {
    sum += features[at] * weights.of[at];
  }
  return sum;
}

float probability(float log_odds) noexcept {
  return 1.0F / (1.0F + std::exp(-log_odds));
}

}  // namespace mapctl::matching
