// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/hints.hpp"

#include "core/matching/columns/conventions.hpp"
#include "core/matching/columns/mentions.hpp"
#include "core/matching/columns/subjects.hpp"
#include "core/matching/columns/value_meanings.hpp"

#include <cstddef>

namespace mapctl::matching {
namespace {

constexpr float convention_share = 0.35F;
constexpr float subject_share = 0.5F;
constexpr float meaning_share = 0.5F;
constexpr float mention_share = 0.5F;

}  // namespace

void add_hints(const Side& source, std::uint32_t column, const Side& target,
               std::span<const float> tables, std::span<float> rough) {
  const auto& left = source.columns[column];
  if (left.convention != 0) {
    for (std::size_t t = 0; t < rough.size(); ++t) {
      if (target.columns[t].convention == left.convention) {
        rough[t] +=
            convention_share * convention_agreement(source, left, target, target.columns[t]);
      }
    }
  }
  if (source.tables[left.table].subject == column) {
    for (std::size_t table = 0; table < target.tables.size(); ++table) {
      const auto subject = target.tables[table].subject;
      if (subject < rough.size()) {
        rough[subject] += subject_share * subject_agreement(source, left, target,
                                                            target.columns[subject], tables[table]);
      }
    }
  }
  if (left.values_mean != ValueMeaning::none || target.has_silent_names) {
    for (std::size_t t = 0; t < rough.size(); ++t) {
      rough[t] += meaning_share * value_meaning_agreement(source, left, target, target.columns[t]);
    }
  }
  if (left.spoken.count > 0 || !target.spoken_words.empty()) {
    for (std::size_t t = 0; t < rough.size(); ++t) {
      rough[t] += is_mentioned(source, left, target, target.columns[t]) ? mention_share : 0.0F;
    }
  }
}

}  // namespace mapctl::matching
