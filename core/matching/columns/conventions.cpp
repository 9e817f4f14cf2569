// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/conventions.hpp"

#include "core/matching/words/tokenizer.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

namespace mapctl::matching {
namespace {

constexpr int fewest_votes = 2;
constexpr float same_in_same_table = 1.0F;
constexpr float same_in_described_table = 0.6F;
constexpr float same_in_other_terms = 0.8F;
constexpr float same_in_unknown_table = 0.5F;
constexpr float same_in_other_table = 0.1F;
constexpr float different = -0.6F;

using Stems = std::vector<std::uint64_t>;

Stems words_of(const Side& side, std::initializer_list<const TermRange*> ranges) {
  Stems words;
  for (const auto* range : ranges) {
    for (const auto term : side.list(*range)) {
      words.push_back(side.terms[term].hash);
    }
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

bool has_all(const Stems& words, const Stems& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](std::uint64_t word) {
    return std::binary_search(words.begin(), words.end(), word);
  });
}

// The meaning of the line with most words; a line of exactly these words comes before all.
const Convention* line_of(bool of_table, const std::vector<Stems>& readings, std::uint16_t table,
                          std::uint64_t domains, const Lexicon& lexicon) {
  const Convention* best = nullptr;
  std::size_t most = 0;
  for (const auto& convention : lexicon.conventions()) {
    if (convention.of_table != of_table || ((domains >> convention.domain) & 1U) == 0 ||
        (convention.table != 0 && convention.table != table)) {
      continue;
    }
    const auto size = 2 * convention.words.size() + (convention.table != 0 ? 1 : 0);
    if (size > most && std::any_of(readings.begin(), readings.end(), [&](const Stems& words) {
          return (!convention.exactly || words.size() == convention.words.size()) &&
                 has_all(words, convention.words);
        })) {
      most = size;
      best = &convention;
    }
  }
  return best;
}

// The beginning of a description says what a thing is, the rest what goes with it.
constexpr std::size_t words_of_beginning = 12;
constexpr std::size_t words_of_label = 4;

// Stems of the beginning, ascending.
Stems beginning_of(std::string_view description, std::size_t most, const Tokenizer& tokenizer) {
  if (const auto end = description.find_first_of(".;("); end != std::string_view::npos) {
    description = description.substr(0, end);
  }
  Stems words;
  tokenizer.each_text_word(description, [&](std::string_view word, WordId, float) {
    if (words.size() < most) {
      words.push_back(stem_hash(word));
    }
  });
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

bool has(const Stems& words, std::string_view word) {
  return std::binary_search(words.begin(), words.end(), stem_hash(word));
}

// What lines of tables and columns say, put so that descriptions can be read by them.
class Conventions {
 public:
  Conventions(const Lexicon& lexicon, std::uint64_t domains)
      : lexicon_{lexicon}, domains_{domains}, tokenizer_{lexicon} {
    std::vector<std::uint16_t> of_tables;
    std::vector<std::uint16_t> of_columns;
    for (const auto& convention : lexicon.conventions()) {
      (convention.of_table ? of_tables : of_columns).push_back(convention.meaning);
    }
    std::sort(of_tables.begin(), of_tables.end());
    std::sort(of_columns.begin(), of_columns.end());
    std::set_intersection(of_tables.begin(), of_tables.end(), of_columns.begin(), of_columns.end(),
                          std::back_inserter(keys_));
  }

  // Whether columns of that meaning are keys of records that other tables refer to.
  bool is_key(std::uint16_t meaning) const {
    return std::binary_search(keys_.begin(), keys_.end(), meaning);
  }

  // The kind of record that the beginning of a description names beside `own` and those that have
  // a part in nearly all; 0 where it names several.
  std::uint16_t kind_in(std::string_view description, std::uint16_t own) const {
    const auto words = beginning_of(description, words_of_beginning, tokenizer_);
    auto kinds = kinds_in(words);
    std::erase_if(kinds, [&](std::uint16_t kind) { return kind == own || is_key(kind); });
    return kinds.size() == 1 ? kinds.front() : std::uint16_t{0};
  }

  // The kind of record that a column's name names, mostly its table's. Kinds that have a part in
  // nearly all count only where nothing is known of the table: a "discharge_date" of something is a
  // visit's. Of several the line that comes last counts, as persons come first.
  std::uint16_t kind_of(const std::vector<Stems>& readings, std::uint16_t table,
                        const Stems& table_words) const {
    std::uint16_t kind = table;
    std::size_t most = 1;
    for (const auto& line : lexicon_.conventions()) {
      if (line.of_table && !line.exactly && ((domains_ >> line.domain) & 1U) != 0 &&
          line.words.size() >= most && (table == 0 || !is_key(line.meaning)) &&
          !has_all(table_words, line.words) &&
          std::any_of(readings.begin(), readings.end(),
                      [&](const Stems& words) { return has_all(words, line.words); })) {
        most = line.words.size();
        kind = line.meaning;
      }
    }
    return kind;
  }

  std::uint16_t meaning_in(std::string_view description, std::uint16_t table) const {
    const auto words = beginning_of(description, words_of_beginning, tokenizer_);
    if (words.empty()) {
      return 0;
    }
    if (has(words, "unique") || has(words, "key")) {
      if (!has(words, "identifier") && !has(words, "id") && !has(words, "key")) {
        return 0;
      }
      auto kinds = kinds_in(words);
      std::erase(kinds, table);
      if (kinds.empty() && (has(words, "unique") || has(words, "primary"))) {
        return of({stem_hash("id")}, table, true);
      }
      return kinds.size() == 1 && is_key(kinds.front()) ? kinds.front() : std::uint16_t{0};
    }
    return words.size() <= words_of_label ? of(words, table, false) : std::uint16_t{0};
  }

 private:
  std::uint16_t of(const Stems& words, std::uint16_t table, bool exactly) const {
    std::uint16_t meaning = 0;
    std::size_t most = 0;
    for (const auto& line : lexicon_.conventions()) {
      const auto size = 2 * line.words.size() + (line.table != 0 ? 1 : 0);
      if (!line.of_table && line.exactly == exactly && ((domains_ >> line.domain) & 1U) != 0 &&
          (line.table == 0 || line.table == table) && size > most && has_all(words, line.words)) {
        most = size;
        meaning = line.meaning;
      }
    }
    return meaning;
  }

  std::vector<std::uint16_t> kinds_in(const Stems& words) const {
    std::vector<std::uint16_t> kinds;
    for (const auto& line : lexicon_.conventions()) {
      if (line.of_table && !line.exactly && ((domains_ >> line.domain) & 1U) != 0 &&
          has_all(words, line.words) &&
          std::find(kinds.begin(), kinds.end(), line.meaning) == kinds.end()) {
        kinds.push_back(line.meaning);
      }
    }
    return kinds;
  }

  const Lexicon& lexicon_;
  std::uint64_t domains_;
  Tokenizer tokenizer_;
  std::vector<std::uint16_t> keys_;  // ascending
};

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
    const auto words = side.list(column.expanded);
    std::for_each(words.begin(), words.end(), vote);
    if (!column.is_read_as_written()) {
      // "sku", which reads as "stock keeping unit".
      for (const auto term : side.list(column.raw)) {
        if (std::find(words.begin(), words.end(), term) == words.end()) {
          vote(term);
        }
      }
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
  const Conventions conventions{lexicon, side.domains};
  for (auto& table : side.tables) {
    const auto* const line =
        line_of(true, {words_of(side, {&table.name})}, 0, side.domains, lexicon);
    table.convention = line == nullptr ? std::uint16_t{0} : line->meaning;
    table.described = conventions.kind_in(table.table->comment, table.convention);
  }
  for (auto& column : side.columns) {
    const auto& table = side.tables[column.table];
    const auto kind = table.convention != 0 ? table.convention : table.described;
    const std::vector<Stems> readings{words_of(side, {&column.raw}),
                                      words_of(side, {&column.expanded}),
                                      words_of(side, {&column.raw, &column.expanded})};
    if (const auto* const line = line_of(false, readings, kind, side.domains, lexicon)) {
      column.convention = line->meaning;
      column.in_other_terms = line->loosely;
    }
    if (column.convention == 0) {
      column.convention = conventions.meaning_in(column.column->comment, kind);
    }
    column.about =
        column.convention == 0 || conventions.is_key(column.convention)
            ? table.convention
            : conventions.kind_of(readings, table.convention, words_of(side, {&table.name}));
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
  const float terms = left.in_other_terms == right.in_other_terms ? 1.0F : same_in_other_terms;
  if (left.about == right.about && left.about != 0) {
    return terms * same_in_same_table;
  }
  const auto described = [](const Side& side, const ColumnFeatures& column, std::uint16_t kind) {
    const auto& table = side.tables[column.table];
    return kind != 0 && table.described == kind && column.about == table.convention;
  };
  if (described(source, left, right.about) || described(target, right, left.about)) {
    return terms * same_in_described_table;
  }
  return left.about == 0 || right.about == 0 ? same_in_unknown_table : same_in_other_table;
}

float kinds_agreement(const TableFeatures& left, const TableFeatures& right) noexcept {
  const auto same = [](std::uint16_t kind, std::uint16_t other) {
    return kind != 0 && kind == other;
  };
  return same(left.convention, right.convention) ? same_in_same_table
         : same(left.described, right.convention) || same(right.described, left.convention)
             ? same_in_described_table
             : 0.0F;
}

}  // namespace mapctl::matching
