// SPDX-License-Identifier: Apache-2.0
#include "core/matching/scoring/confidence.hpp"

#include "tests/support/catch.hpp"

using namespace mapctl::matching;
using mapctl::test::Approx;

TEST_CASE("a score is found back from its confidence", "[matching]") {
  for (const double confidence : {0.002, 0.2, 0.5, 0.85, 0.985, 0.99, 0.9901, 0.993, 0.9945}) {
    CHECK(confidence_of(score_of(confidence)) == Approx(confidence).margin(1e-6));
  }
  CHECK(confidence_of(score_of(1)) < 1);
  CHECK(confidence_of(score_of(0)) > 0);
}
