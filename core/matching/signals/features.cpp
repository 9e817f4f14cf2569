// SPDX-License-Identifier: Apache-2.0
#include "core/matching/signals/features.hpp"

#include <algorithm>
#include <initializer_list>

namespace mapctl::matching {
namespace {

constexpr std::array<std::string_view, signal_count> signal_names{
    "exact_name",    "name_tokens", "name_trigrams",  "vowel_free", "edit_distance",
    "abbreviation",  "synonym",     "contrast",       "numbering",  "qualified_name",
    "name_role",     "convention",  "description",    "type",       "key",
    "value_overlap", "value_kind",  "value_patterns", "statistics", "table_context",
    "domain",        "competition"};

struct FeatureFacts {
  std::string_view name{};
  Signal signal{};
};
constexpr std::array<FeatureFacts, feature_count> feature_facts{{
    {"exact_name", Signal::exact_name},
    {"exact_table_name", Signal::exact_name},
    {"trigrams", Signal::name_trigrams},
    {"skeleton", Signal::vowel_free},
    {"edit", Signal::edit_distance},
    {"best_spelling", Signal::name_trigrams},
    {"tokens", Signal::name_tokens},
    {"tokens_meant", Signal::name_tokens},
    {"tokens_contained", Signal::name_tokens},
    {"head", Signal::name_tokens},
    {"abbreviation", Signal::abbreviation},
    {"contraction", Signal::abbreviation},
    {"synonym", Signal::synonym},
    {"contrast", Signal::contrast},
    {"numbers", Signal::numbering},
    {"qualified", Signal::qualified_name},
    {"qualified_contained", Signal::qualified_name},
    {"table_name", Signal::table_context},
    {"role", Signal::name_role},
    {"subject", Signal::name_role},
    {"whole_part", Signal::name_role},
    {"convention", Signal::convention},
    {"document", Signal::qualified_name},
    {"comment", Signal::description},
    {"comment_names", Signal::description},
    {"type", Signal::type},
    {"key", Signal::key},
    {"value_kind", Signal::value_kind},
    {"value_meaning", Signal::value_kind},
    {"value_overlap", Signal::value_overlap},
    {"value_grams", Signal::value_patterns},
    {"value_patterns", Signal::value_patterns},
    {"distribution", Signal::statistics},
    {"shape", Signal::statistics},
    {"value_conflict", Signal::value_overlap},
    {"trigrams_lead", Signal::name_trigrams},
    {"skeleton_lead", Signal::vowel_free},
    {"qualified_lead", Signal::qualified_name},
    {"document_lead", Signal::qualified_name},
    {"overlap_lead", Signal::value_overlap},
    {"value_grams_lead", Signal::value_patterns},
    {"row_lead", Signal::competition},
    {"column_lead", Signal::competition},
    {"mutual_best", Signal::competition},
    {"row_claim", Signal::competition},
    {"settled", Signal::competition},
    {"table_row_rank", Signal::competition},
    {"table_column_rank", Signal::competition},
    {"table_pair", Signal::table_context},
    {"table_pair_back", Signal::table_context},
}};

}  // namespace

std::string_view to_string(Signal signal) noexcept {
  return signal_names[static_cast<std::size_t>(signal)];
}

Signal signal_of(Feature feature) noexcept {
  return feature_facts[static_cast<std::size_t>(feature)].signal;
}

std::string_view to_string(Feature feature) noexcept {
  return feature_facts[static_cast<std::size_t>(feature)].name;
}

std::optional<Feature> feature_from(std::string_view name) noexcept {
  const auto found = std::find_if(feature_facts.begin(), feature_facts.end(),
                                  [&](const FeatureFacts& facts) { return facts.name == name; });
  if (found == feature_facts.end()) {
    return std::nullopt;
  }
  return static_cast<Feature>(found - feature_facts.begin());
}

FeatureSet absent_features(const Side& source, const Side& target) noexcept {
  FeatureSet absent;
  const auto leave_out = [&](std::initializer_list<Feature> features) {
    for (const Feature feature : features) {
      absent.set(static_cast<std::size_t>(feature));
    }
  };
  if (source.values.empty() || target.values.empty()) {
    leave_out({Feature::value_overlap, Feature::value_grams, Feature::value_patterns,
               Feature::distribution, Feature::shape, Feature::value_conflict,
               Feature::overlap_lead, Feature::value_grams_lead});
  }
  if (!source.has_silent_names && !target.has_silent_names) {
    leave_out({Feature::value_meaning});
  }
  if (source.comment_words.empty() || target.comment_words.empty()) {
    leave_out({Feature::comment});
  }
  if (source.comment_words.empty() && target.comment_words.empty()) {
    leave_out({Feature::comment_names});
  }
  return absent;
}

}  // namespace mapctl::matching
