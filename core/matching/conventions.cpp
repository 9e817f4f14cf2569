// SPDX-License-Identifier: Apache-2.0
#include "core/matching/conventions.hpp"

#include <algorithm>
#include <vector>

namespace mapctl::matching {
namespace {

constexpr int fewest_votes = 2;
constexpr float same_in_same_table = 1.0F;
constexpr float same_in_unknown_table = 0.5F;
constexpr float same_in_other_table = 0.1F;
constexpr float different = -0.6F;

using Words = std::vector<std::uint64_t>;

Words words_of(const Side& side, std::initializer_list<const TermRange*> ranges) {
  Words words;
  for (const auto* range : ranges) {
    for (const auto term : side.list(*range)) {
      words.push_back(side.terms[term].hash);
    }
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

bool has_all(const Words& words, const Words& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](std::uint64_t word) {
    return std::binary_search(words.begin(), words.end(), word);
  });
}

// The meaning of the line with most words; a line of exactly these words comes before all.
std::uint16_t meaning_of(bool of_table, const std::vector<Words>& readings, std::uint16_t table,
                         std::uint64_t domains, const Lexicon& lexicon) {
  std::uint16_t meaning = 0;
  std::size_t most = 0;
  for (const auto& convention : lexicon.conventions()) {
    if (convention.of_table != of_table || ((domains >> convention.domain) & 1U) == 0 ||
        (convention.table != 0 && convention.table != table)) {
      continue;
    }
    const auto size = 2 * convention.words.size() + (convention.table != 0 ? 1 : 0);
    if (size > most && std::any_of(readings.begin(), readings.end(), [&](const Words& words) {
          return (!convention.exactly || words.size() == convention.words.size()) &&
                 has_all(words, convention.words);
        })) {
      most = size;
      meaning = convention.meaning;
    }
  }
  return meaning;
}

}  // namespace

std::uint64_t domains_of(const Side& side, const Lexicon& lexicon) {
  std::vector<int> votes(lexicon.domains().size(), 0);
  const auto vote = [&](std::uint32_t term) {
    const auto& word = side.terms[term];
    if (word.word == 0) {
      return;
    }
    for (std::size_t domain = 0; domain < votes.size(); ++domain) {
      votes[domain] += ((lexicon.domain_bits(word.word) >> domain) & 1U) != 0 ? 1 : 0;
    }
  };
  for (const auto& table : side.tables) {
    for (const auto term : side.list(table.name)) {
      vote(term);
    }
  }
  for (const auto& column : side.columns) {
    for (const auto term : side.list(column.expanded)) {
      vote(term);
    }
  }
  const auto best = std::max_element(votes.begin(), votes.end());
  if (best == votes.end() || *best < fewest_votes) {
    return 0;
  }
  std::uint64_t bits = 0;
  for (std::size_t domain = 0; domain < votes.size(); ++domain) {
    bits |= votes[domain] == *best ? std::uint64_t{1} << domain : 0U;
  }
  return bits;
}

void read_conventions(Side& side, const Lexicon& lexicon) {
  side.domains = domains_of(side, lexicon);
  std::uint64_t covered = 0;
  for (const auto& convention : lexicon.conventions()) {
    covered |= std::uint64_t{1} << convention.domain;
  }
  if ((side.domains & covered) == 0) {
    return;
  }
  for (auto& table : side.tables) {
    table.convention = meaning_of(true, {words_of(side, {&table.name})}, 0, side.domains, lexicon);
  }
  for (auto& column : side.columns) {
    const std::vector<Words> readings{words_of(side, {&column.raw}),
                                      words_of(side, {&column.expanded}),
                                      words_of(side, {&column.raw, &column.expanded})};
    column.convention =
        meaning_of(false, readings, side.tables[column.table].convention, side.domains, lexicon);
  }
}

float convention_agreement(const Side& source, const ColumnFeatures& left, const Side& target,
                           const ColumnFeatures& right) noexcept {
  if (left.convention == 0 || right.convention == 0) {
    return 0;
  }
  if (left.convention != right.convention) {
    return different;
  }
  const auto left_table = source.tables[left.table].convention;
  const auto right_table = target.tables[right.table].convention;
  if (left_table == 0 || right_table == 0) {
    return same_in_unknown_table;
  }
  return left_table == right_table ? same_in_same_table : same_in_other_table;
}

}  // namespace mapctl::matching
