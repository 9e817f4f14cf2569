// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace mapctl::matching {

// Which columns hold which features (grams of a name, words of a comment), weighted by rarity and
// scaled to unit length, so that the sum of products over shared features is a cosine.
class SparseIndex {
 public:
  // Of a key in a column, as one number: ascending by key, column, weight. Weights are 0..1 and
  // count in steps of 1/1000; at most 4 million columns.
  class Occurrence {
   public:
    Occurrence() noexcept = default;
    constexpr Occurrence(std::uint32_t key, std::uint32_t column, float weight) noexcept
        : bits_{(std::uint64_t{key} << 32U) | (std::uint64_t{column} << weight_bits) |
                static_cast<std::uint32_t>(
                    static_cast<std::int32_t>(weight * weight_steps + 0.5F))} {}
    std::uint32_t key() const noexcept { return static_cast<std::uint32_t>(bits_ >> 32U); }
    std::uint32_t column() const noexcept {
      return static_cast<std::uint32_t>(bits_) >> weight_bits;
    }
    float weight() const noexcept { return weights[bits_ % weights.size()]; }
    auto operator<=>(const Occurrence&) const = default;

   private:
    static constexpr unsigned weight_bits = 10;
    static constexpr float weight_steps = 1000;
    static constexpr auto weights = [] {
      std::array<float, 1U << weight_bits> of_steps{};
      for (std::size_t steps = 0; steps < of_steps.size(); ++steps) {
        of_steps[steps] = static_cast<float>(steps) / weight_steps;
      }
      return of_steps;
    }();

    std::uint64_t bits_;
  };
  struct Entry {
    std::uint32_t column;
    float weight;
  };
  // A key and where its entries begin.
  struct Key {
    std::uint32_t key = 0;
    std::uint32_t begin = 0;
  };

  // Several occurrences of a key in a column count as one with the greatest weight.
  static SparseIndex build(std::vector<Occurrence> occurrences, std::size_t columns);
  // Of texts that add_letters() has cut, those of one column after the other: of the pairs and
  // triples of letters in them.
  static SparseIndex build_grams(std::vector<Occurrence> letters, std::size_t columns);

  bool empty() const noexcept { return keys().empty(); }
  std::size_t columns() const noexcept { return columns_; }
  std::span<const Key> keys() const noexcept {  // ascending
    return {keys_.data(), keys_.empty() ? 0 : keys_.size() - 1};
  }
  std::span<const Entry> of_key(std::size_t number) const noexcept {
    const Key* const key = keys_.data() + number;
    return {entries_.get() + key[0].begin, entries_.get() + key[1].begin};
  }

 private:
  class Builder;
  std::size_t columns_ = 0;
  std::vector<Key> keys_;  // and where the last one's entries end
  std::unique_ptr<Entry[]> entries_;
};

// The keys of two indexes side by side, so that one source column's cosine with every target column
// costs no more than the occurrences that they share. The target must outlive it.
class SparseAlignment {
 public:
  SparseAlignment(const SparseIndex& source, const SparseIndex& target);
  // cosines[t] for every target column; overwritten.
  void cosines(std::size_t source_column, std::span<float> cosines) const;
  bool empty() const noexcept { return shared_.empty(); }

 private:
  struct Shared {
    std::uint32_t target_key = 0;  // its number
    float weight = 0;
  };
  const SparseIndex& target_;
  // What each source column has of the keys that both sides have; none where they share nothing.
  std::vector<std::uint32_t> begin_;
  std::vector<Shared> shared_;
};

// The letters of "^text$" by threes, the first two of them behind a 0.
void add_letters(std::string_view text, std::uint32_t column,
                 std::vector<SparseIndex::Occurrence>& letters);

}  // namespace mapctl::matching
