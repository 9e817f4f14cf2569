// SPDX-License-Identifier: Apache-2.0
#include "core/eval/metrics.hpp"

#include "tests/support/catch.hpp"

#include <cmath>

using namespace mapctl::eval;

namespace {

bool near(double left, double right) {
  return std::fabs(left - right) < 1e-9;
}

// Two source columns with a truth, one without; three targets.
Judged judged_sample() {
  Judged judged;
  judged.sources = 3;
  judged.targets = 3;
  judged.truth = {{0, 0}, {1, 1}};
  judged.unpartnered = {2};
  judged.scored = {{0, 0, 0.9}, {0, 1, 0.2}, {1, 2, 0.8}, {1, 1, 0.7}, {2, 2, 0.1}};
  judged.decided = {{0, 0, 0.9}, {1, 2, 0.8}};
  judged.assigned = {{0, 0, 0.9}, {1, 2, 0.8}};
  return judged;
}

}  // namespace

TEST_CASE("recall at the size of the truth ranks pairs over the whole task", "[eval]") {
  CHECK(near(measure(judged_sample()).recall_at_gt, 0.5));  // the second best pair is wrong
}

TEST_CASE("equal scores are ordered by the columns' names", "[eval]") {
  auto judged = judged_sample();
  judged.scored = {{1, 1, 0.5}, {0, 2, 0.5}, {0, 0, 0.5}};
  // 0-0 and 0-2 come before 1-1, in whatever order they are given.
  CHECK(near(measure(judged).recall_at_gt, 0.5));
}

TEST_CASE("pairs the matcher did not score tie behind those it did", "[eval]") {
  Judged judged;
  judged.sources = 2;
  judged.targets = 4;
  judged.truth = {{0, 2}, {1, 0}};
  judged.scored = {{0, 3, 0.6}};
  const auto figures = measure(judged);
  // 0-3 is scored, then follow 0-0, 0-1, 0-2: rank 4; of column 1 nothing is scored: rank 1.
  CHECK(near(figures.mrr, (1.0 / 4 + 1.0) / 2));
  CHECK(near(figures.recall_at_gt, 0));  // the first two are 0-3 and 0-0
  CHECK(near(figures.hit_at_3, 0.5));
  CHECK(near(figures.hit_at_5, 1));
}

TEST_CASE("ranks count once for a source column and once for each true pair", "[eval]") {
  auto judged = judged_sample();
  judged.truth.emplace(0, 1);
  const auto figures = measure(judged);
  CHECK(near(figures.mrr, (1.0 + 0.5) / 2));
  CHECK(near(figures.mrr_pairs, (1.0 + 0.5 + 0.5) / 3));
  CHECK(near(figures.hit_at_1, 0.5));
  CHECK(near(figures.hit_at_3, 1));
}

TEST_CASE("precision and recall are of what was decided", "[eval]") {
  const auto figures = measure(judged_sample());
  CHECK(near(figures.precision, 0.5));
  CHECK(near(figures.recall, 0.5));
  CHECK(near(figures.f1, 0.5));
  // With the first pair alone: precision 1, recall 0.5.
  CHECK(near(figures.f1_best, 2.0 / 3));
}

TEST_CASE("a threshold does not part equal confidences", "[eval]") {
  auto judged = judged_sample();
  judged.assigned = {{0, 0, 0.8}, {1, 2, 0.8}};
  CHECK(near(measure(judged).f1_best, 0.5));
}

TEST_CASE("saying nothing about a column without a partner is right", "[eval]") {
  auto judged = judged_sample();
  auto figures = measure(judged);
  CHECK(near(figures.abstention_precision.value(), 1));
  CHECK(near(figures.abstention_recall.value(), 1));
  judged.decided = {{2, 2, 0.6}};  // now it answers there and is silent about the others
  figures = measure(judged);
  CHECK(near(figures.abstention_precision.value(), 0));
  CHECK(near(figures.abstention_recall.value(), 0));
  CHECK(near(figures.abstention_f1.value(), 0));
}

TEST_CASE("abstention is not told where every column has a partner", "[eval]") {
  auto judged = judged_sample();
  judged.unpartnered.clear();
  CHECK_FALSE(measure(judged).abstention_f1.has_value());
}

TEST_CASE("acceptable pairs are neither right nor wrong", "[eval]") {
  auto judged = judged_sample();
  judged.decided.push_back({2, 2, 0.6});
  judged.assigned = judged.decided;
  judged.acceptable = {{1, 2}, {2, 2}};
  const auto figures = measure(judged);
  CHECK(near(figures.precision, 1));
  CHECK(near(figures.recall, 0.5));
  CHECK(near(figures.f1_best, 2.0 / 3));
  CHECK(near(figures.ece, 0.1));
  CHECK(near(figures.ece_best, 0.1));
  // Column 2 has no partner and was given an acceptable one: nothing is told about "no match".
  CHECK(near(figures.abstention_recall.value(), 0));
  CHECK(near(figures.recall_at_gt, 0.5));  // the truth is asked for all the same
  CHECK(near(figures.mrr, 0.75));
}

TEST_CASE("calibration error is the distance of confidence from what is right", "[eval]") {
  const auto figures = measure(judged_sample());
  // 0.9 was right and 0.8 wrong, each alone in its bin.
  CHECK(near(figures.ece, (0.1 + 0.8) / 2));
  // Of the best targets 0.1 was wrong too.
  CHECK(near(figures.ece_best, (0.1 + 0.8 + 0.1) / 3));
}

TEST_CASE("opposite errors in one bin cancel out", "[eval]") {
  auto judged = judged_sample();
  judged.decided = {{0, 0, 0.55}, {1, 2, 0.55}};
  CHECK(near(measure(judged).ece, 0.05));
}

TEST_CASE("nothing decided and nothing true give no division by zero", "[eval]") {
  Judged judged;
  judged.sources = 1;
  judged.targets = 1;
  const auto figures = measure(judged);
  CHECK(figures.recall_at_gt == 0);
  CHECK(figures.mrr == 0);
  CHECK(figures.f1 == 0);
  CHECK(figures.ece == 0);
}

TEST_CASE("the mean leaves out tasks that have no figure of abstention", "[eval]") {
  Figures one;
  one.mrr = 1;
  one.abstention_f1 = 0.4;
  Figures other;
  other.mrr = 0.5;
  const Figures all[] = {one, other};
  CHECK(near(mean(all).mrr, 0.75));
  CHECK(near(mean(all).abstention_f1.value(), 0.4));
  CHECK_FALSE(mean(all).abstention_recall.has_value());
}
