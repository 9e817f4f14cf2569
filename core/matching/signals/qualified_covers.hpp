// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"
#include "core/matching/signals/similarity.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace mapctl::matching {

// Words of column and table together; those of the table count half.
struct QualifiedCover {
  Cover all{};      // of all words of both sides
  float names = 0;  // of the two columns' words only, the less covered of the two
};

// Each of `best` becomes the greater of itself and of its counterpart in `others`.
void take_greater(std::span<std::uint8_t> best, const std::uint8_t* others) noexcept;

// The same for the columns of two sides. What depends on a column and the other's table only is
// found once. For one thread; the sides and similarities must outlive it.
class QualifiedCovers {
 public:
  QualifiedCovers(const Side& source, const Side& target, const TermSimilarities& similarities);
  // `best_of_left`: of each word of the target its best similarity, as meant, to a word of `left`.
  QualifiedCover operator()(const ColumnFeatures& left, const ColumnFeatures& right,
                            std::span<const std::uint8_t> best_of_left);
  // By known phrases, where a column has any.
  QualifiedCover of_phrases(const ColumnFeatures& left, const ColumnFeatures& right,
                            std::span<const std::uint8_t> best_of_left) const;
  // Both are one known phrase, and one of the two makes it with its table.
  bool are_same_phrase(const ColumnFeatures& left, const ColumnFeatures& right) const noexcept;

 private:
  // A column's words, or its phrases.
  struct Name {
    const TermRange& words;
    std::uint32_t table;
  };
  struct TableSums {
    float left = 0, right = 0;
  };
  float words_of_left_table(const Name& left, const Name& right) const;
  float words_of_right_table(const Name& left, const Name& right) const;
  QualifiedCover cover(const Name& left, const Name& right, const TableSums& of_tables,
                       std::span<const std::uint8_t> best_of_left) const;

  const Side& source_;
  const Side& target_;
  const TermSimilarities& similarities_;
  // Of each word the best similarity to a word of a table's name, by table.
  std::vector<std::uint8_t> to_right_table_, to_left_table_;
  // Sums over the words of a table's name, by that table and the other side's column; negative
  // while not known.
  std::vector<float> left_table_sums_, right_table_sums_;
};

}  // namespace mapctl::matching
