// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/sparse_index.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>

namespace mapctl::matching {
namespace {

// Of a key of two letters.
constexpr std::uint32_t bigram_mark = 1U << 24U;
// A pair of letters says less than three of them.
constexpr float bigram_weight = 0.6F;
constexpr unsigned letter_bits = 8;

constexpr std::size_t most_kept_rarities = 64;

constexpr std::size_t fewest_for_counting = 64;

using Occurrences = std::span<SparseIndex::Occurrence>;

// Room for a copy. A batch builds thousands of indexes: what is written anyway is not set to 0.
std::unique_ptr<SparseIndex::Occurrence[]> room_for(Occurrences items) {
  return std::make_unique_for_overwrite<SparseIndex::Occurrence[]>(items.size());
}

// Stable sort by `digits` groups of eight bits of the key, the lowest first. `take` gets what is
// sorted by each group and those before it.
template <unsigned digits, class Take>
void count_sort(Occurrences items, Occurrences other, Take&& take) {
  constexpr unsigned bits = 8;
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
#pragma GCC unroll 4
  for (unsigned digit = 0; digit < digits; ++digit) {
    auto& place = counts[digit];
    std::uint32_t sum = 0;
    for (auto& count : place) {
      sum += std::exchange(count, sum);
    }
    for (const auto& item : items) {
      other[place[digit_of(item, digit)]++] = item;
    }
    std::swap(items, other);
    take(digit, items);
  }
}

bool is_by_column(Occurrences items) noexcept {
  return std::is_sorted(items.begin(), items.end(), [](const auto& left, const auto& right) {
    return left.column() < right.column();
  });
}

// What a key is worth that so many of the columns have.
class Rarities {
 public:
  explicit Rarities(std::size_t columns)
      : columns_{static_cast<double>(columns)},
        known_(std::min(columns, most_kept_rarities) + 1, -1.0F) {}
  float of(std::size_t with) {
    if (with >= known_.size()) {
      return computed(with);
    }
    if (known_[with] < 0) {
      known_[with] = computed(with);
    }
    return known_[with];
  }

 private:
  float computed(std::size_t with) const {
    return static_cast<float>(std::log(1.0 + columns_ / static_cast<double>(with)));
  }
  double columns_;
  std::vector<float> known_;
};

}  // namespace

class SparseIndex::Builder {
 public:
  Builder(std::size_t columns, std::size_t most_entries)
      : entries_{std::make_unique_for_overwrite<Entry[]>(most_entries)},
        end_{entries_.get()},
        length_(columns, 0),
        rarities_{columns} {
    keys_.reserve(most_entries + 1);
  }

  // Takes occurrences in the order of their keys, and those of a key in that of their columns.
  template <class KeyOf, class WeightOf>
  void add(Occurrences items, KeyOf key_of, WeightOf weight_of) {
    Entry* end = end_;
    for (auto item = items.begin(); item != items.end();) {
      const std::uint32_t key = key_of(*item);
      Entry* const first = end;
      for (; item != items.end() && key_of(*item) == key; ++item) {
        const std::uint32_t column = item->column();
        if (end != first && end[-1].column == column) {
          end[-1].weight = std::max(end[-1].weight, weight_of(*item));
        } else {
          *end++ = {column, weight_of(*item)};
        }
      }
      const float rarity = rarities_.of(static_cast<std::size_t>(end - first));
      for (Entry* entry = first; entry != end; ++entry) {
        entry->weight *= rarity;
        length_[entry->column] += entry->weight * entry->weight;
      }
      keys_.push_back({key, static_cast<std::uint32_t>(first - entries_.get())});
    }
    end_ = end;
  }

  SparseIndex finish() {
    SparseIndex index;
    index.columns_ = length_.size();
    keys_.push_back({0, static_cast<std::uint32_t>(end_ - entries_.get())});
    for (auto& value : length_) {
      value = value > 0 ? 1.0F / std::sqrt(value) : 0.0F;
    }
    for (Entry* entry = entries_.get(); entry != end_; ++entry) {
      entry->weight *= length_[entry->column];
    }
    index.keys_ = std::move(keys_);
    index.entries_ = std::move(entries_);
    return index;
  }

