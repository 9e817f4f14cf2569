// SPDX-License-Identifier: Apache-2.0
#include "core/matching/values/masked_codes.hpp"

#include "core/base/text.hpp"
#include "core/matching/values/vocabularies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::matching {
namespace {

using catalog::Column;
using mapping::TransformationKind;
using CodeWords = std::vector<std::string>;

// The words of the vocabulary that the column has; nothing unless these are all its values.
CodeWords words_in(const Column& column, const Vocabulary& vocabulary) {
  CodeWords words;
  const auto& statistics = *column.statistics;
  if (column.personal) {
    for (const auto& [hash, word] : hashed_words(vocabulary)) {
      if (catalog::holds_value(statistics, hash).value_or(false)) {
        words.emplace_back(word);
      }
    }
  } else {
    for (const auto& value : statistics.frequent) {
      if (auto word = folded_code(value.text); meaning_of(vocabulary, word) != 0) {
        words.push_back(std::move(word));
      }
    }
  }
  return static_cast<std::int64_t>(words.size()) == statistics.distinct ? words : CodeWords{};
}

bool has_same_values(const Column& from, const Column& to) noexcept {
  const auto& hashes = from.statistics->sketch;
  return !hashes.empty() && to.statistics &&
         std::all_of(hashes.begin(), hashes.end(), [&](std::uint64_t hash) {
           return catalog::holds_value(*to.statistics, hash).value_or(false);
         });
}

// As a value may be spelled whose letters are known: "male", "Male" and "MALE".
std::vector<std::string> spellings_of(const std::string& word) {
  std::vector<std::string> spellings{word};
  std::string title = word;
  title.front() = to_upper(title.substr(0, 1)).front();
  for (std::string other : {std::move(title), to_upper(word)}) {
    if (std::find(spellings.begin(), spellings.end(), other) == spellings.end()) {
      spellings.push_back(std::move(other));
    }
  }
  return spellings;
}

// The declared codes that mean the same as the words, in the words' order; empty texts where there
// is none.
CodeWords declared_codes(const CodeWords& words, const Column& to, const Vocabulary& vocabulary) {
  CodeWords codes;
  for (const auto& word : words) {
    const std::size_t meaning = meaning_of(vocabulary, word);
    const auto code =
        std::find_if(to.allowed_values.begin(), to.allowed_values.end(), [&](const auto& allowed) {
          return meaning_of(vocabulary, folded_code(allowed)) == meaning;
        });
    codes.push_back(code == to.allowed_values.end() ? std::string{} : *code);
  }
  return codes;
}

std::string masked_side(const Column& from, const Column& to) {
  const auto& personal = from.personal ? from.personal : to.personal;
  return fmt::format("the {} values are masked ({})", from.personal ? "source's" : "target's",
                     personal->kind);
}

void add_map(const CodeWords& words, const CodeWords& codes, mapping::Candidate& candidate) {
  mapping::TransformationStep step{TransformationKind::code_map, {}};
  std::size_t mapped = 0;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (codes[at].empty()) {
      continue;
    }
    ++mapped;
    for (auto& spelling : spellings_of(words[at])) {
      step.arguments.emplace_back(std::move(spelling), codes[at]);
    }
  }
  std::sort(step.arguments.begin(), step.arguments.end());
  auto& steps = candidate.transformation.steps;
  steps.insert(steps.begin(), std::move(step));
  candidate.mapping_type = mapping::mapping_type_of(candidate.transformation);
  const double share = static_cast<double>(mapped) / static_cast<double>(words.size());
  candidate.evidence.push_back(
      {"code_map", share, 0.0,
       fmt::format("{} of {} values have a code; they are masked, their hashes are those of '{}' "
                   "and the map has all spellings",
                   mapped, words.size(), join(words, "', '"))});
}

}  // namespace

void map_masked_codes(const Column& from, const Column& to, mapping::Candidate& candidate) {
  const bool has_map =
      std::any_of(candidate.transformation.steps.begin(), candidate.transformation.steps.end(),
                  [](const auto& step) { return step.kind == TransformationKind::code_map; });
  // Of names and the like that come again nobody expects a map.
  const auto is_code = [](const Column& column) {
    return column.personal &&
           (column.personal->kind == "gender" || column.personal->kind == "sensitive");
  };
  if (has_map || (!is_code(from) && !is_code(to)) || !from.statistics ||
      has_same_values(from, to) ||
      (to.allowed_values.empty() && (!to.statistics || to.statistics->distinct < 2))) {
    return;
  }
  for (const Vocabulary& vocabulary : all_vocabularies()) {
    const CodeWords words = words_in(from, vocabulary);
    if (words.size() < 2) {
      continue;
    }
    if (!to.allowed_values.empty()) {
      const CodeWords codes = declared_codes(words, to, vocabulary);
      if (std::none_of(codes.begin(), codes.end(), [](const auto& code) { return code.empty(); })) {
        add_map(words, codes, candidate);
        return;
      }
    } else if (const CodeWords others = words_in(to, vocabulary); others.size() > 1) {
      std::string pairs;
      for (const auto& word : words) {
        for (const auto& other : others) {
          if (word != other && meaning_of(vocabulary, word) == meaning_of(vocabulary, other)) {
            pairs += fmt::format("{}'{}' to '{}'", pairs.empty() ? "" : ", ", word, other);
          }
        }
      }
      if (!pairs.empty()) {
        candidate.warnings.push_back(
            fmt::format("{}: no code map is proposed, as their spelling is not known; by their "
                        "hashes it would take {}",
                        masked_side(from, to), pairs));
        return;
      }
    }
  }
  const bool is_gender = (from.personal ? from.personal : to.personal)->kind == "gender";
  const auto has_number = [&](std::string_view number) {
    return catalog::holds_value(*from.statistics, catalog::value_hash(number)).value_or(false);
  };
  candidate.warnings.push_back(fmt::format(
      "{}: no code map is proposed, and the values are not all the same on both sides{}",
      masked_side(from, to),
      is_gender && has_number("1") && has_number("2")
          ? "; ISO 5218 has 1 for male and 2 for female, which is to be confirmed"
          : ""));
}

}  // namespace mapctl::matching
