// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/lexicon.hpp"

#include "core/base/hash.hpp"

#include <algorithm>

namespace mapctl::matching {
namespace {

// Enough for the shipped files without growing: what is not touched costs nothing.
constexpr std::size_t initial_slots = 65536;
constexpr std::size_t fullest(std::size_t slots) noexcept {
  return slots / 4 * 3;
}

}  // namespace

Lexicon::Lexicon() : words_(1), links_(1), slots_(initial_slots) {
  words_.reserve(fullest(initial_slots));
  links_.reserve(fullest(initial_slots) + 1);
}

std::size_t Lexicon::slot_of(std::string_view text, std::uint64_t hash) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  const auto rest = static_cast<std::uint32_t>(hash >> 32U);
  std::size_t at = hash & mask;
  while (slots_[at].word != 0 &&
         (slots_[at].rest_of_hash != rest || words_[slots_[at].word].text() != text)) {
    at = (at + 1) & mask;
  }
  return at;
}

WordId Lexicon::find(std::string_view text) const noexcept {
  return slots_[slot_of(text, fast_hash(text))].word;
}

WordId Lexicon::intern(std::string_view text) {
  const auto hash = fast_hash(text);
  auto at = slot_of(text, hash);
  if (slots_[at].word != 0) {
    return slots_[at].word;
  }
  if (words_.size() >= fullest(slots_.size())) {
    slots_.assign(slots_.size() * 2, {});
    for (WordId word = 1; word < words_.size(); ++word) {
      const auto of_word = fast_hash(words_[word].text());
      slots_[slot_of(words_[word].text(), of_word)] = {static_cast<std::uint32_t>(of_word >> 32U),
                                                       word};
    }
    at = slot_of(text, hash);
  }
  slots_[at] = {static_cast<std::uint32_t>(hash >> 32U), static_cast<WordId>(words_.size())};
  words_.push_back({.begin = text.data(), .size = static_cast<std::uint32_t>(text.size())});
  links_.emplace_back();
  return slots_[at].word;
}

WordId Lexicon::without_vowels(std::string_view letters) const {
  if (!VowelFreeWords::may_be_one(letters)) {
    return 0;
  }
  std::call_once(vowel_free_filled_, [&] {
    for (WordId number = 1; number <= size(); ++number) {
      const Word& word = words_[number];
      if (word.genuine && !word.abbreviates && !word.is_phrase) {
        vowel_free_.add(word.text(), number);
      }
    }
  });
  return vowel_free_.find(letters);
}

std::span<const WordId> Lexicon::sequence(const Range& range) const noexcept {
  return {sequences_.data() + range.begin, range.count};
}

std::span<const WordId> Lexicon::expansion(WordId word, std::size_t index) const noexcept {
  return sequence(expansions_[links_[word].first_expansion + index]);
}

std::span<const WordId> Lexicon::translation(WordId word) const noexcept {
  return sequence(translations_[links_[word].translation]);
}

std::span<const GroupMembership> Lexicon::groups(WordId word) const noexcept {
  return {memberships_.data() + links_[word].first_group,
          memberships_.data() + links_[word + 1].first_group};
}

std::span<const GroupMembership> Lexicon::listed_groups(WordId word) const noexcept {
  const auto all = groups(word);
  auto count = all.size();
  while (count > 0 && all[count - 1].group > last_listed_group_) {
    --count;
  }
  return all.first(count);
}

std::span<const ContrastSide> Lexicon::contrasts(WordId word) const noexcept {
  return {contrasts_.data() + links_[word].first_contrast,
          contrasts_.data() + links_[word + 1].first_contrast};
}

void Lexicon::Affixes::sort(char (*letter)(std::string_view)) {
  std::sort(texts.begin(), texts.end(), [&](std::string_view a, std::string_view b) {
    return letter(a) != letter(b) ? letter(a) < letter(b)
           : a.size() != b.size() ? a.size() > b.size()
                                  : a < b;
  });
  for (std::uint32_t at = 0; at < texts.size(); ++at) {
    Range& range = of_letter[static_cast<unsigned char>(letter(texts[at]))];
    range = {range.count == 0 ? at : range.begin, range.count + 1};
  }
}

std::size_t Lexicon::prefix_length(std::string_view name) const noexcept {
  if (!name.empty()) {
    for (const auto prefix : prefixes_.of(name.front())) {
      if (name.size() > prefix.size() && name.starts_with(prefix)) {
        return prefix.size();
      }
    }
  }
  return 0;
}

std::size_t Lexicon::suffix_length(std::string_view name) const noexcept {
  if (!name.empty()) {
    for (const auto suffix : suffixes_.of(name.back())) {
      if (name.size() > suffix.size() && name.ends_with(suffix)) {
        return suffix.size();
      }
    }
  }
  return 0;
}

}  // namespace mapctl::matching
