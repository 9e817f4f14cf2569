// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/vowel_free_words.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace mapctl::matching {
namespace {

constexpr unsigned slot_count_log = 13;  // some 6,000 words are shipped
// Fewer are short for too many words.
constexpr std::size_t fewest_consonants = 4;

// Of the first letter and the consonants behind it, doubled ones once. All words go through here
// before the first is found, so their letters are read once and go nowhere else.
struct Consonants {
  std::uint64_t hash = 0;
  std::size_t count = 0;
  bool are_of_a_word = false;
  explicit Consonants(std::string_view word) noexcept {
    char before = 0;
    for (const char c : word) {
      if (!is_lower(c)) {
        return;
      }
      const bool counts = before == 0 || (!is_vowel(c) && c != before);
      const auto with_it = (hash + static_cast<unsigned char>(c)) * 0x9E37'79B9'7F4A'7C15U;
      hash = counts ? with_it : hash;
      count += counts ? 1 : 0;
      before = c;
    }
    are_of_a_word = count >= fewest_consonants;
  }
  std::size_t slot() const noexcept { return hash >> (64U - slot_count_log); }
};

// "categor|y" and "categor|ies" are, "plan|t" and "plan|et" are not.
bool are_forms_of_one(std::string_view shortest, std::size_t in_common) noexcept {
  const auto ending = shortest.substr(std::min(in_common, shortest.size()));
  return ending.empty() || ending == "e" || ending == "y";
}

// In the same order, with others between.
bool has_letters_of(std::string_view word, std::string_view letters) noexcept {
  std::size_t found = 0;
  for (const char c : word) {
    found += found < letters.size() && letters[found] == c ? 1 : 0;
  }
  return found == letters.size();
}

}  // namespace

void VowelFreeWords::add(std::string_view word, std::uint32_t number) {
  const Consonants consonants{word};
  if (!consonants.are_of_a_word || consonants.count == word.size()) {
    return;
  }
  if (slots_.empty()) {
    slots_.resize(std::size_t{1} << slot_count_log);
    entries_.reserve(slots_.size());
    entries_.resize(1);
  }
  auto& slot = slots_[consonants.slot()];
  entries_.push_back({consonants.hash, word, number, slot});
  slot = static_cast<std::uint32_t>(entries_.size() - 1);
}

bool VowelFreeWords::may_be_one(std::string_view letters) noexcept {
  return letters.size() >= fewest_consonants &&
         std::all_of(letters.begin(), letters.end(), is_lower) &&
         std::none_of(letters.begin() + 1, letters.end() - 1, is_vowel);
}

std::uint32_t VowelFreeWords::find(std::string_view letters) const noexcept {
  if (slots_.empty() || !may_be_one(letters)) {
    return 0;
  }
  const Consonants consonants{letters};
  const Entry* shortest = nullptr;
  std::size_t in_common = std::string_view::npos;
  for (auto at = slots_[consonants.slot()]; at != 0; at = entries_[at].next) {
    const Entry& entry = entries_[at];
    const auto& word = entry.word;
    if (entry.consonants != consonants.hash || word.size() <= letters.size() ||
        !has_letters_of(word, letters)) {
      continue;
    }
    if (shortest == nullptr) {
      shortest = &entry;
      continue;
    }
    const auto& other = shortest->word;
    const auto shared = std::mismatch(word.begin(), word.end(), other.begin(), other.end());
    in_common = std::min(in_common, static_cast<std::size_t>(shared.first - word.begin()));
    if (std::pair{word.size(), word} < std::pair{other.size(), other}) {
      shortest = &entry;
    }
  }
  return shortest != nullptr && are_forms_of_one(shortest->word, in_common) ? shortest->number : 0;
}

}  // namespace mapctl::matching
