// SPDX-License-Identifier: Apache-2.0
#include "core/matching/sparse_index.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <cstdint>
#include <utility>

namespace mapctl::matching {
namespace {

constexpr std::uint32_t bigram_mark = 1U << 24U;
// A pair of letters says less than three of them.
constexpr float bigram_weight = 0.6F;

constexpr std::size_t most_kept_rarities = 64;

constexpr std::size_t fewest_for_counting = 64;

// An occurrence as a number: ascending by key, column, weight in steps.
class Packed {
 public:
  Packed() noexcept = default;
  explicit Packed(const SparseIndex::Occurrence& item) noexcept
      : bits_{(std::uint64_t{item.key} << 32U) | (std::uint64_t{item.column} << weight_bits) |
              static_cast<std::uint32_t>(
                  static_cast<std::int32_t>(item.weight * weight_steps + 0.5F))} {}

  std::uint32_t key() const noexcept { return static_cast<std::uint32_t>(bits_ >> 32U); }
  std::uint32_t column() const noexcept { return static_cast<std::uint32_t>(bits_) >> weight_bits; }
  float weight() const noexcept {
    return static_cast<float>(static_cast<std::int32_t>(bits_ & ((1U << weight_bits) - 1))) /
           weight_steps;
  }
  bool same_place(const Packed& other) const noexcept {
    return (bits_ ^ other.bits_) >> weight_bits == 0;
  }
  auto operator<=>(const Packed&) const = default;

 private:
  static constexpr unsigned weight_bits = 10;
  static constexpr float weight_steps = 1000;

  std::uint64_t bits_ = 0;
};

using Occurrences = std::vector<Packed>;

// Stable sort by the `digits` lowest groups of `bits` bits of the key.
template <unsigned digits, unsigned bits>
void count_sort(Occurrences& items) {
  constexpr std::size_t values = std::size_t{1} << bits;
  const auto digit_of = [](const Packed& item, unsigned digit) {
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
  Occurrences occurrences(found.size());
  std::transform(found.begin(), found.end(), occurrences.begin(),
                 [](const Occurrence& item) { return Packed{item}; });
  sort_by_key(occurrences);
  std::size_t kept = 0;
  for (const auto& item : occurrences) {
    if (kept > 0 && occurrences[kept - 1].same_place(item)) {
      occurrences[kept - 1] = std::max(occurrences[kept - 1], item);
    } else {
      occurrences[kept++] = item;
    }
  }

  std::vector<float> length(columns, 0);
  index.by_key_.resize(kept);
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
  index.keys_.reserve(kept);
  index.key_begin_.reserve(kept + 1);
  for (std::size_t at = 0; at < kept;) {
    const std::uint32_t key = occurrences[at].key();
    std::size_t end = at + 1;
    while (end < kept && occurrences[end].key() == key) {
      ++end;
    }
    const float rarity = rarity_of(end - at);
    index.keys_.push_back(key);
    for (; at < end; ++at) {
      const auto column = occurrences[at].column();
      const float weight = occurrences[at].weight() * rarity;
      index.by_key_[at] = {column, weight};
      length[column] += weight * weight;
      ++index.column_begin_[column + 1];
    }
    index.key_begin_.push_back(static_cast<std::uint32_t>(end));
  }
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
