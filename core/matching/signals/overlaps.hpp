// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"

#include <cstdint>
#include <vector>

namespace mapctl::matching {

struct Overlapping {
  std::uint32_t source = 0, target = 0;
  float strength = 0;
};

// Column pairs that share values, by source column, then target.
std::vector<Overlapping> overlapping(const Side& source, const Side& target);

}  // namespace mapctl::matching
