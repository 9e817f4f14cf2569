// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"
#include "core/matching/signals/similarity.hpp"

#include <optional>
#include <string_view>

namespace mapctl::matching {

struct OpposedWords {
  std::string_view left{}, right{};
};

// Words of the two names that exclude each other, "start" and "end", where neither name has both
// sides of the contrast, and they are not what the two tables are called.
std::optional<OpposedWords> find_opposed(const Side& source, const ColumnFeatures& left,
                                         const Side& target, const ColumnFeatures& right) noexcept;

// Of what two tables are called, where the contrast is one of tables: "Invoice" and "Employees".
std::optional<OpposedWords> find_opposed(const Side& source, const TableFeatures& left,
                                         const Side& target, const TableFeatures& right) noexcept;

// A word of each name that the other has no counterpart for, and how much of the names such words
// are: the lesser share of the two, 0 .. 1. Words that the lexicon does not know may mean anything,
// and those of the tables' names say nothing new. Symmetric.
struct WordsApart {
  float share = 0;
  std::string_view left{}, right{};
};
WordsApart find_words_apart(const Side& source, const ColumnFeatures& left, const Side& target,
                            const ColumnFeatures& right,
                            const TermSimilarities& similarities) noexcept;

}  // namespace mapctl::matching
