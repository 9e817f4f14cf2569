// SPDX-License-Identifier: Apache-2.0
#include "core/matching/sparse_index.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace mapctl;
using matching::SparseAlignment;
using matching::SparseIndex;

namespace {

SparseIndex index_of(const std::vector<std::string>& names) {
  std::vector<SparseIndex::Occurrence> occurrences;
  for (std::uint32_t at = 0; at < names.size(); ++at) {
    matching::add_grams(names[at], at, occurrences);
  }
  return SparseIndex::build(std::move(occurrences), names.size());
}

}  // namespace

TEST_CASE("equal names have cosine one and strangers none", "[matching]") {
  const auto left = index_of({"email"});
  const auto right = index_of({"phone", "email", ""});
  std::vector<float> cosines(3, 9.0F);
  SparseAlignment{left, right}.cosines(0, cosines);
  CHECK(cosines[1] == test::Approx(1.0).margin(0.35));
  CHECK(cosines[1] > cosines[0]);
  CHECK(cosines[2] == 0);
}

TEST_CASE("what all columns share counts less than what one has", "[matching]") {
  const auto left = index_of({"film_title", "film_year", "film_rate"});
  const auto right = index_of({"film_title", "film_length", "film_cost"});
  std::vector<float> cosines(3);
  SparseAlignment{left, right}.cosines(0, cosines);
  CHECK(cosines[0] > 2 * cosines[1]);
}

TEST_CASE("empty indexes align to nothing", "[matching]") {
  const auto none = SparseIndex::build({}, 2);
  const auto some = index_of({"a", "b"});
  std::vector<float> cosines(2, 1.0F);
  const SparseAlignment alignment{none, some};
  alignment.cosines(1, cosines);
  CHECK(alignment.empty());
  CHECK(cosines == std::vector<float>{0.0F, 0.0F});
}
