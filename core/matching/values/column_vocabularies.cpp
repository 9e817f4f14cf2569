// SPDX-License-Identifier: Apache-2.0
#include "core/matching/values/column_vocabularies.hpp"

#include "core/base/ascii.hpp"
#include "core/matching/values/vocabularies.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace mapctl::matching {
namespace {

using catalog::Column;

constexpr std::size_t most_looked_up = 16;
constexpr std::size_t fewest_looked_up = 2;
// Instead of recognised_share: one or two letters are found in many vocabularies.
constexpr double recognised_letters = 0.98;

constexpr std::int64_t months_of_year = 12;

bool is_number(std::string_view code) noexcept {
  return !code.empty() && std::all_of(code.begin(), code.end(), [](char c) { return is_digit(c); });
}

// The vocabularies of each value of any, a bit each.
using VocabularyBits = std::unordered_map<std::string_view, std::uint32_t>;
const VocabularyBits& vocabulary_bits() {
  static const VocabularyBits bits = [] {
    VocabularyBits found;
    std::uint32_t bit = 1;
    for (const auto& vocabulary : all_vocabularies()) {
      for (const auto word : vocabulary_words(vocabulary)) {
        found[word] |= bit;
      }
      bit <<= 1U;
    }
    return found;
  }();
  return bits;
}

// Of a masked column: where every value is a word of the vocabulary, by the hashes of both.
std::uint32_t vocabularies_by_hash(const catalog::ColumnStatistics& statistics) {
  std::uint32_t found = 0;
  std::uint32_t bit = 1;
  for (const auto& vocabulary : all_vocabularies()) {
    const auto words = hashed_words(vocabulary);
    const auto known = std::count_if(words.begin(), words.end(), [&](const HashedWord& word) {
      return catalog::holds_value(statistics, word.hash).value_or(false);
    });
    found |= known == statistics.distinct ? bit : 0;
    bit <<= 1U;
  }
  return found;
}

}  // namespace

std::string_view vocabulary_of(const Column& column) {
  constexpr std::size_t fewest_words = 3;
  constexpr double certain_share = 0.8;
  if (!column.statistics || column.personal) {
    return {};
  }
  std::vector<std::string> words;
  // Where no value comes again, samples are as good.
  constexpr std::size_t enough = 12;
  for (const auto& value : column.statistics->frequent) {
    words.push_back(folded_code(value.text));
  }
  for (const auto& value : column.statistics->samples) {
    if (words.size() < enough) {
      words.push_back(folded_code(value));
    }
  }
  if (std::any_of(words.begin(), words.end(), [](const std::string& word) {
        return word.empty() || is_digit(word.front()) || word.front() == '-';
      })) {
    return {};
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  for (const Vocabulary& vocabulary : all_vocabularies()) {
    const bool whole = vocabulary.name == "gender" && words.size() == 2;
    const auto known = std::count_if(words.begin(), words.end(), [&](const std::string& word) {
      return meaning_of(vocabulary, word) != 0;
    });
    if ((words.size() >= fewest_words || whole) &&
        static_cast<double>(known) >= certain_share * static_cast<double>(words.size())) {
      return vocabulary.name;
    }
  }
  return {};
}

std::uint32_t specific_vocabularies() noexcept {
  static const std::uint32_t specific = [] {
    std::uint32_t bits = 0;
    for (std::size_t number = 0; number < all_vocabularies().size(); ++number) {
      bits |= all_vocabularies()[number].specific ? std::uint32_t{1} << number : 0;
    }
    return bits;
  }();
  return specific;
}

std::uint32_t vocabularies_of(const Column& column) {
  if (!column.statistics || column.statistics->distinct > most_listed ||
      column.statistics->distinct < static_cast<std::int64_t>(fewest_looked_up)) {
    return 0;
  }
  if (column.personal) {
    return vocabularies_by_hash(*column.statistics);
  }
  struct Known {
    std::size_t values = 0;
    std::int64_t rows = 0;
  };
  std::array<Known, 32> known{};
  const auto& frequent = column.statistics->frequent;
  bool only_numbers = true;
  std::int64_t rows = 0;
  std::int64_t rows_of_letters = 0;
  for (const auto& value : std::span{frequent}.first(std::min(frequent.size(), most_looked_up))) {
    const auto code = folded_code(value.text);
    rows += value.count;
    rows_of_letters += code.size() <= 2 ? value.count : 0;
    only_numbers = only_numbers && is_number(code);
    const auto found = vocabulary_bits().find(code);
    if (found == vocabulary_bits().end()) {
      continue;
    }
    for (std::size_t number = 0; number < all_vocabularies().size(); ++number) {
      if ((found->second >> number & 1U) != 0) {
        ++known[number].values;
        known[number].rows += value.count;
      }
    }
  }
  const double share = 2 * rows_of_letters > rows ? recognised_letters : recognised_share;
  std::uint32_t bits = 0;
  for (std::size_t number = 0; number < all_vocabularies().size(); ++number) {
    if (known[number].values >= fewest_looked_up &&
        static_cast<double>(known[number].rows) >= share * static_cast<double>(rows)) {
      bits |= std::uint32_t{1} << number;
    }
  }
  // Quantities are small numbers too; the months of a year are all of them.
  return only_numbers && column.statistics->distinct < months_of_year
             ? bits & ~specific_vocabularies()
             : bits;
}

}  // namespace mapctl::matching
