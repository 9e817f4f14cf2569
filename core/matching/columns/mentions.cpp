// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/mentions.hpp"

#include "core/matching/columns/reading.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace mapctl::matching {
namespace {

constexpr std::size_t shortest_word = 4;
constexpr std::size_t fewest_values = 2;  // one may say anything
// Of a flag's name, what does not tell what the flag is about, beside what asks.
constexpr std::array<std::string_view, 5> flag_words{"with", "flag", "indicator", "available",
                                                     "yes"};

bool says_yes_or_no(const ColumnFeatures& column) noexcept {
  if (column.type == TypeClass::boolean || column.kind == ValueKind::flag) {
    return true;
  }
  const auto& statistics = column.column->statistics;
  return column.kind == ValueKind::integer && statistics && statistics->distinct == 2 &&
         statistics->minimum == "0" && statistics->maximum == "1";
}

// All words of the name that tell what a flag is about, of which there must be one.
bool speaks_of(const Side& texts, const ColumnFeatures& text, const Side& flags,
               const TermRange& name) noexcept {
  const auto begin = texts.spoken_words.begin() + text.spoken.begin;
  const auto end = begin + text.spoken.count;
  bool found = false;
  for (const auto number : flags.list(name)) {
    const Term& term = flags.terms[number];
    if (asks(term.text) ||
        std::find(flag_words.begin(), flag_words.end(), term.text) != flag_words.end()) {
      continue;
    }
    if (term.text.size() < shortest_word || !std::binary_search(begin, end, term.hash)) {
      return false;
    }
    found = true;
  }
  return found;
}

}  // namespace

std::vector<std::uint64_t> words_of_values(const catalog::ColumnStatistics& statistics,
                                           ValueKind kind, const Tokenizer& tokenizer) {
  std::vector<std::uint64_t> found;
  if (kind != ValueKind::words) {
    return found;
  }
  std::vector<std::uint64_t> of_value;
  for (const std::string& value : statistics.samples) {
    of_value.clear();
    tokenizer.each_text_word(value, [&](std::string_view word, WordId, float) {
      if (word.size() >= shortest_word) {
        of_value.push_back(stem_hash(word));
      }
    });
    std::sort(of_value.begin(), of_value.end());
    of_value.erase(std::unique(of_value.begin(), of_value.end()), of_value.end());
    found.insert(found.end(), of_value.begin(), of_value.end());
  }
  // Of words that come in several values the first of each run of equal ones stays.
  std::sort(found.begin(), found.end());
  auto kept = found.begin();
  for (auto at = found.begin(); at != found.end();) {
    const auto next = std::upper_bound(at, found.end(), *at);
    if (static_cast<std::size_t>(next - at) >= fewest_values) {
      *kept++ = *at;
    }
    at = next;
  }
  found.erase(kept, found.end());
  return found;
}

bool mentions(const Side& texts, const ColumnFeatures& text, const Side& flags,
              const ColumnFeatures& flag) noexcept {
  // A "fireplace" is read as a place of fire, but written so.
  return text.spoken.count > 0 && says_yes_or_no(flag) &&
         (speaks_of(texts, text, flags, flag.raw) || speaks_of(texts, text, flags, flag.expanded));
}

bool is_mentioned(const Side& source, const ColumnFeatures& left, const Side& target,
                  const ColumnFeatures& right) noexcept {
  return mentions(source, left, target, right) || mentions(target, right, source, left);
}

}  // namespace mapctl::matching
