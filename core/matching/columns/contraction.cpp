// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/contraction.hpp"

#include "core/base/ascii.hpp"
#include "core/base/hash.hpp"
#include "core/matching/words/tokenizer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace mapctl::matching {
namespace {

constexpr std::size_t most_words_contracted = 6;
constexpr std::size_t longest_contraction = 12;

}  // namespace

bool is_made_of(std::string_view short_name, std::span<const std::string_view> words,
                bool beginnings) noexcept {
  // Bit n of `ends`: the first n letters are explained by the words so far.
  std::uint32_t ends = 1;
  for (const auto word : words) {
    std::uint32_t next = 0;
    for (std::size_t begin = 0; begin < short_name.size(); ++begin) {
      if ((ends >> begin & 1U) == 0 || word.empty() || word.front() != short_name[begin]) {
        continue;
      }
      std::size_t from = 1;
      std::size_t at = begin + 1;
      next |= 1U << at;
      while (at < short_name.size()) {
        const auto found = word.find(short_name[at], from);
        if (found == std::string_view::npos || (beginnings && found != from)) {
          break;
        }
        from = found + 1;
        ++at;
        next |= 1U << at;
      }
    }
    ends = next;
  }
  return (ends >> short_name.size() & 1U) != 0;
}

float contraction_of(std::string_view short_name,
                     std::span<const std::string_view> words) noexcept {
  constexpr float with_gaps = 0.8F;
  if (short_name.size() < 2 || short_name.size() > longest_contraction || words.size() < 2 ||
      words.size() > most_words_contracted || short_name.size() < words.size()) {
    return 0;
  }
  std::size_t letters = 0;
  for (const auto word : words) {
    letters += word.size();
    // One word of the name, but for a plural, is not all of them: "musician" is no musicianName.
    const auto shared = static_cast<std::size_t>(
        std::mismatch(word.begin(), word.end(), short_name.begin(), short_name.end()).first -
        word.begin());
    if (shared > 1 && shared + 1 >= std::max(word.size(), short_name.size())) {
      return 0;
    }
  }
  if (short_name.size() >= letters || !is_made_of(short_name, words, false)) {
    return 0;
  }
  const float value = std::min(1.0F, 0.4F + 0.1F * static_cast<float>(short_name.size()));
  return is_made_of(short_name, words, true) ? value : with_gaps * value;
}

namespace {

float contraction_from(std::size_t first, const Side& side, const TermRange& name,
                       const ColumnFeatures& other) noexcept {
  std::array<std::string_view, most_words_contracted> words;
  std::size_t count = 0;
  std::size_t skipped = 0;
  for (const auto term : side.list(name)) {
    if (skipped++ >= first) {
      words[count++] = side.terms[term].text;
    }
  }
  return contraction_of(other.core, {words.data(), count});
}

}  // namespace

float contraction(const Side& side, const ColumnFeatures& named,
                  const ColumnFeatures& other) noexcept {
  // Nothing else is known of "T" beside "title", and of two titles neither leads. "Ti" is likelier.
  constexpr std::array<float, 3> beginnings{0, 0.4F, 0.5F};
  const auto letters = other.core.size();
  // What is written in full is short for nothing: "death_date" for no "death_datetime".
  if (other.in_full_words) {
    return 0;
  }
  if (letters > 0 && letters < beginnings.size() && other.numbers == 0 &&
      named.core.size() > letters + 1 && named.core.starts_with(other.core)) {
    return beginnings[letters];
  }
  if (named.read_by_table && named.expanded.count > 2 &&
      named.expanded.count <= most_words_contracted) {
    // "sttype" is the thing that "sttypenm" of a table "stock_type" names.
    auto thing = named.expanded;
    --thing.count;
    if (const float found = contraction_from(0, side, thing, other); found > 0) {
      return found;
    }
  }
  if (other.core.size() > longest_contraction || named.raw.count < 2 ||
      named.raw.count > most_words_contracted || other.core.empty() || named.core.empty()) {
    return 0;
  }
  const std::size_t prefix = named.prefix_words;
  float best = 0;
  if (other.core.size() < named.core.size() && other.core.front() == named.core.front()) {
    best = contraction_from(prefix, side, named.raw, other);
  }
  return best == 0 && prefix > 0 ? contraction_from(0, side, named.raw, other) : best;
}

Consonants consonants_of(std::string_view name) {
  Consonants result;
  std::array<char, longest_name> kept;
  std::size_t count = 0;
  name = name.substr(0, kept.size());
  for (const char letter : name) {
    if (!is_vowel(letter) && letter != 'y') {
      kept[count++] = letter;
      result.count += letter < '0' || letter > '9' ? 1U : 0U;
    }
  }
  if (result.count >= 2) {
    result.hash = fast_hash({kept.data(), count});
    result.vowel_free = std::none_of(name.begin(), name.end(), is_vowel);
  }
  return result;
}

float dropped_vowels(const ColumnFeatures& left, const ColumnFeatures& right) noexcept {
  if (left.full_hash == right.full_hash || left.core_hash == right.core_hash) {
    return 0;
  }
  std::uint32_t count = 0;
  for (const auto* one : {&left.full_consonants, &left.core_consonants}) {
    for (const auto* other : {&right.full_consonants, &right.core_consonants}) {
      if (one->hash == other->hash && one->hash != 0 && (one->vowel_free || other->vowel_free)) {
        count = std::max(count, one->count);
      }
    }
  }
  return count == 0 ? 0.0F : std::min(1.0F, 0.4F + 0.1F * static_cast<float>(count));
}

}  // namespace mapctl::matching
