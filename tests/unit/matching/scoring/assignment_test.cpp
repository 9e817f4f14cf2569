// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/assignment.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <functional>
#include <random>
#include <set>
#include <vector>

using namespace mapctl;
using matching::Edge;

namespace {

double best_by_trial(std::size_t sources, std::size_t targets, const std::vector<Edge>& edges) {
  std::vector<bool> used(targets, false);
  const std::function<double(std::uint32_t)> from = [&](std::uint32_t source) -> double {
    if (source == sources) {
      return 0;
    }
    double best = from(source + 1);
    for (const auto& edge : edges) {
      if (edge.source == source && !used[edge.target]) {
        used[edge.target] = true;
        best = std::max(best, edge.gain + from(source + 1));
        used[edge.target] = false;
      }
    }
    return best;
  };
  return from(0);
}

}  // namespace

TEST_CASE("the assignment gains as much as trying everything", "[matching]") {
  std::mt19937 random{11};
  for (int round = 0; round < 400; ++round) {
    const std::size_t sources = 1 + random() % 6;
    const std::size_t targets = 1 + random() % 6;
    std::vector<Edge> edges;
    for (std::uint32_t s = 0; s < sources; ++s) {
      for (std::uint32_t t = 0; t < targets; ++t) {
        if (random() % 3 != 0) {
          edges.push_back({s, t, 0.01 + static_cast<double>(random() % 100) / 100});
        }
      }
    }
    const auto chosen = matching::assign_one_to_one(sources, targets, edges);
    double gained = 0;
    std::set<std::uint32_t> taken;
    for (std::size_t s = 0; s < sources; ++s) {
      if (chosen[s]) {
        CHECK(edges[*chosen[s]].source == s);
        CHECK(taken.insert(edges[*chosen[s]].target).second);
        gained += edges[*chosen[s]].gain;
      }
    }
    CHECK(gained == test::Approx(best_by_trial(sources, targets, edges)));
  }
}

TEST_CASE("two sources that want one target share out the gain", "[matching]") {
  const std::vector<Edge> edges{{0, 0, 0.9}, {0, 1, 0.8}, {1, 0, 0.85}};
  const auto chosen = matching::assign_one_to_one(2, 2, edges);
  CHECK(chosen[0] == 1U);
  CHECK(chosen[1] == 2U);
}

TEST_CASE("sources without edges stay without a target", "[matching]") {
  CHECK(matching::assign_one_to_one(3, 2, {}) ==
        std::vector<std::optional<std::size_t>>(3, std::nullopt));
}

TEST_CASE("large problems with equal gains come to an end", "[matching]") {
  std::vector<Edge> edges;
  for (std::uint32_t s = 0; s < 400; ++s) {
    for (std::uint32_t k = 0; k < 20; ++k) {
      edges.push_back({s, (s * 7 + k * 13) % 300, 0.5});
    }
  }
  const auto chosen = matching::assign_one_to_one(400, 300, edges);
  CHECK(std::count_if(chosen.begin(), chosen.end(), [](const auto& c) { return c.has_value(); }) ==
        300);
}
