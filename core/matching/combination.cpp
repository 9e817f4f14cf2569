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
                              1.109F,  // exact_table_name
                              0.000F,  // trigrams
                              0.000F,  // skeleton
                              0.000F,  // edit
                              0.918F,  // best_spelling
                              0.000F,  // tokens
                              0.000F,  // tokens_meant
                              0.000F,  // tokens_contained
                              0.483F,  // head
                              1.085F,  // abbreviation
                              2.206F,  // contraction
                              1.081F,  // synonym
                              0.006F,  // numbers
                              0.000F,  // qualified
                              0.000F,  // qualified_contained
                              1.941F,  // table_name
                              0.000F,  // document
                              0.536F,  // comment
                              0.000F,  // comment_names
                              0.482F,  // type
                              0.400F,  // key
                              0.000F,  // value_overlap
                              0.485F,  // value_grams
                              0.076F,  // value_patterns
                              0.036F,  // distribution
                              1.983F,  // shape
                              0.723F,  // trigrams_lead
                              2.179F,  // skeleton_lead
                              0.000F,  // words_lead
                              6.977F,  // qualified_lead
                              1.228F,  // document_lead
                              1.406F,  // overlap_lead
                              1.882F,  // value_grams_lead
                          },
                          -3.337F};

// The first part is own_weights times one factor, so that a pair's own evidence keeps its
// proportions; the rest is its standing among the other pairs.
const Weights full_weights{{
                               0.000F,  // exact_name
                               0.236F,  // exact_table_name
                               0.000F,  // trigrams
                               0.000F,  // skeleton
                               0.000F,  // edit
                               0.196F,  // best_spelling
                               0.000F,  // tokens
                               0.000F,  // tokens_meant
                               0.000F,  // tokens_contained
                               0.103F,  // head
                               0.231F,  // abbreviation
                               0.470F,  // contraction
                               0.230F,  // synonym
                               0.001F,  // numbers
                               0.000F,  // qualified
                               0.000F,  // qualified_contained
                               0.413F,  // table_name
                               0.000F,  // document
                               0.114F,  // comment
                               0.000F,  // comment_names
                               0.103F,  // type
                               0.085F,  // key
                               0.000F,  // value_overlap
                               0.103F,  // value_grams
                               0.016F,  // value_patterns
                               0.008F,  // distribution
                               0.422F,  // shape
                               0.154F,  // trigrams_lead
                               0.464F,  // skeleton_lead
                               0.000F,  // words_lead
                               1.486F,  // qualified_lead
                               0.261F,  // document_lead
                               0.299F,  // overlap_lead
                               0.401F,  // value_grams_lead
                               1.773F,  // row_rank
                               0.000F,  // row_share
                               1.225F,  // row_lead
                               1.865F,  // column_rank
                               0.128F,  // column_share
                               1.440F,  // column_lead
                               0.000F,  // mutual_best
                               1.089F,  // table_pair
                           },
                           -5.361F};

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
