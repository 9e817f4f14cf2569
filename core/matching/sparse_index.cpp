// SPDX-License-Identifier: Apache-2.0
#include "core/matching/sparse_index.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

namespace mapctl::matching {
namespace {

constexpr std::uint32_t bigram_mark = 1U << 24U;
// A pair of letters says less than three of them.
constexpr float bigram_weight = 0.6F;

constexpr std::size_t most_kept_rarities = 64;

constexpr std::size_t fewest_for_counting = 64;

using Occurrences = std::vector<SparseIndex::Occurrence>;

// Stable sort by the `digits` lowest groups of `bits` bits of the key.
template <unsigned digits, unsigned bits>
void count_sort(Occurrences& items) {
  constexpr std::size_t values = std::size_t{1} << bits;
  const auto digit_of = [](const SparseIndex::Occurrence& item, unsigned digit) {
    return (item.key() >> (bits * digit)) % values;
  };
  std::array<std::array<std::uint32_t, values>, digits> counts{};
  for (const auto& item : items) {
#pragma GCC unroll 4
    for (unsigned digit = 0; digit < digits; ++digit) {
      ++counts[digit][digit_of(item, digit)];
    }
  }
  Occurrences other(items.size());
#pragma GCC unroll 4
  for (unsigned digit = 0; digit < digits; ++digit) {
    auto& place = counts[digit];
    if (place[digit_of(items.front(), digit)] == items.size()) {
      continue;
    }
    std::uint32_t sum = 0;
    for (auto& count : place) {
      sum += std::exchange(count, sum);
    }
    for (const auto& item : items) {
      other[place[digit_of(item, digit)]++] = item;
    }
    items.swap(other);
  }
}

// Ascending by key, and within a key by column. Occurrences come column by column, so that a stable
// sort by the key does it.
void sort_by_key(Occurrences& items) {
  std::uint32_t any = 0;
  std::uint32_t before = 0;
  bool by_column = true;
  for (const auto& item : items) {
    any |= item.key();
    by_column &= before <= item.column();
    before = item.column();
  }
  constexpr unsigned gram_key_bits = 27;  // three letters and the mark fit
  if (!by_column || items.size() < fewest_for_counting) {
    std::sort(items.begin(), items.end());
  } else if (any >> gram_key_bits == 0) {
    count_sort<3, gram_key_bits / 3>(items);
  } else {
    count_sort<4, 8>(items);
  }
}

}  // namespace

SparseIndex SparseIndex::build(std::vector<Occurrence> found, std::size_t columns) {
  SparseIndex index;
  index.column_begin_.assign(columns + 1, 0);
  index.key_begin_.push_back(0);
  if (found.empty()) {
    return index;
  }
  sort_by_key(found);
  std::vector<float> rarities(std::min<std::size_t>(columns, most_kept_rarities) + 1, -1.0F);
  const auto rarity_of = [&](std::size_t with) {
    if (with < rarities.size() && rarities[with] >= 0) {
      return rarities[with];
    }
    const auto rarity = static_cast<float>(
        std::log(1.0 + static_cast<double>(columns) / static_cast<double>(with)));
    if (with < rarities.size()) {
      rarities[with] = rarity;
    }
    return rarity;
  };
  std::vector<float> length(columns, 0);
  auto& entries = index.by_key_;
  entries.resize(found.size());
  index.keys_.reserve(found.size());
  index.key_begin_.reserve(found.size() + 1);
  std::size_t kept = 0;
  for (auto item = found.begin(); item != found.end();) {
    const std::uint32_t key = item->key();
    const std::size_t first = kept;
    for (; item != found.end() && item->key() == key; ++item) {
      const std::uint32_t column = item->column();
      if (kept > first && entries[kept - 1].index == column) {
        entries[kept - 1].weight = std::max(entries[kept - 1].weight, item->weight());
      } else {
        entries[kept++] = {column, item->weight()};
      }
    }
    const float rarity = rarity_of(kept - first);
    for (std::size_t at = first; at < kept; ++at) {
      auto& entry = entries[at];
      entry.weight *= rarity;
      length[entry.index] += entry.weight * entry.weight;
      ++index.column_begin_[entry.index + 1];
    }
    index.keys_.push_back(key);
    index.key_begin_.push_back(static_cast<std::uint32_t>(kept));
  }
  entries.resize(kept);
  for (auto& value : length) {
    value = value > 0 ? 1.0F / std::sqrt(value) : 0.0F;
  }
  for (std::size_t column = 0; column < columns; ++column) {
    index.column_begin_[column + 1] += index.column_begin_[column];
  }
  index.by_column_.resize(kept);
  auto place = index.column_begin_;
  std::uint32_t begin = 0;
  for (std::uint32_t key = 0; key < index.keys_.size(); ++key) {
    const std::uint32_t end = index.key_begin_[key + 1];
    for (; begin < end; ++begin) {
      auto& entry = index.by_key_[begin];
      entry.weight *= length[entry.index];
      index.by_column_[place[entry.index]++] = {key, entry.weight};
    }
  }
  return index;
}

SparseAlignment::SparseAlignment(const SparseIndex& source, const SparseIndex& target)
    : source_{source}, target_{target}, target_of_(source.keys().size(), none) {
  const auto left = source.keys();
  const auto right = target.keys();
  for (std::size_t s = 0, t = 0; s < left.size() && t < right.size();) {
    if (left[s] == right[t]) {
      target_of_[s++] = static_cast<std::uint32_t>(t++);
      empty_ = false;
    } else if (left[s] < right[t]) {
      ++s;
    } else {
      ++t;
    }
  }
}

void SparseAlignment::cosines(std::size_t source_column, std::span<float> cosines) const {
  std::fill(cosines.begin(), cosines.end(), 0.0F);
  if (empty_) {
    return;
  }
  for (const auto& [key, weight] : source_.of_column(source_column)) {
    if (target_of_[key] == none) {
      continue;
    }
    for (const auto& [column, other] : target_.of_key(target_of_[key])) {
      cosines[column] += weight * other;
    }
  }
}

void add_grams(std::string_view text, std::uint32_t column,
               std::vector<SparseIndex::Occurrence>& occurrences) {
  if (text.empty()) {
    return;
  }
  std::uint32_t before = '^';
  std::uint32_t last = static_cast<unsigned char>(text[0]);
  occurrences.push_back({bigram_mark | (before << 8U) | last, column, bigram_weight});
  for (std::size_t at = 1; at <= text.size(); ++at) {
    const std::uint32_t next =
        at < text.size() ? static_cast<unsigned char>(text[at]) : std::uint32_t{'$'};
    occurrences.push_back({bigram_mark | (last << 8U) | next, column, bigram_weight});
    occurrences.push_back({(before << 16U) | (last << 8U) | next, column, 1.0F});
    before = last;
    last = next;
  }
}

}  // namespace mapctl::matching
