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
                              0.335F,  // exact_name
                              0.998F,  // exact_table_name
                              0.000F,  // trigrams
                              0.000F,  // skeleton
                              0.000F,  // edit
                              0.733F,  // best_spelling
                              0.000F,  // tokens
                              0.000F,  // tokens_meant
                              0.000F,  // tokens_contained
                              0.143F,  // head
                              0.639F,  // abbreviation
                              1.932F,  // contraction
                              0.838F,  // synonym
                              0.180F,  // numbers
                              0.000F,  // qualified
                              0.000F,  // qualified_contained
                              2.288F,  // table_name
                              0.615F,  // role
                              2.500F,  // convention
                              0.000F,  // document
                              0.300F,  // comment
                              0.180F,  // comment_names
                              0.395F,  // type
                              0.183F,  // key
                              0.868F,  // value_kind
                              1.313F,  // value_overlap
                              1.154F,  // value_grams
                              0.240F,  // value_patterns
                              0.302F,  // distribution
                              2.445F,  // shape
                              1.027F,  // trigrams_lead
                              2.066F,  // skeleton_lead
                              0.000F,  // words_lead
                              5.820F,  // qualified_lead
                              1.963F,  // document_lead
                              1.697F,  // overlap_lead
                              0.905F,  // value_grams_lead
                          },
                          -3.603F};

// The first part is own_weights times one factor, so that a pair's own evidence keeps its
// proportions; role, kind of values and type count once more, for what they rule out stays ruled
// out where no better candidate is in sight. The rest is the pair's standing among the others.
const Weights full_weights{{
                               0.026F,  // exact_name
                               0.077F,  // exact_table_name
                               0.000F,  // trigrams
                               0.000F,  // skeleton
                               0.000F,  // edit
                               0.057F,  // best_spelling
                               0.000F,  // tokens
                               0.000F,  // tokens_meant
                               0.000F,  // tokens_contained
                               0.011F,  // head
                               0.050F,  // abbreviation
                               0.150F,  // contraction
                               0.065F,  // synonym
                               0.014F,  // numbers
                               0.000F,  // qualified
                               0.000F,  // qualified_contained
                               0.177F,  // table_name
                               0.896F,  // role
                               1.693F,  // convention
                               0.000F,  // document
                               0.023F,  // comment
                               0.014F,  // comment_names
                               0.200F,  // type
                               0.014F,  // key
                               0.575F,  // value_kind
                               0.102F,  // value_overlap
                               0.089F,  // value_grams
                               0.019F,  // value_patterns
                               0.023F,  // distribution
                               0.190F,  // shape
                               0.080F,  // trigrams_lead
                               0.160F,  // skeleton_lead
                               0.000F,  // words_lead
                               0.451F,  // qualified_lead
                               0.152F,  // document_lead
                               0.132F,  // overlap_lead
                               0.070F,  // value_grams_lead
                               1.058F,  // row_rank
                               0.000F,  // row_share
                               1.247F,  // row_lead
                               0.037F,  // column_rank
                               0.000F,  // column_share
                               1.100F,  // column_lead
                               0.471F,  // mutual_best
                               0.641F,  // row_claim
                               0.000F,  // column_claim
                               1.690F,  // settled
                               0.324F,  // table_row_rank
                               1.856F,  // table_column_rank
                               1.642F,  // table_pair
                               0.683F,  // table_pair_back
                           },
                           -6.731F};

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
