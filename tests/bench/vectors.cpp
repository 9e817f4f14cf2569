// SPDX-License-Identifier: Apache-2.0
// Exact nearest neighbours in memory, beside comparing every vector in full.
#include "core/base/vector_index.hpp"
#include "tests/bench/figure.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace {

constexpr std::size_t vectors = 100'000;
constexpr std::size_t dimensions = 256;
constexpr std::size_t wanted = 10;

std::vector<float> random_unit(std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(dimensions);
  float square = 0;
  for (float& value : vector) {
    value = normal(random);
    square += value * value;
  }
  for (float& value : vector) {
    value /= std::sqrt(square);
  }
  return vector;
}

}  // namespace

int main() {
  using namespace mapctl;
  std::mt19937 random{11};
  VectorIndex index{dimensions};
  std::vector<float> all;
  all.reserve(vectors * dimensions);
  for (std::size_t i = 0; i < vectors; ++i) {
    const std::vector<float> vector = random_unit(random);
    index.add(vector);
    all.insert(all.end(), vector.begin(), vector.end());
  }
  const std::vector<float> query = random_unit(random);
  std::size_t found = 0;
  const double indexed = bench::fastest(20, [&] { found += index.nearest(query, wanted).size(); });
  float best = 0;
  const double in_full = bench::fastest(5, [&] {
    for (std::size_t i = 0; i < vectors; ++i) {
      float sum = 0;
      for (std::size_t k = 0; k < dimensions; ++k) {
        sum += query[k] * all[i * dimensions + k];
      }
      best = std::max(best, sum);
    }
  });
  bench::figure("similar", "top 10 of 100,000 vectors of 256 dimensions", indexed * 1000, "ms", 10);
  bench::figure("similar", "the same over comparing all in full", indexed / in_full, "x");
  return found == 0 || best == 0 ? 1 : 0;
}
