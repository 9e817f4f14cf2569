// SPDX-License-Identifier: Apache-2.0
#include "core/matching/rules/multiples.hpp"

#include "core/matching/rules/composite.hpp"
#include "core/matching/words/spelling_list.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace mapctl::matching {
namespace {

struct Multiple {
  std::string_view spelling;
  double worth;
  std::string_view name;
};

// Sorted by spelling.
constexpr std::array multiples{
    Multiple{"000", 1e3, "thousands"},      Multiple{"billion", 1e9, "billions"},
    Multiple{"billions", 1e9, "billions"},  Multiple{"bn", 1e9, "billions"},
    Multiple{"k", 1e3, "thousands"},        Multiple{"mill", 1e6, "millions"},
    Multiple{"million", 1e6, "millions"},   Multiple{"millions", 1e6, "millions"},
    Multiple{"mio", 1e6, "millions"},       Multiple{"mln", 1e6, "millions"},
    Multiple{"mn", 1e6, "millions"},        Multiple{"mrd", 1e9, "billions"},
    Multiple{"thousand", 1e3, "thousands"}, Multiple{"thousands", 1e3, "thousands"},
    Multiple{"thsd", 1e3, "thousands"},     Multiple{"tsd", 1e3, "thousands"},
};
constexpr SpellingList multiples_by_spelling{multiples, &Multiple::spelling};

constexpr std::string_view thousand = "thousands";

std::optional<Unit> multiple_unit(double worth, std::string_view name) noexcept {
  return Unit{Dimension::count, worth, name, false};
}

// The "s" of "(000s)" and the currency of "price_k_eur" left out.
std::span<const std::uint32_t> words_of(const Side& side, const ColumnFeatures& column) noexcept {
  auto terms = side.list(column.raw);
  if (terms.size() > 2 && is_currency_in_names(side.terms[terms.back()].text) &&
      multiples_by_spelling.find(side.terms[terms[terms.size() - 2]].text) != nullptr) {
    terms = terms.first(terms.size() - 1);
  }
  const auto count = terms.size();
  const bool plural = count > 2 && side.terms[terms[count - 1]].text == "s" &&
                      side.terms[terms[count - 2]].text == "000";
  return plural ? terms.first(count - 1) : terms;
}

std::string_view last_word(const Side& side, const ColumnFeatures& column) noexcept {
  const auto terms = words_of(side, column);
  return terms.size() < 2 ? std::string_view{} : side.terms[terms.back()].text;
}

// The words before the multiple and the currency, "in" left out.
std::span<const std::uint32_t> counted(const Side& side, const ColumnFeatures& column) noexcept {
  auto terms = words_of(side, column);
  if (multiple_of(side, column)) {
    terms = terms.first(terms.size() - 1);
    if (terms.size() > 1 && side.terms[terms.back()].text == "in") {
      terms = terms.first(terms.size() - 1);
    }
  }
  if (terms.size() > 1 && is_currency_in_names(side.terms[terms.back()].text)) {
    terms = terms.first(terms.size() - 1);
  }
  return terms;
}

}  // namespace

std::optional<Unit> multiple_of(const Side& side, const ColumnFeatures& column) noexcept {
  const std::string_view word = last_word(side, column);
  if (const auto* known = multiples_by_spelling.find(word)) {
    return multiple_unit(known->worth, known->name);
  }
  // "teur", "kusd" and "meur".
  if (word.size() == 4 && is_currency_in_names(word.substr(1))) {
    if (word.front() == 't' || word.front() == 'k') {
      return multiple_unit(1e3, thousand);
    }
    if (word.front() == 'm') {
      return multiple_unit(1e6, "millions");
    }
  }
  return std::nullopt;
}

bool is_letter_multiple(const Side& side, const ColumnFeatures& column) noexcept {
  return last_word(side, column).size() == 1;
}

bool same_but_multiple(const Side& source, const ColumnFeatures& from, const Side& target,
                       const ColumnFeatures& to) noexcept {
  const auto left = counted(source, from);
  const auto right = counted(target, to);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](std::uint32_t a, std::uint32_t b) {
                      return source.terms[a].hash == target.terms[b].hash;
                    });
}

bool same_head_but_multiple(const Side& source, const ColumnFeatures& from, const Side& target,
                            const ColumnFeatures& to) noexcept {
  const auto left = counted(source, from);
  const auto right = counted(target, to);
  return !left.empty() && !right.empty() &&
         source.terms[left.back()].hash == target.terms[right.back()].hash;
}

}  // namespace mapctl::matching
