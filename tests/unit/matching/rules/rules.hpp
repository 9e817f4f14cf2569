// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/profiler.hpp"
#include "core/matching/matcher.hpp"
#include "tests/unit/matching/samples.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Rules that are proposed for two tables, in words.
namespace mapctl::test {

struct Rules {
  mapping::PairProposal pair{};

  const mapping::Candidate* find(std::string_view source, std::string_view target) const {
    for (const auto& field : pair.fields) {
      for (const std::size_t at : field.decision) {
        if (field.source_column.text == source &&
            field.candidates[at].target_column.text == target) {
          return &field.candidates[at];
        }
      }
    }
    return nullptr;
  }
  // "nothing" where the source does not feed the target.
  std::string between(std::string_view source, std::string_view target) const {
    const auto* found = find(source, target);
    return found == nullptr ? "nothing" : mapping::describe(found->transformation);
  }
  // All warnings and what the evidence of rules says.
  std::string said_of(std::string_view source, std::string_view target) const {
    std::string text;
    if (const auto* found = find(source, target)) {
      for (const auto& warning : found->warnings) {
        text += warning + "\n";
      }
      for (const auto& evidence : found->evidence) {
        text += evidence.detail + "\n";
      }
    }
    return text;
  }
  bool says(std::string_view source, std::string_view target, std::string_view part) const {
    return said_of(source, target).find(part) != std::string::npos;
  }
};

inline Rules rules_of(catalog::Table source, catalog::Table target) {
  const auto from = source.name.text;
  const auto to = target.name.text;
  const auto left = matching::prepare(catalog_of({std::move(source)}), *shipped_lexicon());
  const auto right = matching::prepare(catalog_of({std::move(target)}), *shipped_lexicon());
  return {matching::Matcher{shipped_knowledge(), {}}.match(*left, ref(from), *right, ref(to), {})};
}

// As discovery leaves the table's personal columns.
inline catalog::Table masked(catalog::Table table) {
  for (auto& item : table.columns) {
    catalog::protect_personal_data(item, table.name);
  }
  return table;
}

// "1" to `count`.
inline std::vector<std::string> row_numbers(int count) {
  std::vector<std::string> numbers;
  for (int number = 1; number <= count; ++number) {
    numbers.push_back(std::to_string(number));
  }
  return numbers;
}

// The values again and again, `count` in all.
inline std::vector<std::string> again(const std::vector<std::string>& values, int count) {
  std::vector<std::string> result;
  for (int number = 0; number < count; ++number) {
    result.push_back(values[static_cast<std::size_t>(number) % values.size()]);
  }
  return result;
}

}  // namespace mapctl::test
