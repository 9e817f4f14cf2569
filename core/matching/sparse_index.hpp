// SPDX-License-Identifier: Apache-2.0
#pragma once

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
  struct Occurrence {
    std::uint32_t key = 0;
    std::uint32_t column = 0;
    float weight = 1;
  };
  struct Entry {
    std::uint32_t index = 0;  // of a key in a column's list, of a column in a key's list
    float weight = 0;
  };

  // Several occurrences of a key in a column count as one with the greatest weight. Weights are
  // 0..1 and count in steps of 1/1000; at most 4 million columns.
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
