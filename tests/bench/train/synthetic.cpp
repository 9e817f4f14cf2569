// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/train/synthetic.hpp"

#include "core/base/csv.hpp"
#include "core/base/file.hpp"
#include "core/catalog/types.hpp"
#include "core/matching/words/lexicon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::bench {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

// Only what the standard defines to the bit, so that every library draws alike.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_{seed} {}
  std::size_t below(std::size_t count) { return random_() % count; }
  bool chance(double share) { return random_() < share * 4294967296.0; }
  double between(double least, double most) {
    return least + (most - least) * (random_() / 4294967296.0);
  }
  template <class List>
  const auto& one_of(const List& list) {
    return *(std::begin(list) + static_cast<std::ptrdiff_t>(below(std::size(list))));
  }
  double one_of(std::initializer_list<double> list) { return list.begin()[below(list.size())]; }
  template <class List>
  void shuffle(List& list) {
    for (std::size_t at = list.size(); at > 1; --at) {
      std::swap(list[at - 1], list[below(at)]);
    }
  }

 private:
  std::mt19937 random_;
};

// What else a word may be written as.
struct OtherWords {
  std::map<std::string, Words, std::less<>> abbreviations{}, synonyms{};

  explicit OtherWords(const matching::Lexicon& lexicon) {
    constexpr float interchangeable = 0.8F;
    std::map<std::uint32_t, Words> groups;
    for (matching::WordId word = 1; word <= lexicon.size(); ++word) {
      const std::string text{lexicon.text(word)};
      if (text.find(' ') != std::string::npos) {
        continue;
      }
      for (std::size_t at = 0; at < lexicon.expansion_count(word); ++at) {
        if (const auto meant = lexicon.expansion(word, at); meant.size() == 1) {
          abbreviations[std::string{lexicon.text(meant[0])}].push_back(text);
        }
      }
      for (const auto& [group, weight] : lexicon.groups(word)) {
        if (weight >= interchangeable) {
          groups[group].push_back(text);
        }
      }
    }
    for (const auto& [group, members] : groups) {
      for (const auto& one : members) {
        std::copy_if(members.begin(), members.end(), std::back_inserter(synonyms[one]),
                     [&](const std::string& other) { return other != one; });
      }
    }
  }
};

std::string capitalised(std::string word) {
  word.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(word.front())));
  return word;
}

std::string without_vowels(const std::string& word) {
  constexpr std::size_t least = 4;
  if (word.size() < least) {
    return word;
  }
  std::string kept{word.front()};
  std::copy_if(word.begin() + 1, word.end(), std::back_inserter(kept), [](char letter) {
    return std::string_view{"aeiou"}.find(letter) == std::string_view::npos;
  });
  return kept;
}

// How the people of one system name things. Shares of words.
struct Habits {
  enum class Case { snake, camel, pascal, flat, upper };
  Case letter_case = Case::snake;
  double abbreviated = 0, replaced = 0, without_vowels = 0, cut = 0;
  bool prefixed = false;

  // `freedom` 0..1: how far from plain words.
  Habits(Dice& dice, double freedom)
      : letter_case{dice.one_of(std::array{Case::snake, Case::snake, Case::camel, Case::pascal,
                                           Case::flat, Case::upper})},
        abbreviated{freedom * dice.one_of({0, 0.3, 0.6})},
        replaced{freedom * dice.one_of({0, 0.2, 0.4})},
        without_vowels{freedom * dice.one_of({0, 0, 0.8})},
        cut{freedom * dice.one_of({0, 0, 0.3})},
        prefixed{dice.chance(1.0 / 3)} {}

  std::string word(const std::string& plain, const OtherWords& others, Dice& dice) const {
    const double choice = dice.between(0, 1);
    const auto from = [&](const auto& list) -> const std::string* {
      const auto found = list.find(plain);
      return found == list.end() || found->second.empty() ? nullptr : &dice.one_of(found->second);
    };
    const std::string* other = nullptr;
    if (choice < abbreviated) {
      other = from(others.abbreviations);
    } else if (choice < abbreviated + replaced) {
      other = from(others.synonyms);
    }
    if (other != nullptr) {
      return *other;
    }
    if (dice.chance(without_vowels)) {
      return bench::without_vowels(plain);
    }
    constexpr std::size_t least = 5;
    return plain.size() >= least && dice.chance(cut) ? plain.substr(0, 3 + dice.below(2)) : plain;
  }

  std::string name(std::string_view plain, std::string_view prefix, const OtherWords& others,
                   Dice& dice) const {
    Words words;
    if (!prefix.empty()) {
      words.emplace_back(prefix);
    }
    while (!plain.empty()) {
      const auto part = plain.substr(0, plain.find('_'));
      plain.remove_prefix(std::min(part.size() + 1, plain.size()));
      if (!part.empty()) {
        words.push_back(word(std::string{part}, others, dice));
      }
    }
    std::string name;
    for (auto& one : words) {
      const bool first = name.empty();
      const bool joined = letter_case != Case::snake && letter_case != Case::upper;
      name += first || joined ? "" : "_";
      const bool capital = letter_case == Case::pascal || (letter_case == Case::camel && !first);
      name += capital ? capitalised(std::move(one)) : one;
    }
    if (letter_case == Case::upper) {
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    }
    return name;
  }
};

struct Made {
  std::string table{}, column{}, type{}, description{};
  const catalog::Column* of = nullptr;
};

