// SPDX-License-Identifier: Apache-2.0
#include "core/matching/signals/contrasts.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

namespace mapctl::matching {
namespace {

// Of 255: what two words share that may mean the same.
constexpr std::uint8_t least_of_counterpart = 128;

bool is_on(const ContrastSide& side, const Side& names, const TermRange& range) noexcept {
  const auto words = names.list(range);
  return std::any_of(words.begin(), words.end(), [&](std::uint32_t word) {
    const auto sides = names.terms[word].contrasts;
    return std::any_of(sides.begin(), sides.end(), [&](const ContrastSide& one) {
      return one.contrast == side.contrast && one.side == side.side;
    });
  });
}

template <class Counts>
std::optional<OpposedWords> find_opposed(const Side& source, const TermRange& left,
                                         const Side& target, const TermRange& right,
                                         Counts counts) noexcept {
  for (const auto number : source.list(left)) {
    const Term& ours = source.terms[number];
    for (const ContrastSide& here : ours.contrasts) {
      for (const auto other : target.list(right)) {
        const Term& theirs = target.terms[other];
        const auto there =
            std::find_if(theirs.contrasts.begin(), theirs.contrasts.end(),
                         [&](const ContrastSide& one) { return one.contrast == here.contrast; });
        if (there != theirs.contrasts.end() && there->side != here.side &&
            !is_on(*there, source, left) && !is_on(here, target, right) &&
            counts(here, ours, theirs)) {
          return OpposedWords{ours.text, theirs.text};
        }
      }
    }
  }
  return std::nullopt;
}

bool names_table(const Side& side, const ColumnFeatures& column, const Term& word) noexcept {
  const auto words = side.list(side.tables[column.table].name);
  return std::any_of(words.begin(), words.end(),
                     [&](std::uint32_t one) { return side.terms[one].hash == word.hash; });
}

struct LeftOver {
  float weight = 0;
  std::string_view heaviest{};
};

// `alike` tells how near a word is to one of the other side, of 255.
template <class Alike>
LeftOver left_over(const Side& side, const ColumnFeatures& column, const Side& others,
                   const ColumnFeatures& other, Alike alike) noexcept {
  const auto words = others.list(other.expanded);
  const auto of_table = others.list(others.tables[other.table].name);
  LeftOver found;
  float most = 0;
  for (const auto number : side.list(column.expanded)) {
    const Term& term = side.terms[number];
    const auto has_counterpart = [&](std::uint32_t one) {
      return alike(number, one) >= least_of_counterpart;
    };
    if (term.number || term.word == 0 || std::any_of(words.begin(), words.end(), has_counterpart) ||
        std::any_of(of_table.begin(), of_table.end(), has_counterpart) ||
        names_table(side, column, term)) {
      continue;
    }
    found.weight += term.weight;
    if (term.weight > most) {
      most = term.weight;
      found.heaviest = term.text;
    }
  }
  return found;
}

}  // namespace

std::optional<OpposedWords> find_opposed(const Side& source, const ColumnFeatures& left,
                                         const Side& target, const ColumnFeatures& right) noexcept {
  if ((left.contrast_bits & right.contrast_bits) == 0) {
    return std::nullopt;
  }
  return find_opposed(source, left.expanded, target, right.expanded,
                      [&](const ContrastSide& side, const Term& ours, const Term& theirs) {
                        return !side.of_tables && !(names_table(source, left, ours) &&
                                                    names_table(target, right, theirs));
                      });
}

std::optional<OpposedWords> find_opposed(const Side& source, const TableFeatures& left,
                                         const Side& target, const TableFeatures& right) noexcept {
  return find_opposed(
      source, left.name, target, right.name,
      [](const ContrastSide& side, const Term&, const Term&) { return side.of_tables; });
}

WordsApart find_words_apart(const Side& source, const ColumnFeatures& left, const Side& target,
                            const ColumnFeatures& right,
                            const TermSimilarities& similarities) noexcept {
  if (left.expanded.weight <= 0 || right.expanded.weight <= 0) {
    return {};
  }
  const auto ours = left_over(source, left, target, right, [&](std::uint32_t a, std::uint32_t b) {
    return similarities.meant(a)[b];
  });
  if (ours.weight <= 0) {
    return {};
  }
  const auto theirs = left_over(target, right, source, left, [&](std::uint32_t b, std::uint32_t a) {
    return similarities.meant(a)[b];
  });
  if (theirs.weight <= 0) {
    return {};
  }
  return {std::min(ours.weight / left.expanded.weight, theirs.weight / right.expanded.weight),
          ours.heaviest, theirs.heaviest};
}

}  // namespace mapctl::matching
