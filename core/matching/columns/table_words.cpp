// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/table_words.hpp"

#include "core/base/ascii.hpp"
#include "core/matching/columns/contraction.hpp"
#include "core/matching/columns/reading.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::matching {
namespace {

constexpr std::size_t fewest_letters = 2;        // of what is left of the table's name
constexpr std::size_t fewest_letters_alone = 4;  // ... where nothing follows it
constexpr std::size_t longest_riddle = 24;
constexpr std::size_t shortest_end = 2;
// A word at the end that says nothing of what is held must be long enough not to be chance.
constexpr std::size_t shortest_plain_end = 4;
constexpr std::size_t most_table_words = 4;
// A table of two columns says one thing of what the other refers to.
constexpr std::size_t columns_of_one_thing = 2;
// What a value is beside being of its kind: the "lotnum" of a table "lots" is the lot.
constexpr std::array<std::string_view, 6> plain_ends{"number", "range",  "value",
                                                     "text",   "string", "list"};

bool is_riddle(const Piece& piece) noexcept {
  return piece.origin == PieceOrigin::written && piece.word == 0 &&
         piece.text.size() >= fewest_letters + shortest_end &&
         piece.text.size() <= longest_riddle &&
         std::all_of(piece.text.begin(), piece.text.end(),
                     [](char c) { return c >= 'a' && c <= 'z'; });
}

// "nm", "id", "range".
bool may_end(std::string_view text, const Lexicon& lexicon) {
  const auto word = text.size() < shortest_end ? WordId{0} : lexicon.find(text);
  if (word == 0) {
    return false;
  }
  if (lexicon.is_word(word) && text.size() >= shortest_plain_end) {
    return true;
  }
  if (lexicon.expansion_count(word) == 0) {
    return lexicon.role(word) != NameRole::none;
  }
  const auto meant = lexicon.expansion(word, 0);
  return meant.size() == 1 && lexicon.role(meant.front()) != NameRole::none;
}

// Whether the letters are the word's first one and some of its others in their order; of two the
// second is the word's second or its next consonant.
bool is_left_of(std::string_view letters, std::string_view word) noexcept {
  if (letters.size() < fewest_letters || letters.size() >= word.size() ||
      letters.front() != word.front()) {
    return false;
  }
  if (letters.size() == 2) {
    const auto consonant =
        std::find_if(word.begin() + 1, word.end(), [](char c) { return !is_vowel(c); });
    return letters[1] == word[1] || (consonant != word.end() && *consonant == letters[1]);
  }
  return is_made_of(letters, {&word, 1}, false);
}

// "sub" is a word by itself in "subtype".
bool is_word_before_another(std::string_view letters, std::string_view word,
                            const Lexicon& lexicon) {
  if (!word.starts_with(letters) || word.size() < letters.size() + shortest_plain_end) {
    return false;
  }
  const auto rest = lexicon.find(word.substr(letters.size()));
  return rest != 0 && lexicon.is_word(rest);
}

// The words of the table's name that the letters are left of.
std::span<const Piece> left_of(std::string_view letters, std::span<const Piece> table,
                               bool beginnings, const Lexicon& lexicon) {
  for (std::size_t at = 0; at < table.size(); ++at) {
    if (is_left_of(letters, table[at].text) &&
        (!beginnings || table[at].text.starts_with(letters)) &&
        !is_word_before_another(letters, table[at].text, lexicon)) {
      return table.subspan(at, 1);
    }
  }
  if (beginnings) {
    return {};
  }
  std::array<std::string_view, most_table_words> words;
  const auto count = std::min(table.size(), words.size());
  for (std::size_t at = 0; at < count; ++at) {
    words[at] = table[at].text;
  }
  for (std::size_t from = 0; from + 1 < count; ++from) {
    for (std::size_t taken = count - from; taken > 1; --taken) {
      if (contraction_of(letters, std::span{words}.subspan(from, taken)) > 0) {
        return table.subspan(from, taken);
      }
    }
  }
  return {};
}

std::string_view meaning_of(const Piece& piece, const Lexicon& lexicon) {
  if (piece.word == 0 || lexicon.expansion_count(piece.word) == 0) {
    return piece.text;
  }
  const auto meant = lexicon.expansion(piece.word, 0);
  return meant.size() == 1 ? lexicon.text(meant.front()) : piece.text;
}

// The table's name and a word that says little, written together and shorter than both: whoever
// writes "account_number" or "accountnumber" means the number.
bool is_thing_of(std::span<const Piece> table, const NameReading& column, const Lexicon& lexicon) {
  const auto& words = column.expanded;
  if (column.raw.size() != 1 || words.size() != table.size() + 1) {
    return false;
  }
  const auto last = meaning_of(words.back(), lexicon);
  auto letters = last.size();
  for (const auto& word : table) {
    letters += stem_length(word.text);
  }
  return column.buffer.size() < letters &&
         std::find(plain_ends.begin(), plain_ends.end(), last) != plain_ends.end() &&
         std::equal(table.begin(), table.end(), words.begin(),
                    [](const Piece& whole, const Piece& piece) {
                      return stem_hash(whole.text) == stem_hash(piece.text) ||
                             is_left_of(piece.text, whole.text);
                    });
}

// A table of many is called after one of them.
Piece of_table(const Piece& word, const Lexicon& lexicon) {
  const auto singular = singular_of(word.text);
  const auto known = lexicon.find(singular);
  // Unless it is the beginning of what is there, only the lexicon keeps its letters.
  if (word.text.starts_with(singular)) {
    return {word.text.substr(0, singular.size()), known, PieceOrigin::of_table, 0};
  }
  return known == 0 ? Piece{word.text, word.word, PieceOrigin::of_table, 0}
                    : Piece{lexicon.text(known), known, PieceOrigin::of_table, 0};
}

struct Solution {
  std::span<const Piece> words;
  std::string_view end;
};

std::optional<Solution> solve(std::string_view riddle, std::span<const Piece> table,
                              const Lexicon& lexicon) {
  const auto stem = stem_hash(riddle);
  if (std::any_of(table.begin(), table.end(),
                  [&](const Piece& word) { return stem_hash(word.text) == stem; })) {
    return std::nullopt;
  }
  const auto cut = [&](bool beginnings) -> std::optional<Solution> {
    for (std::size_t at = fewest_letters; at + shortest_end <= riddle.size(); ++at) {
      if (const auto end = riddle.substr(at); may_end(end, lexicon)) {
        const auto words = left_of(riddle.substr(0, at), table, beginnings, lexicon);
        if (!words.empty()) {
          return Solution{words, end};
        }
      }
    }
    return std::nullopt;
  };
  if (const auto found = cut(true)) {
    return found;
  }
  if (const auto words = left_of(riddle, table, false, lexicon);
      riddle.size() >= fewest_letters_alone && !words.empty()) {
    return Solution{words, {}};
  }
  return cut(false);
}

}  // namespace

