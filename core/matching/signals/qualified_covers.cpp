// SPDX-License-Identifier: Apache-2.0
#include "core/matching/signals/qualified_covers.hpp"

#include <algorithm>
#include <cstddef>

namespace mapctl::matching {
namespace {

constexpr float table_name_weight = 0.5F;  // beside a word of the column's name

}  // namespace

void take_greater(std::span<std::uint8_t> best, const std::uint8_t* others) noexcept {
  // Bytes may be part of anything: only locals let the compiler take many at once.
  std::uint8_t* const values = best.data();
  const std::size_t count = best.size();
  for (std::size_t at = 0; at < count; ++at) {
    values[at] = std::max(values[at], others[at]);
  }
}

QualifiedCovers::QualifiedCovers(const Side& source, const Side& target,
                                 const TermSimilarities& similarities)
    : source_{source},
      target_{target},
      similarities_{similarities},
      to_right_table_(target.tables.size() * source.terms.size(), 0),
      to_left_table_(source.tables.size() * target.terms.size(), 0),
      left_table_sums_(source.tables.size() * target.columns.size(), -1.0F),
      right_table_sums_(target.tables.size() * source.columns.size(), -1.0F) {
  for (std::size_t table = 0; table < target.tables.size(); ++table) {
    auto* const best = to_right_table_.data() + table * source.terms.size();
    for (std::uint32_t term = 0; term < source.terms.size(); ++term) {
      const auto* const row = similarities.meant(term);
      for (const auto word : target.list(target.tables[table].name)) {
        best[term] = std::max(best[term], row[word]);
      }
    }
  }
  for (std::size_t table = 0; table < source.tables.size(); ++table) {
    const std::span<std::uint8_t> best{to_left_table_.data() + table * target.terms.size(),
                                       target.terms.size()};
    for (const auto word : source.list(source.tables[table].name)) {
      take_greater(best, similarities.meant(word));
    }
  }
}

float QualifiedCovers::words_of_left_table(const Name& left, const Name& right) const {
  const auto* const of_table = to_right_table_.data() + right.table * source_.terms.size();
  float sum = 0;
  for (const auto term : source_.list(source_.tables[left.table].name)) {
    const auto* const row = similarities_.meant(term);
    std::uint8_t best = of_table[term];
    for (const auto word : target_.list(right.words)) {
      best = std::max(best, row[word]);
    }
    sum += source_.terms[term].weight * (static_cast<float>(best) / 255.0F);
  }
  return sum;
}

float QualifiedCovers::words_of_right_table(const Name& left, const Name& right) const {
  const auto* const of_table = to_left_table_.data() + left.table * target_.terms.size();
  float sum = 0;
  for (const auto term : target_.list(target_.tables[right.table].name)) {
    std::uint8_t best = of_table[term];
    for (const auto word : source_.list(left.words)) {
      best = std::max(best, similarities_.meant(word)[term]);
    }
    sum += target_.terms[term].weight * static_cast<float>(best) / 255.0F;
  }
  return sum;
}

QualifiedCover QualifiedCovers::cover(const Name& left, const Name& right,
                                      const TableSums& of_tables,
                                      std::span<const std::uint8_t> best_of_left) const {
  const auto words = target_.list(right.words);
  const auto* const to_right = to_right_table_.data() + right.table * source_.terms.size();
  const auto* const to_left = to_left_table_.data() + left.table * target_.terms.size();
  float of_left = 0;
  for (const auto term : source_.list(left.words)) {
    const auto* const row = similarities_.meant(term);
    std::uint8_t best = to_right[term];
    for (const auto word : words) {
      best = std::max(best, row[word]);
    }
    of_left += source_.terms[term].weight * (static_cast<float>(best) / 255.0F);
  }
  float of_right = 0;
  for (const auto word : words) {
    const auto best = std::max(to_left[word], best_of_left[word]);
    of_right += target_.terms[word].weight * static_cast<float>(best) / 255.0F;
  }
  const float left_weight =
      left.words.weight + table_name_weight * source_.tables[left.table].name.weight;
  const float right_weight =
      right.words.weight + table_name_weight * target_.tables[right.table].name.weight;
  return {{(of_left + table_name_weight * of_tables.left) / left_weight,
           (of_right + table_name_weight * of_tables.right) / right_weight},
          std::min(of_left / left.words.weight, of_right / right.words.weight)};
}

QualifiedCover QualifiedCovers::operator()(const ColumnFeatures& left, const ColumnFeatures& right,
                                           std::span<const std::uint8_t> best_of_left) {
  if (left.expanded.weight <= 0 || right.expanded.weight <= 0) {
    return {};
  }
  const Name from{left.expanded, left.table};
  const Name to{right.expanded, right.table};
  const auto left_number = static_cast<std::size_t>(&left - source_.columns.data());
  const auto right_number = static_cast<std::size_t>(&right - target_.columns.data());
  float& of_left = left_table_sums_[left.table * target_.columns.size() + right_number];
  float& of_right = right_table_sums_[right.table * source_.columns.size() + left_number];
  if (of_left < 0) {
    of_left = words_of_left_table(from, to);
  }
  if (of_right < 0) {
    of_right = words_of_right_table(from, to);
  }
  return cover(from, to, {of_left, of_right}, best_of_left);
}

QualifiedCover QualifiedCovers::of_phrases(const ColumnFeatures& left, const ColumnFeatures& right,
                                           std::span<const std::uint8_t> best_of_left) const {
  const Name from{left.phrases.count > 0 ? left.phrases : left.expanded, left.table};
  const Name to{right.phrases.count > 0 ? right.phrases : right.expanded, right.table};
  if (from.words.weight <= 0 || to.words.weight <= 0) {
    return {};
  }
  return cover(from, to, {words_of_left_table(from, to), words_of_right_table(from, to)},
               best_of_left);
}

bool QualifiedCovers::are_same_phrase(const ColumnFeatures& left,
                                      const ColumnFeatures& right) const noexcept {
  return left.phrases.count == 1 && right.phrases.count == 1 &&
         left.expanded.count != right.expanded.count &&
         source_.terms[source_.list(left.phrases).front()].word ==
             target_.terms[target_.list(right.phrases).front()].word;
}

}  // namespace mapctl::matching
