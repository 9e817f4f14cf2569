// SPDX-License-Identifier: Apache-2.0
#include "core/base/vector_index.hpp"

#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <random>

using namespace mapctl;

namespace {

std::vector<float> unit(std::vector<float> vector) {
  float square = 0;
  for (const float value : vector) {
    square += value * value;
  }
  for (float& value : vector) {
    value /= std::sqrt(square);
  }
  return vector;
}

std::vector<float> random_unit(std::mt19937& random, std::size_t dimensions) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(dimensions);
  for (float& value : vector) {
    value = normal(random);
  }
  return unit(std::move(vector));
}

std::vector<VectorIndex::Hit> by_brute_force(const std::vector<std::vector<float>>& vectors,
                                             const std::vector<float>& query, std::size_t count) {
  std::vector<VectorIndex::Hit> hits;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    float sum = 0;
    for (std::size_t k = 0; k < query.size(); ++k) {
      sum += query[k] * vectors[i][k];
    }
    hits.push_back({i, sum});
  }
  std::stable_sort(hits.begin(), hits.end(), [](const auto& left, const auto& right) {
    return left.similarity > right.similarity;
  });
  hits.resize(std::min(count, hits.size()));
  return hits;
}

}  // namespace

TEST_CASE("the nearest vectors are those that comparing all in full finds", "[base]") {
  std::mt19937 random{7};
  for (const std::size_t dimensions : {1U, 5U, 16U, 33U, 256U}) {
    VectorIndex index{dimensions};
    std::vector<std::vector<float>> vectors;
    for (int i = 0; i < 300; ++i) {
      // Many are all but equal, so that bytes alone could not tell them apart.
      auto vector = i % 3 == 0 || vectors.empty() ? random_unit(random, dimensions)
                                                  : vectors[vectors.size() / 2];
      if (i % 3 == 2) {
        vector[static_cast<std::size_t>(i) % dimensions] += 0.001F;
        vector = unit(std::move(vector));
      }
      index.add(vector);
      vectors.push_back(std::move(vector));
    }
    for (int i = 0; i < 20; ++i) {
      const auto query = i % 2 == 0 ? random_unit(random, dimensions) : vectors[150];
      CHECK(index.nearest(query, 10) == by_brute_force(vectors, query, 10));
    }
  }
}

TEST_CASE("equally near vectors come in the order in which they were added", "[base]") {
  VectorIndex index{2};
  for (int i = 0; i < 4; ++i) {
    index.add(std::vector<float>{0, 1});
  }
  const auto hits = index.nearest(std::vector<float>{0, 1}, 3);
  REQUIRE(hits.size() == 3);
  CHECK(hits[0].number == 0);
  CHECK(hits[1].number == 1);
  CHECK(hits[2].number == 2);
}

TEST_CASE("a vector of zeros is near to nothing, and asking for more than there is gives all",
          "[base]") {
  VectorIndex index{3};
  index.add(std::vector<float>{0, 0, 0});
  index.add(std::vector<float>{0, 0, -1});
  const auto hits = index.nearest(std::vector<float>{0, 0, 1}, 5);
  REQUIRE(hits.size() == 2);
  CHECK(hits[0] == VectorIndex::Hit{0, 0.0F});
  CHECK(hits[1] == VectorIndex::Hit{1, -1.0F});
  CHECK(VectorIndex{3}.nearest(std::vector<float>{0, 0, 1}, 5).empty());
}

TEST_CASE("vectors of another kind are refused", "[base]") {
  VectorIndex index{2};
  CHECK_THROWS_AS(index.add(std::vector<float>{1}), Error);
  CHECK_THROWS_AS(index.add(std::vector<float>{1, 1}), Error);
  CHECK_THROWS_AS(index.add(std::vector<float>{std::nanf(""), 0}), Error);
  CHECK_THROWS_AS(index.nearest(std::vector<float>{1, 0, 0}, 1), Error);
  CHECK(index.size() == 0);
}

TEST_CASE("vectors as near as the last of the nearest come along when asked for", "[base]") {
  VectorIndex index{2};
  for (const auto& [x, y] : std::vector<std::pair<float, float>>{
           {0, 1}, {1, 0}, {0.6F, 0.8F}, {1, 0}, {0.6F, 0.8F}, {-1, 0}, {0.6F, 0.8F}}) {
    index.add(std::vector<float>{x, y});
  }
  const std::vector<float> query{1, 0};
  const auto numbers = [&](std::size_t count, VectorIndex::Ties ties) {
    std::vector<std::size_t> found;
    for (const VectorIndex::Hit& hit : index.nearest(query, count, ties)) {
      found.push_back(hit.number);
    }
    return found;
  };
  CHECK(numbers(3, VectorIndex::Ties::cut) == std::vector<std::size_t>{1, 3, 2});
  CHECK(numbers(3, VectorIndex::Ties::all) == std::vector<std::size_t>{1, 3, 2, 4, 6});
  CHECK(numbers(2, VectorIndex::Ties::all) == std::vector<std::size_t>{1, 3});
  CHECK(numbers(7, VectorIndex::Ties::all).size() == 7);
}
