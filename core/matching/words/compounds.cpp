// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/compounds.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace mapctl::matching {
namespace {

constexpr std::size_t shortest_compound = 7;
constexpr std::size_t longest_compound = 40;
constexpr std::size_t shortest_of_compound = 4;
// "kundennr", "lagerort": found in anything, so only behind a word that is none by chance.
constexpr std::size_t shortest_last_part = 2;
constexpr std::size_t shortest_before_it = 5;
constexpr unsigned most_parts = 4;
constexpr std::array<std::string_view, 7> linking_letters{"", "s", "n", "en", "es", "er", "e"};

struct CompoundStep {
  unsigned parts = most_parts + 1;
  std::size_t before = 0;  // where the part's own step began
  std::size_t length = 0;  // of the part, without its link
  WordId word = 0;
  bool foreign = false;  // one of the parts so far is
};

bool is_better(const CompoundStep& one, const CompoundStep& other) noexcept {
  return one.foreign != other.foreign ? one.foreign : one.parts < other.parts;
}

bool is_foreign(WordId word, const Lexicon& lexicon) noexcept {
  return !lexicon.translation(word).empty();
}

}  // namespace

std::vector<WordId> words_of_compound(std::string_view text, const Lexicon& lexicon) {
  if (text.size() < shortest_compound || text.size() > longest_compound) {
    return {};
  }
  // steps[end]: the words up to there, and the link behind them.
  std::array<CompoundStep, longest_compound + 1> steps{};
  steps[0].parts = 0;
  for (std::size_t begin = 0; begin + shortest_last_part <= text.size(); ++begin) {
    const CompoundStep& before = steps[begin];
    if (before.parts >= most_parts) {
      continue;
    }
    for (std::size_t length = shortest_last_part; begin + length <= text.size(); ++length) {
      const auto part = text.substr(begin, length);
      const bool last = begin + length == text.size();
      const WordId word = lexicon.find(part);
      if (word == 0) {
        continue;
      }
      const bool foreign = is_foreign(word, lexicon);
      const bool is_long = length >= shortest_of_compound && (foreign || lexicon.is_word(word));
      const bool is_end = last && before.foreign && before.length >= shortest_before_it &&
                          (foreign || lexicon.expansion_count(word) > 0);
      if (!is_long && !is_end) {
        continue;
      }
      const CompoundStep step{before.parts + 1, begin, length, word, before.foreign || foreign};
      const auto rest = text.substr(begin + length);
      for (const auto link : linking_letters) {
        // A link has something to link.
        if (rest.starts_with(link) && (link.empty() || rest.size() > link.size())) {
          CompoundStep& reached = steps[begin + length + link.size()];
          if (is_better(step, reached)) {
            reached = step;
          }
        }
      }
    }
  }
  const CompoundStep& whole = steps[text.size()];
  if (whole.parts < 2 || whole.parts > most_parts || !whole.foreign) {
    return {};
  }
  std::vector<WordId> words;
  for (std::size_t end = text.size(); end > 0; end = steps[end].before) {
    words.push_back(steps[end].word);
  }
  std::reverse(words.begin(), words.end());
  return words;
}

}  // namespace mapctl::matching