void read_by_table(const NameReading& table, std::span<NameReading> columns,
                   const Tokenizer& tokenizer) {
  if (table.expanded.empty()) {
    return;
  }
  const auto& lexicon = tokenizer.lexicon();
  std::vector<Piece> read;
  for (auto& column : columns) {
    if (std::none_of(column.expanded.begin(), column.expanded.end(), is_riddle)) {
      continue;
    }
    read.clear();
    bool solved = false;
    for (const auto& piece : column.expanded) {
      const auto solution =
          is_riddle(piece) ? solve(piece.text, table.expanded, lexicon) : std::nullopt;
      if (!solution) {
        read.push_back(piece);
        continue;
      }
      solved = true;
      for (const auto& word : solution->words) {
        read.push_back(of_table(word, lexicon));
      }
      if (!solution->end.empty()) {
        tokenizer.expand({solution->end, lexicon.find(solution->end), PieceOrigin::segmented, 0},
                         read);
      }
    }
    if (solved) {
      column.expanded.swap(read);
      tokenizer.join_phrases(column);
    }
  }
  if (columns.size() == columns_of_one_thing) {
    for (auto& column : columns) {
      if (is_thing_of(table.expanded, column, lexicon)) {
        column.expanded.pop_back();
        for (std::size_t at = 0; at < table.expanded.size(); ++at) {
          column.expanded[at] = of_table(table.expanded[at], lexicon);
        }
        tokenizer.join_phrases(column);
      }
    }
  }
}

void read_phrases_with_table(const NameReading& table, std::span<NameReading> columns,
                             const Lexicon& lexicon) {
  if (table.expanded.empty()) {
    return;
  }
  const std::string begin = singular_of(table.expanded.back().text);
  const auto word = lexicon.find(begin);
  if (word == 0 || !lexicon.starts_phrase(word)) {
    return;
  }
  std::string phrase;
  for (auto& column : columns) {
    if (!column.phrases.empty() || column.expanded.empty()) {
      continue;
    }
    phrase = begin;
    for (const auto& piece : column.expanded) {
      phrase += ' ';
      phrase += piece.text;
    }
    const auto known = lexicon.find(phrase);
    if (known == 0 || lexicon.groups(known).empty()) {
      continue;
    }
    const auto role = role_of(column, lexicon);
    if (role != NameRole::name && role != NameRole::identifier) {
      column.phrases.push_back({lexicon.text(known), known, PieceOrigin::phrase, 0});
    }
  }
}

}  // namespace mapctl::matching
