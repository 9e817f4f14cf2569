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
                              0.240F,  // exact_name
                              1.091F,  // exact_table_name
                              0.000F,  // trigrams
                              0.000F,  // skeleton
                              0.000F,  // edit
                              0.646F,  // best_spelling
                              0.000F,  // tokens
                              0.000F,  // tokens_meant
                              0.000F,  // tokens_contained
                              0.040F,  // head
                              1.175F,  // abbreviation
                              2.277F,  // contraction
                              1.128F,  // synonym
                              0.180F,  // numbers
                              0.000F,  // qualified
                              0.000F,  // qualified_contained
                              1.968F,  // table_name
                              0.505F,  // role
                              0.000F,  // document
                              0.373F,  // comment
                              0.180F,  // comment_names
                              0.452F,  // type
                              0.120F,  // key
                              0.540F,  // value_kind
                              0.450F,  // value_overlap
                              0.049F,  // value_grams
                              0.240F,  // value_patterns
                              0.120F,  // distribution
                              1.887F,  // shape
                              0.592F,  // trigrams_lead
                              2.265F,  // skeleton_lead
                              0.000F,  // words_lead
                              7.057F,  // qualified_lead
                              1.261F,  // document_lead
                              1.242F,  // overlap_lead
                              1.862F,  // value_grams_lead
                          },
                          -3.211F};

// The first part is own_weights times one factor, so that a pair's own evidence keeps its
// proportions; role, kind of values and type count once more, for what they rule out stays ruled
// out where no better candidate is in sight. The rest is the pair's standing among the others.
const Weights full_weights{{
                               0.013F,  // exact_name
                               0.060F,  // exact_table_name
                               0.000F,  // trigrams
                               0.000F,  // skeleton
                               0.000F,  // edit
                               0.035F,  // best_spelling
                               0.000F,  // tokens
                               0.000F,  // tokens_meant
                               0.000F,  // tokens_contained
                               0.002F,  // head
                               0.064F,  // abbreviation
                               0.125F,  // contraction
                               0.062F,  // synonym
                               0.010F,  // numbers
                               0.000F,  // qualified
                               0.000F,  // qualified_contained
                               0.108F,  // table_name
                               0.735F,  // role
                               0.000F,  // document
                               0.020F,  // comment
                               0.010F,  // comment_names
                               0.049F,  // type
                               0.007F,  // key
                               0.444F,  // value_kind
                               0.025F,  // value_overlap
                               0.003F,  // value_grams
                               0.013F,  // value_patterns
                               0.007F,  // distribution
                               0.103F,  // shape
                               0.032F,  // trigrams_lead
                               0.124F,  // skeleton_lead
                               0.000F,  // words_lead
                               0.387F,  // qualified_lead
                               0.069F,  // document_lead
                               0.068F,  // overlap_lead
                               0.102F,  // value_grams_lead
                               1.189F,  // row_rank
                               0.000F,  // row_share
                               1.102F,  // row_lead
                               0.240F,  // column_rank
                               0.000F,  // column_share
                               1.351F,  // column_lead
                               0.225F,  // mutual_best
                               0.758F,  // row_claim
                               0.096F,  // column_claim
                               0.000F,  // settled
                               0.473F,  // table_row_rank
                               2.071F,  // table_column_rank
                               1.668F,  // table_pair
                               0.755F,  // table_pair_back
                           },
                           -6.904F};

float log_odds(const Features& features, const Weights& weights, std::size_t count) noexcept {
  float sum = weights.constant;
  for (std::size_t at = 0; at < count; ++at) {
    sum += features[at] * weights.of[at];
  }
  return sum;
}

std::array<float, summed_together> log_odds(
    const std::array<const Features*, summed_together>& features, const Weights& weights,
    std::size_t count) noexcept {
  std::array<float, summed_together> sums{};
  sums.fill(weights.constant);
  for (std::size_t at = 0; at < count; ++at) {
    const float weight = weights.of[at];
#pragma GCC unroll 4
    for (std::size_t one = 0; one < summed_together; ++one) {
      sums[one] += (*features[one])[at] * weight;
    }
  }
  return sums;
}

float probability(float log_odds) noexcept {
  return 1.0F / (1.0F + std::exp(-log_odds));
}

}  // namespace mapctl::matching
