// SPDX-License-Identifier: Apache-2.0
#include "core/matching/values/value_codes.hpp"

#include "core/base/ascii.hpp"
#include "core/base/text.hpp"
#include "core/catalog/code_lists.hpp"
#include "core/matching/values/vocabularies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>

namespace mapctl::matching {
namespace {

using catalog::Column;

constexpr std::size_t most_codes = 60;
constexpr std::size_t fewest_letters = 3;  // of a word that another may begin with
constexpr double covered_rows = 0.9;       // where the target declares no codes
constexpr std::int64_t longest_code = 3;   // of a text that is shorter than words are
constexpr std::int64_t most_words = 15;    // of a column of codes that no vocabulary knows ...
constexpr std::int64_t rows_a_word = 3;    // ... and rows for each, at least

constexpr double spelled_alike = 1.0;
constexpr double same_meaning = 0.9;
constexpr double begins_alike = 0.8;

struct Code {
  std::string text{}, folded{};
};

bool is_recognised(const Vocabulary& vocabulary, std::span<const Code> codes,
                   std::ptrdiff_t fewest) {
  const auto known = std::count_if(codes.begin(), codes.end(), [&](const Code& code) {
    return meaning_of(vocabulary, code.folded) != 0;
  });
  return known >= fewest &&
         static_cast<double>(known) >= recognised_share * static_cast<double>(codes.size());
}

bool lists_codes(const Column& column) noexcept {
  return column.statistics && !column.personal && !column.statistics->frequent.empty() &&
         column.statistics->distinct <= most_listed;
}

// The codes that the target takes; of a code list those that the vocabulary knows.
std::vector<Code> codes_of(const Column& to) {
  std::vector<Code> codes;
  const auto add = [&](std::string text) {
    std::string folded = folded_code(text);
    codes.push_back({std::move(text), std::move(folded)});
  };
  if (!to.allowed_values.empty()) {
    std::for_each(to.allowed_values.begin(), to.allowed_values.end(), add);
  } else if (!to.code_list.empty()) {
    for (const auto code : catalog::code_list(to.code_list)) {
      add(std::string{code});
    }
  } else if (lists_codes(to)) {
    for (const auto& value : to.statistics->frequent) {
      add(value.text);
    }
  }
  return codes;
}

// A number with more digits is another number, not the same one in full.
bool is_number(std::string_view folded) noexcept {
  return std::all_of(folded.begin(), folded.end(),
                     [](char c) { return is_digit(c) || c == '-' || c == '.'; });
}

bool begin_alike(std::string_view left, std::string_view right) noexcept {
  const auto shorter = left.size() < right.size() ? left : right;
  return shorter.size() >= fewest_letters && !is_number(shorter) && left.starts_with(shorter) &&
         right.starts_with(shorter);
}

// The vocabulary that most of both sides' values are of; null when there is none.
const Vocabulary* shared_vocabulary(std::span<const Code> from, const Column& to,
                                    std::span<const Code> codes) {
  for (const Vocabulary& vocabulary : all_vocabularies()) {
    const bool of_list = (to.code_list == "iso4217" && vocabulary.name == "currency") ||
                         (to.code_list.starts_with("iso3166") && vocabulary.name == "country");
    if (to.code_list.empty()
            ? is_recognised(vocabulary, codes, 2) && is_recognised(vocabulary, from, 2)
            : of_list && is_recognised(vocabulary, from, 1)) {
      return &vocabulary;
    }
  }
  return nullptr;
}

// The code that stands for a word where the vocabulary has one of that length.
std::string code_of_length(const Vocabulary& vocabulary, std::size_t meaning, std::size_t length) {
  for (const std::string_view word : vocabulary_words(vocabulary)) {
    if (word.size() == length && meaning_of(vocabulary, word) == meaning) {
      return to_upper(word);
    }
  }
  return {};
}

// Of a target that tells nothing but its length, the codes of words that are longer.
std::vector<Code> codes_by_length(std::span<const Code> values, const Column& to) {
  const auto length = to.type.length.value_or(0);
  std::vector<Code> codes;
  for (const Vocabulary& vocabulary : all_vocabularies()) {
    const bool fits = (vocabulary.name == "country" && (length == 2 || length == 3)) ||
                      (vocabulary.name == "currency" && length == 3);
    if (!fits || to.type.length_in_bytes || !is_recognised(vocabulary, values, 2)) {
      continue;
    }
    for (const Code& value : values) {
      const std::size_t meaning = meaning_of(vocabulary, value.folded);
      std::string code =
          meaning == 0 ? std::string{}
                       : code_of_length(vocabulary, meaning, static_cast<std::size_t>(length));
      if (!code.empty()) {
        std::string folded = folded_code(code);
        codes.push_back({std::move(code), std::move(folded)});
      }
    }
    break;
  }
  return codes;
}

// A column of few words that come again and again, unlike one of names.
bool repeats_words(const Column& column) noexcept {
  return lists_codes(column) && column.statistics->distinct <= most_words &&
         column.statistics->rows >= rows_a_word * column.statistics->distinct;
}

struct Found {
  const Code* code = nullptr;
  double confidence = 0;
};

Found best_of(const Code& value, std::span<const Code> codes, const Vocabulary* vocabulary,
              bool by_beginning) {
  Found found;
  const auto take = [&](const Code& code, double confidence) {
    if (confidence > found.confidence) {
      found = {&code, confidence};
    }
  };
  const std::size_t meaning = vocabulary == nullptr ? 0 : meaning_of(*vocabulary, value.folded);
  for (const Code& code : codes) {
    if (code.text == value.text) {
      return {&code, spelled_alike};
    }
    if (code.folded == value.folded && !value.folded.empty()) {
      take(code, spelled_alike);
    } else if (meaning != 0 && meaning_of(*vocabulary, code.folded) == meaning) {
      take(code, same_meaning);
    } else if (by_beginning && begin_alike(code.folded, value.folded)) {
      take(code, begins_alike);
    }
  }
  return found;
}

}  // namespace

std::vector<CodeMatch> match_codes(const Column& from, const Column& to) {
  std::vector<CodeMatch> matches;
  if (!from.statistics || from.personal || from.statistics->frequent.empty()) {
    return matches;
  }
  const bool declared = !to.allowed_values.empty();
  if (!declared && !lists_codes(from)) {
    return matches;
  }
  std::vector<Code> values;
  for (const auto& value : from.statistics->frequent) {
    values.push_back({value.text, folded_code(value.text)});
  }
  auto codes = codes_of(to);
  if (codes.empty() && !to.statistics) {
    codes = codes_by_length(values, to);
  }
  if (codes.empty()) {
    return matches;
  }
  const Vocabulary* vocabulary = shared_vocabulary(values, to, codes);
  // Without a vocabulary only words that are spelled alike are the same.
  if (!declared && vocabulary == nullptr &&
      (!to.code_list.empty() || !repeats_words(from) || !repeats_words(to))) {
    return matches;
  }
  bool changed = false;
  std::int64_t covered = 0;
  std::int64_t rows = 0;
  for (std::size_t at = 0; at < values.size(); ++at) {
    const std::int64_t count = from.statistics->frequent[at].count;
    rows += count;
    const Found found = best_of(values[at], codes, vocabulary, declared);
    if (found.code != nullptr && matches.size() < most_codes) {
      changed |= found.code->text != values[at].text;
      covered += count;
      matches.push_back({values[at].text, found.code->text, count, found.confidence});
    }
  }
  // What a list has no code for stands beside the codes, and is told.
  const bool listed = !to.code_list.empty() && vocabulary != nullptr;
  const bool enough =
      declared || static_cast<double>(covered) >=
                      (listed ? recognised_share : covered_rows) * static_cast<double>(rows);
  if (!changed || !enough) {
    matches.clear();
  }
  return matches;
}

bool takes_codes(const Column& to) {
  if (to.type.logical != catalog::LogicalType::string) {
    return false;
  }
  const bool is_short = to.type.length && *to.type.length <= longest_code &&
                        fold(to.name.text).find("initial") == std::string::npos;
  return !to.allowed_values.empty() || !to.code_list.empty() || is_short;
}

std::vector<CodeMatch> match_booleans(const Column& from) {
  Column words;
  words.allowed_values = {"true", "false"};
  return match_codes(from, words);
}

double covered_share(const Column& from, const std::vector<CodeMatch>& matches) noexcept {
  std::int64_t rows = 0;
  std::int64_t covered = 0;
  if (from.statistics) {
    for (const auto& value : from.statistics->frequent) {
      rows += value.count;
    }
  }
  for (const CodeMatch& match : matches) {
    covered += match.count;
  }
  return rows == 0 ? 0.0 : static_cast<double>(covered) / static_cast<double>(rows);
}

mapping::Evidence code_evidence(const Column& from, const mapping::TransformationStep& codes) {
  std::int64_t rows = 0;
  std::int64_t covered = 0;
  std::size_t values = 0;
  std::string examples;
  for (const auto& value : from.statistics->frequent) {
    rows += value.count;
    const std::string_view code = codes.argument(value.text);
    if (code.empty()) {
      continue;
    }
    covered += value.count;
    if (++values <= 3) {
      examples += fmt::format("{}'{}' to '{}' in {} rows", values == 1 ? ": " : ", ", value.text,
                              code, value.count);
    }
  }
  const double share = rows == 0 ? 0.0 : static_cast<double>(covered) / static_cast<double>(rows);
  return {"code_map", share, 0.0,
          fmt::format("{} of {} values, {:.0f} % of the rows, have a code{}", values,
                      from.statistics->frequent.size(), std::floor(share * 100), examples)};
}

}  // namespace mapctl::matching
