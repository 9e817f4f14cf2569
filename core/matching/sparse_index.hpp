// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
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

    std::uint64_t bits_ = 0;
  };
  struct Entry {
    std::uint32_t index = 0;  // of a key in a column's list, of a column in a key's list
    float weight = 0;
  };

  // Several occurrences of a key in a column count as one with the greatest weight.
  static SparseIndex build(std::vector<Occurrence> occurrences, std::size_t columns);

  bool empty() const noexcept { return keys_.empty(); }
  std::span<const std::uint32_t> keys() const noexcept { return keys_; }  // ascending
  std::span<const Entry> of_key(std::size_t key) const noexcept {
    return {by_key_.data() + key_begin_[key], key_begin_[key + 1] - key_begin_[key]};
  }
  std::span<const Entry> of_column(std::size_t column) const noexcept {
    return {by_column_.data() + column_begin_[column],
            column_begin_[column + 1] - column_begin_[column]};
  }

 private:
  std::vector<std::uint32_t> keys_;
  std::vector<std::uint32_t> key_begin_, column_begin_;
  std::vector<Entry> by_key_, by_column_;
};

// The keys of two indexes side by side, so that one source column's cosine with every target column
// costs no more than the occurrences that they share.
class SparseAlignment {
 public:
  SparseAlignment(const SparseIndex& source, const SparseIndex& target);
  // cosines[t] for every target column; overwritten.
  void cosines(std::size_t source_column, std::span<float> cosines) const;
  bool empty() const noexcept { return empty_; }

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  const SparseIndex& source_;
  const SparseIndex& target_;
  std::vector<std::uint32_t> target_of_;
  bool empty_ = true;
};

// Bigrams and trigrams of "^text$".
void add_grams(std::string_view text, std::uint32_t column,
               std::vector<SparseIndex::Occurrence>& occurrences);

}  // namespace mapctl::matching