 private:
  std::unique_ptr<Entry[]> entries_;
  Entry* end_;
  std::vector<Key> keys_;
  std::vector<float> length_;
  Rarities rarities_;
};

SparseIndex SparseIndex::build(std::vector<Occurrence> found, std::size_t columns) {
  Builder builder{columns, found.size()};
  const auto add = [&](Occurrences sorted) {
    builder.add(
        sorted, [](const Occurrence& item) { return item.key(); },
        [](const Occurrence& item) { return item.weight(); });
  };
  if (found.size() < fewest_for_counting || !is_by_column(found)) {
    std::sort(found.begin(), found.end());
    add(found);
  } else {
    const auto other = room_for(found);
    count_sort<4>(found, {other.get(), found.size()}, [&](unsigned digit, Occurrences sorted) {
      if (digit == 3) {
        add(sorted);
      }
    });
  }
  return builder.finish();
}

SparseIndex SparseIndex::build_grams(std::vector<Occurrence> letters, std::size_t columns) {
  Builder builder{columns, 2 * letters.size()};
  const auto other = room_for(letters);
  // Sorted by the last two letters first: those are the pairs.
  Occurrences pairs;
  Occurrences triples;
  count_sort<3>(letters, {other.get(), letters.size()}, [&](unsigned digit, Occurrences sorted) {
    pairs = digit == 1 ? sorted : pairs;
    triples = sorted;
  });
  const auto begin = std::find_if(triples.begin(), triples.end(), [](const Occurrence& item) {
    return item.key() >> 2 * letter_bits != 0;
  });
  builder.add(
      {begin, triples.end()}, [](const Occurrence& item) { return item.key(); },
      [](const Occurrence&) { return 1.0F; });
  builder.add(
      pairs,
      [](const Occurrence& item) {
        return bigram_mark | (item.key() & ((1U << 2 * letter_bits) - 1));
      },
      [](const Occurrence&) { return bigram_weight; });
  return builder.finish();
}

SparseAlignment::SparseAlignment(const SparseIndex& source, const SparseIndex& target)
    : target_{target} {
  const auto left = source.keys();
  const auto right = target.keys();
  std::vector<std::pair<std::uint32_t, std::uint32_t>> both;  // numbers of a key
  both.reserve(std::min(left.size(), right.size()));
  for (std::uint32_t s = 0, t = 0; s < left.size() && t < right.size();) {
    const auto key = left[s].key;
    const auto other = right[t].key;
    if (key == other) {
      both.emplace_back(s, t);
    }
    s += key <= other ? 1 : 0;
    t += other <= key ? 1 : 0;
  }
  if (both.empty()) {
    return;
  }
  begin_.assign(source.columns() + 1, 0);
  for (const auto& [of_source, of_target] : both) {
    for (const auto& entry : source.of_key(of_source)) {
      ++begin_[entry.column + 1];
    }
  }
  std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
  shared_.resize(begin_.back());
  auto place = begin_;
  for (const auto& [of_source, of_target] : both) {
    for (const auto& [column, weight] : source.of_key(of_source)) {
      shared_[place[column]++] = {of_target, weight};
    }
  }
}

void SparseAlignment::cosines(std::size_t source_column, std::span<float> cosines) const {
  std::fill(cosines.begin(), cosines.end(), 0.0F);
  if (empty()) {
    return;
  }
  const std::span shared{shared_.data() + begin_[source_column],
                         shared_.data() + begin_[source_column + 1]};
  for (const auto& [key, weight] : shared) {
    for (const auto& [column, other] : target_.of_key(key)) {
      cosines[column] += weight * other;
    }
  }
}

void add_letters(std::string_view text, std::uint32_t column,
                 std::vector<SparseIndex::Occurrence>& letters) {
  if (text.empty()) {
    return;
  }
  const auto begin = letters.size();
  letters.resize(begin + text.size() + 1);
  auto* place = letters.data() + begin;
  std::uint32_t three = '^';
  const auto add = [&](std::uint32_t letter) {
    three = (three << letter_bits | letter) % (1U << 3 * letter_bits);
    *place++ = {three, column, 1};
  };
  for (const char letter : text) {
    add(static_cast<unsigned char>(letter));
  }
  add('$');
}

}  // namespace mapctl::matching
