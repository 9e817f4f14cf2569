// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"
#include "core/matching/words/lexicon.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace mapctl::matching {

// 1 - edit distance / longer length, over letters and digits of folded text. The pattern is
// prepared once; Myers' bit-parallel algorithm, so of longer texts the first 64 characters count.
class EditSimilarity {
 public:
  explicit EditSimilarity(std::string_view pattern) noexcept;
  double operator()(std::string_view text) const noexcept;

 private:
  static constexpr std::size_t symbols = 40;
  static std::size_t symbol(char c) noexcept;

  std::array<std::uint64_t, symbols> positions_{};
  std::size_t length_ = 0;
};

// How likely two words that no list relates are the same word written differently: a prefix, the
// same consonants, a slip. Symmetric, 0..1; words with different first letters are not compared.
float spelling_similarity(std::string_view left, std::string_view right) noexcept;

// Whether both are forms of one verb, or a form and the noun made of it: "created", "creation".
bool are_inflections(std::string_view left, std::string_view right) noexcept;

// Best weight of a synonym group that holds both words; 0 for none.
float synonym_weight(const Lexicon& lexicon, WordId left, WordId right) noexcept;

// Similarity of every word of one side with every word of the other, computed once a pair of sides.
class TermSimilarities {
 public:
  TermSimilarities(const Side& source, const Side& target, const Lexicon& lexicon);

  // In steps of 1/255. `spelled`: the same word or spelled alike. `meant`: also synonyms.
  const std::uint8_t* spelled(std::uint32_t source_term) const noexcept {
    return spelled_.data() + source_term * columns_;
  }
  const std::uint8_t* meant(std::uint32_t source_term) const noexcept {
    return meant_.data() + source_term * columns_;
  }

 private:
  std::size_t columns_ = 0;
  std::vector<std::uint8_t> spelled_, meant_;
};

// How far the words of one list are found in the other: weighted means of each word's best partner.
struct Cover {
  float forward = 0;   // of the source's words
  float backward = 0;  // of the target's words
  float mean() const noexcept { return (forward + backward) / 2; }
  float larger() const noexcept { return forward > backward ? forward : backward; }
};

}  // namespace mapctl::matching
