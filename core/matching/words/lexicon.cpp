// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/lexicon.hpp"

#include "core/base/hash.hpp"

#include <algorithm>

namespace mapctl::matching {
namespace {

constexpr std::size_t initial_slots = 65536;  // for the shipped files without growing

}  // namespace

Lexicon::Lexicon() : words_(1), slots_(initial_slots) {
  words_.reserve(initial_slots / 2);
}

WordId Lexicon::find(std::string_view text) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = fast_hash(text) & mask; slots_[at] != 0; at = (at + 1) & mask) {
    if (words_[slots_[at]].text == text) {
      return slots_[at];
    }
  }
  return 0;
}

WordId Lexicon::intern(std::string_view text) {
  if (const WordId known = find(text); known != 0) {
    return known;
  }
  if (words_.size() * 2 > slots_.size()) {
    std::vector<std::uint32_t> larger(slots_.size() * 2);
    slots_.swap(larger);
    for (std::uint32_t word = 1; word < words_.size(); ++word) {
      std::size_t at = fast_hash(words_[word].text) & (slots_.size() - 1);
      while (slots_[at] != 0) {
        at = (at + 1) & (slots_.size() - 1);
      }
      slots_[at] = word;
    }
  }
  std::size_t at = fast_hash(text) & (slots_.size() - 1);
  while (slots_[at] != 0) {
    at = (at + 1) & (slots_.size() - 1);
  }
  slots_[at] = static_cast<std::uint32_t>(words_.size());
  words_.emplace_back().text = text;
  return slots_[at];
}

std::span<const WordId> Lexicon::expansion(WordId word, std::size_t index) const noexcept {
  const auto range = expansion_ranges_[words_[word].expansions.begin + index];
  return {sequences_.data() + range.begin, range.count};
}

std::span<const WordId> Lexicon::translation(WordId word) const noexcept {
  const auto range = words_[word].translation;
  return {sequences_.data() + range.begin, range.count};
}

std::span<const GroupMembership> Lexicon::groups(WordId word) const noexcept {
  const auto range = words_[word].groups;
  return {memberships_.data() + range.begin, range.count};
}

std::span<const ContrastSide> Lexicon::contrasts(WordId word) const noexcept {
  const auto range = words_[word].contrasts;
  return {contrasts_.data() + range.begin, range.count};
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
