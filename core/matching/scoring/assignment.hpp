// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace mapctl::matching {

// A pair that may be decided; what is not listed may not. `gain` above 0.
struct Edge {
  std::uint32_t source = 0, target = 0;
  double gain = 0;
};

// The choice of edges with the greatest sum of gains that uses no source and no target twice.
// "No match" gains 0. Shortest augmenting paths over the listed edges only (Jonker and Volgenant
// 1987), so a sparse problem costs about sources x edges x log at worst. Result: the number of the
// edge chosen for each source. Of equal sums the one that is found first in the numbering of
// sources and targets.
std::vector<std::optional<std::size_t>> assign_one_to_one(std::size_t sources, std::size_t targets,
                                                          std::span<const Edge> edges);

}  // namespace mapctl::matching
