// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace mapctl::matching {

// A pair of columns by their numbers in Prepared::whole().
struct ColumnPair {
  std::uint32_t source = 0, target = 0;
  double confidence = 0;
};

}  // namespace mapctl::matching
