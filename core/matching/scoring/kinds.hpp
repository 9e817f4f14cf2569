// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace mapctl::matching {

// Adds to rough scores how far the types of two columns and the roles of their names agree. A side
// has few kinds of columns, a type and a role each: a source column is compared with each of them,
// not with each column. One thread.
class KindsOfColumns {
 public:
  explicit KindsOfColumns(const Side& target);
  // `rough`: by target column.
  void add_agreement(const ColumnFeatures& column, std::span<float> rough);

 private:
  struct Kind {
    TypeClass type;
    NameRole role;
  };
  std::vector<Kind> kinds_;               // of the target
  std::vector<std::uint16_t> of_column_;  // index of its kind, by target column
  std::vector<float> agreement_;          // of one source column, by kind
};

}  // namespace mapctl::matching