std::string type_of(const catalog::Column& column, Dice& dice) {
  using Spellings = std::vector<std::string_view>;
  static const std::map<catalog::LogicalType, Spellings> spellings{
      {catalog::LogicalType::string, {"varchar(50)", "text", "nvarchar(100)", "char(20)"}},
      {catalog::LogicalType::integer, {"int", "bigint", "number(10)"}},
      {catalog::LogicalType::decimal, {"decimal(18,2)", "numeric", "float"}},
      {catalog::LogicalType::date, {"date"}},
      {catalog::LogicalType::timestamp, {"timestamp", "datetime"}},
      {catalog::LogicalType::boolean, {"boolean", "bit", "char(1)"}}};
  const auto found = spellings.find(column.type.logical);
  return std::string{found == spellings.end() ? "text" : dice.one_of(found->second)};
}

// Some words of the description, from its first third on.
std::string part_of(std::string_view description, Dice& dice) {
  Words words;
  while (!description.empty()) {
    const auto word = description.substr(0, description.find(' '));
    description.remove_prefix(std::min(word.size() + 1, description.size()));
    words.emplace_back(word);
  }
  if (words.empty()) {
    return {};
  }
  const auto from = dice.below(words.size() / 3 + 1);
  const auto to = std::min(words.size(), from + 4 + dice.below(9));
  return fmt::format("{}", fmt::join(words.begin() + static_cast<std::ptrdiff_t>(from),
                                     words.begin() + static_cast<std::ptrdiff_t>(to), " "));
}

struct SideOf {
  double freedom = 1;
  bool typed = false, described = false;
};

std::vector<Made> system_of(const std::vector<const catalog::Table*>& tables, const SideOf& side,
                            const OtherWords& others, Dice& dice) {
  const Habits habits{dice, side.freedom};
  std::vector<Made> columns;
  for (const auto* table : tables) {
    const std::string plain = table->name.text;
    const std::array<std::string, 3> prefixes{plain.substr(0, 3), plain, plain.substr(0, 1)};
    const std::string prefix = habits.prefixed ? dice.one_of(prefixes) : "";
    const bool renamed = tables.size() > 1 || dice.chance(0.7);
    const std::string name = renamed ? habits.name(plain, {}, others, dice) : "export";
    const double kept = dice.between(0.4, 1);
    std::set<std::string> used;
    for (const auto& column : table->columns) {
      if (!dice.chance(kept)) {
        continue;
      }
      Made made;
      made.table = name;
      made.column = habits.name(column.name.text, prefix, others, dice);
      made.type = side.typed ? type_of(column, dice) : "";
      made.description = side.described ? part_of(column.comment, dice) : "";
      made.of = &column;
      if (used.insert(made.column).second) {
        columns.push_back(std::move(made));
      }
    }
  }
  return columns;
}

std::string csv_line(std::initializer_list<std::string_view> fields) {
  std::string line;
  for (const auto field : fields) {
    line += line.empty() ? "" : ",";
    append_csv_field(line, field);
  }
  return line + "\n";
}

void write_task(const fs::path& folder, const std::vector<Made>& sources,
                const std::vector<Made>& targets) {
  fs::create_directories(folder);
  const auto text_of = [](const std::vector<Made>& columns) {
    std::string text = csv_line({"table", "column", "type", "description"});
    for (const auto& made : columns) {
      text += csv_line({made.table, made.column, made.type, made.description});
    }
    return text;
  };
  std::string truth = csv_line({"source_table", "source_column", "target_table", "target_column"});
  for (const auto& from : sources) {
    for (const auto& to : targets) {
      if (from.of == to.of) {
        truth += csv_line({from.table, from.column, to.table, to.column});
      }
    }
  }
  write_file_atomically(folder / "source.csv", text_of(sources));
  write_file_atomically(folder / "target.csv", text_of(targets));
  write_file_atomically(folder / "truth.csv", truth);
}

}  // namespace

void write_synthetic_suite(const fs::path& folder, const catalog::Catalog& catalog,
                           const matching::Lexicon& lexicon, std::size_t tasks) {
  std::vector<const catalog::Table*> tables;
  for (const auto& schema : catalog.schemas) {
    for (const auto& table : schema.tables) {
      tables.push_back(&table);
    }
  }
  const OtherWords others{lexicon};
  constexpr std::array<std::size_t, 5> shared_tables{1, 1, 2, 3, 5};
  constexpr std::array<std::size_t, 4> other_tables{0, 0, 1, 2};
  for (std::size_t task = 0; task < tasks; ++task) {
    Dice dice{static_cast<std::uint32_t>(task + 1)};
    dice.shuffle(tables);
    const auto shared = std::min(dice.one_of(shared_tables), tables.size());
    const bool typed = dice.chance(0.6);
    // Tables that only one side has; two tables alone stay alone.
    auto next = tables.begin() + static_cast<std::ptrdiff_t>(shared);
    const auto with_others = [&](bool any) {
      std::vector<const catalog::Table*> own{tables.begin(),
                                             tables.begin() + static_cast<std::ptrdiff_t>(shared)};
      for (auto more = any ? dice.one_of(other_tables) : 0; more > 0 && next != tables.end();
           --more) {
        own.push_back(*next++);
      }
      return own;
    };
    const auto sources =
        system_of(with_others(shared > 1), {1, typed, dice.chance(0.3)}, others, dice);
    const auto targets = system_of(with_others(true), {0.5, typed, dice.chance(0.4)}, others, dice);
    write_task(folder / fmt::format("task{:03}", task + 1), sources, targets);
  }
}

}  // namespace mapctl::bench
