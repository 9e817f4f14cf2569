// SPDX-License-Identifier: Apache-2.0
#include "core/matching/signals/value_signals.hpp"

#include "core/matching/values/column_vocabularies.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace mapctl::matching {
namespace {

// Values in common that may be so by chance.
constexpr float few_in_common = 0.1F;

}  // namespace

void compare_values(const ColumnFeatures& left_column, const ValueFeatures& left,
                    const ColumnFeatures& right_column, const ValueFeatures& right, float overlap,
                    Features& features) noexcept {
  const auto vocabularies = left.vocabularies & right.vocabularies;
  const bool specific = (vocabularies & specific_vocabularies()) != 0;
  const float letters = value_gram_similarity(left, right);
  const float forms = pattern_similarity(left, right);
  at(features, Feature::value_overlap) = specific ? std::max(overlap, one_vocabulary) : overlap;
  at(features, Feature::value_grams) = letters;
  at(features, Feature::value_patterns) = forms;
  at(features, Feature::shape) = shape_similarity(left, right);
  if (vocabularies == 0 && at(features, Feature::exact_name) <= 0) {
    const bool apart = overlap <= 0 && at(features, Feature::exact_table_name) <= 0;
    const float unlike = overlap < few_in_common ? values_unlike(letters, forms) : 0.0F;
    const float conflict = apart ? value_conflict(left_column, left, right_column, right) : 0.0F;
    at(features, Feature::value_conflict) = -(unlike + conflict);
  }
  if (left_column.measurable && right_column.measurable) {
    at(features, Feature::distribution) =
        distribution_similarity(*left_column.column->statistics, *right_column.column->statistics);
  }
}

float overlap_strength(const catalog::Overlap& overlap) noexcept {
  const double contained = std::max(overlap.left_in_right, overlap.right_in_left);
  const double value = 0.5 * overlap.jaccard + 0.5 * contained;
  return static_cast<float>(std::clamp(value, 0.0, 1.0));
}

float value_gram_similarity(const ValueFeatures& left, const ValueFeatures& right) noexcept {
  if (!left.has_grams || !right.has_grams) {
    return 0;
  }
  float sum = 0;
  for (std::size_t at = 0; at < value_bins; ++at) {
    sum += left.grams[at] * right.grams[at];
  }
  return std::min(sum, 1.0F) - 0.5F;
}

float value_conflict(const ColumnFeatures& left_column, const ValueFeatures& left,
                     const ColumnFeatures& right_column, const ValueFeatures& right) noexcept {
  const bool one_kind =
      left_column.kind == right_column.kind && left_column.kind != ValueKind::unknown;
  const bool flags = left_column.kind == ValueKind::flag || right_column.kind == ValueKind::flag;
  if (one_kind || flags || !left.has_sketch || !right.has_sketch) {
    return 0;
  }
  // "F" and "Female" may mean the same.
  const auto is_code = [](const ValueFeatures& values) {
    constexpr float longest = 2;  // as log2 of one more than the letters: three
    return values.shape[0] <= longest;
  };
  if (is_code(left) != is_code(right)) {
    return 0;
  }
  const float unlike = std::clamp(-2 * value_gram_similarity(left, right), 0.0F, 1.0F);
  return unlike * std::max(left.repeated, right.repeated);
}

float values_unlike(float letters, float forms) noexcept {
  constexpr float other_letters = -0.1F;
  constexpr float other_forms = -0.4F;
  return letters <= other_letters && forms <= other_forms ? 0.67F : 0.0F;
}

float pattern_similarity(const ValueFeatures& left, const ValueFeatures& right) noexcept {
  float shared = 0;
  float all = 0;
  for (std::size_t at = 0; at < left.patterns.size(); ++at) {
    shared += std::min(left.patterns[at], right.patterns[at]);
    all += std::max(left.patterns[at], right.patterns[at]);
  }
  return all > 0 ? shared / all - 0.5F : 0.0F;
}

float shape_similarity(const ValueFeatures& left, const ValueFeatures& right) noexcept {
  const float length = 1.0F / (1.0F + std::fabs(left.shape[0] - right.shape[0]));
  const float distinct = 1.0F - std::fabs(left.shape[1] - right.shape[1]);
  const float nulls = 1.0F - std::fabs(left.shape[2] - right.shape[2]);
  return 0.5F * length + 0.3F * distinct + 0.2F * nulls - 0.5F;
}

float distribution_similarity(const catalog::ColumnStatistics& left,
                              const catalog::ColumnStatistics& right) noexcept {
  // The connectors' quantiles; what is not seven of them is not compared.
  static constexpr std::array<double, 7> steps{0, 0.1, 0.25, 0.5, 0.75, 0.9, 1};
  const auto& a = left.quantiles;
  const auto& b = right.quantiles;
  if (a.size() != steps.size() || b.size() != steps.size()) {
    return 0;
  }
  const auto below = [](const std::vector<double>& quantiles, double value) {
    if (value < quantiles.front()) {
      return 0.0;
    }
    if (value >= quantiles.back()) {
      return 1.0;
    }
    std::size_t at = 0;
    while (quantiles[at + 1] <= value) {
      ++at;
    }
    const double part = (value - quantiles[at]) / (quantiles[at + 1] - quantiles[at]);
    return steps[at] + part * (steps[at + 1] - steps[at]);
  };
  double distance = 0;
  for (const auto* points : {&a, &b}) {
    for (const double value : *points) {
      distance = std::max(distance, std::fabs(below(a, value) - below(b, value)));
    }
  }
  return static_cast<float>(0.5 - distance);
}

}  // namespace mapctl::matching
