// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/letter_prefix.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::matching {
namespace {

constexpr std::size_t fewest_columns = 5;
constexpr std::size_t longest_prefix = 5;
// Columns that were added later may lack the prefix.
constexpr double share_of_columns = 0.8;
// Of one letter there are only so many.
constexpr double share_of_one_letter = 1.0;
// Of what the table is called, too.
constexpr double share_of_table_name = 0.5;
// How many of the names must be read by the cut, and how many more than without.
constexpr double share_read = 0.5;
constexpr double share_gained = 0.3;
constexpr std::size_t fewest_letters_left = 2;
constexpr std::size_t shortest_word = 3;

bool is_small_letter(char c) noexcept {
  return c >= 'a' && c <= 'z';
}

// The letters that a name begins with, up to the first sign, hump or digit.
std::string_view first_letters(const NameReading& column) noexcept {
  return !column.raw.empty() && is_small_letter(column.raw.front().text.front())
             ? column.raw.front().text
             : std::string_view{};
}

bool has_prefix(const NameReading& column, std::string_view prefix) noexcept {
  const auto letters = first_letters(column);
  return letters.starts_with(prefix) && letters.size() >= prefix.size() + fewest_letters_left;
}

bool is_read(std::string_view letters, const Tokenizer& tokenizer) {
  const auto& lexicon = tokenizer.lexicon();
  const auto word = lexicon.find(letters);
  if (word != 0 && (lexicon.is_word(word) || lexicon.expansion_count(word) > 0 ||
                    !lexicon.translation(word).empty())) {
    return true;
  }
  std::vector<Piece> pieces;
  tokenizer.expand({letters, word, PieceOrigin::written, 0}, pieces);
  return pieces.size() > 1;
}

// The beginning of that many letters that most names have; empty where too few have it.
std::string_view commonest(std::span<const NameReading> columns, std::size_t length) {
  std::map<std::string_view, std::size_t> counts;
  for (const auto& column : columns) {
    if (const auto letters = first_letters(column); letters.size() >= length) {
      const auto prefix = letters.substr(0, length);
      counts[prefix] += has_prefix(column, prefix) ? 1U : 0U;
    }
  }
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  const double share = length == 1 ? share_of_one_letter : share_of_columns;
  const bool enough = most != counts.end() && static_cast<double>(most->second) >=
                                                  share * static_cast<double>(columns.size());
  return enough ? most->first : std::string_view{};
}

// The table's name, where columns begin with it that nobody could read without knowing.
std::string_view table_prefix(const NameReading& table, std::span<const NameReading> columns,
                              const Tokenizer& tokenizer) {
  const auto prefix = first_letters(table);
  if (table.raw.size() != 1 || prefix.size() < 2 || prefix.size() > longest_prefix) {
    return {};
  }
  std::size_t having = 0;
  std::size_t read = 0;
  for (const auto& column : columns) {
    if (has_prefix(column, prefix)) {
      ++having;
      read += is_read(first_letters(column), tokenizer) ? 1U : 0U;
    }
  }
  const auto most_read = static_cast<double>(having) * share_gained;
  return static_cast<double>(having) >= share_of_table_name * static_cast<double>(columns.size()) &&
                 static_cast<double>(read) <= most_read
             ? prefix
             : std::string_view{};
}

// Whether enough names begin with one letter to look any closer.
bool may_share_prefix(std::span<const NameReading> columns) {
  std::array<std::size_t, 26> counts{};
  for (const auto& column : columns) {
    if (const auto letters = first_letters(column); !letters.empty()) {
      ++counts[static_cast<std::size_t>(letters.front() - 'a')];
    }
  }
  return static_cast<double>(*std::max_element(counts.begin(), counts.end())) >=
         share_of_columns * static_cast<double>(columns.size());
}

std::string find_prefix(std::span<const NameReading> columns, const Tokenizer& tokenizer) {
  const auto count_read = [&](std::size_t skipped, std::string_view prefix) {
    return std::count_if(columns.begin(), columns.end(), [&](const NameReading& column) {
      return has_prefix(column, prefix) &&
             is_read(first_letters(column).substr(skipped), tokenizer);
    });
  };
  const auto columns_count = static_cast<double>(columns.size());
  std::string best;
  std::ptrdiff_t most_read = 0;
  for (std::size_t length = 1; length <= longest_prefix; ++length) {
    const auto prefix = commonest(columns, length);
    if (prefix.empty()) {
      continue;
    }
    const auto read = count_read(length, prefix);
    const auto gained = read - count_read(0, prefix);
    if (read >= most_read && static_cast<double>(read) >= share_read * columns_count &&
        static_cast<double>(gained) >= share_gained * columns_count) {
      best = prefix;
      most_read = read;
    }
  }
  return best;
}

}  // namespace

void part_letter_prefix(const NameReading& table, std::span<NameReading> columns,
                        const Tokenizer& tokenizer) {
  if (columns.size() < fewest_columns) {
    return;
  }
  std::string prefix{table_prefix(table, columns, tokenizer)};
  if (prefix.empty() && may_share_prefix(columns)) {
    prefix = find_prefix(columns, tokenizer);
  }
  if (prefix.empty()) {
    return;
  }
  const auto known = tokenizer.lexicon().find(prefix);
  const bool is_word = known != 0 && prefix.size() >= shortest_word;
  std::string parted;
  std::vector<Piece> cut;
  for (auto& column : columns) {
    if (!has_prefix(column, prefix)) {
      continue;
    }
    parted = prefix;
    parted += '_';
    parted += first_letters(column).substr(prefix.size());
    for (std::size_t at = 1; at < column.raw.size(); ++at) {
      parted += '_';
      parted += column.raw[at].text;
    }
    tokenizer.read(parted, column, true);
    if (is_word) {
      continue;
    }
    cut.clear();
    tokenizer.expand(column.raw.front(), cut);
    if (column.expanded.size() > cut.size()) {
      column.expanded.erase(column.expanded.begin(),
                            column.expanded.begin() + static_cast<std::ptrdiff_t>(cut.size()));
      tokenizer.join_phrases(column);
    }
  }
}

}  // namespace mapctl::matching
