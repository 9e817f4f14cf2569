// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/sparse_index.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

using namespace mapctl;
using matching::SparseAlignment;
using matching::SparseIndex;

namespace {

SparseIndex index_of(const std::vector<std::string>& names) {
  std::vector<SparseIndex::Occurrence> letters;
  for (std::uint32_t at = 0; at < names.size(); ++at) {
    matching::add_letters(names[at], at, letters);
  }
  return SparseIndex::build_grams(std::move(letters), names.size());
}

}  // namespace

TEST_CASE("equal names have cosine one and strangers none", "[matching]") {
  const auto left = index_of({"email"});
  const auto right = index_of({"phone", "email", ""});
  std::vector<float> cosines(3, 9.0F);
  SparseAlignment{left, right}.cosines(0, cosines);
  CHECK(cosines[1] == test::Approx(1.0).margin(1e-5));
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

TEST_CASE("cosines are those of pairs and triples of letters by their rarity", "[matching]") {
  const std::vector<std::string> lefts{"banana", "order", "o"};
  const std::vector<std::string> rights{"bananas", "ananas", "boarder", ""};
  const auto grams_of = [](const std::string& name) {
    std::map<std::string, double> grams;
    const std::string text = '^' + name + '$';
    for (std::size_t at = 0; !name.empty() && at + 1 < text.size(); ++at) {
      grams[text.substr(at, 2)] = 0.6;
      if (at + 2 < text.size()) {
        grams[text.substr(at, 3)] = 1;
      }
    }
    return grams;
  };
  const auto weighed = [&](const std::vector<std::string>& names, const std::string& name) {
    auto grams = grams_of(name);
    double squares = 0;
    for (auto& [gram, weight] : grams) {
      const auto with =
          std::count_if(names.begin(), names.end(),
                        [&, &key = gram](const auto& one) { return grams_of(one).contains(key); });
      weight *= std::log(1.0 + static_cast<double>(names.size()) / static_cast<double>(with));
      squares += weight * weight;
    }
    for (auto& [gram, weight] : grams) {
      weight /= std::sqrt(squares);
    }
    return grams;
  };
  const auto left = index_of(lefts);
  const auto right = index_of(rights);
  const SparseAlignment alignment{left, right};
  std::vector<float> cosines(rights.size());
  for (std::size_t s = 0; s < lefts.size(); ++s) {
    alignment.cosines(s, cosines);
    for (std::size_t t = 0; t < rights.size(); ++t) {
      double expected = 0;
      const auto others = weighed(rights, rights[t]);
      for (const auto& [gram, weight] : weighed(lefts, lefts[s])) {
        const auto other = others.find(gram);
        expected += other == others.end() ? 0.0 : weight * other->second;
      }
      CAPTURE(lefts[s], rights[t]);
      CHECK(cosines[t] == test::Approx(expected).margin(1e-5));
    }
  }
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
