// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/vowel_free_words.hpp"

#include "core/base/ascii.hpp"
#include "core/base/hash.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace mapctl::matching {
namespace {

constexpr std::size_t slot_count = 8192;  // a power of two; some 6,000 words are shipped
constexpr std::size_t longest_word = 32;
// Fewer are short for too many words.
constexpr std::size_t fewest_consonants = 4;

bool is_vowel(char c) noexcept {
  return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

// The first letter and the consonants behind it, doubled ones once.
struct Consonants {
  std::array<char, longest_word> letters{};
  std::size_t count = 0;
  explicit Consonants(std::string_view word) noexcept {
    for (std::size_t at = 0; at < word.size(); ++at) {
      if (at == 0 || (!is_vowel(word[at]) && word[at] != word[at - 1])) {
        letters[count++] = word[at];
      }
    }
  }
  std::uint64_t hash() const noexcept { return fast_hash({letters.data(), count}); }
};

bool may_be_a_word(std::string_view letters) noexcept {
  return letters.size() >= fewest_consonants && letters.size() <= longest_word &&
         std::all_of(letters.begin(), letters.end(), is_lower);
}

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
  if (!may_be_a_word(word)) {
    return;
  }
  const Consonants consonants{word};
  if (consonants.count < fewest_consonants || consonants.count == word.size()) {
    return;
  }
  if (slots_.empty()) {
    slots_.resize(slot_count);
    entries_.reserve(slot_count);
    entries_.resize(1);
  }
  const auto hash = consonants.hash();
  auto& slot = slots_[hash % slot_count];
  entries_.push_back({hash, word, number, slot});
  slot = static_cast<std::uint32_t>(entries_.size() - 1);
}

bool VowelFreeWords::may_be_one(std::string_view letters) noexcept {
  return may_be_a_word(letters) && std::none_of(letters.begin() + 1, letters.end() - 1, is_vowel);
}

std::uint32_t VowelFreeWords::find(std::string_view letters) const noexcept {
  if (slots_.empty() || !may_be_one(letters)) {
    return 0;
  }
  const auto hash = Consonants{letters}.hash();
  const Entry* shortest = nullptr;
  std::size_t in_common = longest_word;
  for (auto at = slots_[hash % slot_count]; at != 0; at = entries_[at].next) {
    const Entry& entry = entries_[at];
    const auto& word = entry.word;
    if (entry.consonants != hash || word.size() <= letters.size() ||
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
