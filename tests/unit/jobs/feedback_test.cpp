// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/feedback.hpp"

#include "tests/support/catch.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace mapctl::jobs::test {
namespace {

using registry::CalibrationRecord;
using registry::ReviewedMapping;

ReviewedMapping reviewed(double confidence, bool right, std::string day = "2026-03-05") {
  ReviewedMapping mapping;
  mapping.confidence = confidence;
  mapping.right = right;
  mapping.proposed_at = day + "T08:00:00.000Z";
  mapping.decided_at = day + "T10:00:00.000Z";
  return mapping;
}

// Confidences of 0.9 of which half are right, and of 0.6 of which a fifth is.
std::vector<ReviewedMapping> boastful() {
  std::vector<ReviewedMapping> all;
  for (int number = 0; number < 100; ++number) {
    all.push_back(reviewed(0.9, number % 2 == 0));
    all.push_back(reviewed(0.6, number % 5 == 0));
  }
  return all;
}

}  // namespace

TEST_CASE("figures of reviews are told by month and for all", "[jobs][feedback]") {
  auto made = reviewed(1.0, true, "2026-04-01");
  made.proposed = false;
  const auto periods =
      review_periods({reviewed(0.9, true, "2026-03-05"), reviewed(0.9, false, "2026-03-31"),
                      reviewed(0.6, true, "2026-04-01"), made});
  REQUIRE(periods.size() == 3);
  CHECK(periods[0].month == "2026-03");
  CHECK(periods[0].decided == 2);
  CHECK(periods[0].precision() == 0.5);
  CHECK(periods[0].recall() == 1.0);
  CHECK(periods[0].sure_precision() == 0.5);
  CHECK(std::fabs(periods[0].ece - 0.4) < 1e-9);
  CHECK(periods[1].month == "2026-04");
  CHECK(periods[1].recall() == 0.5);
  CHECK_FALSE(periods[1].sure_precision().has_value());
  CHECK(periods[2].month.empty());
  CHECK(periods[2].decided == 3);
  CHECK(periods[2].missed == 1);
  CHECK(review_periods({}).empty());
}

TEST_CASE("decisions teach what a confidence is worth", "[jobs][feedback]") {
  const auto lesson = learn(boastful(), {});
  const auto& fit = lesson.fit;
  CHECK(lesson.nothing_learned.empty());
  CHECK(lesson.approved == 70);
  CHECK(fit.outcomes == 200);
  CHECK(fit.ece_before > 0.3);
  CHECK(fit.ece_after < 0.1);
  CHECK(std::fabs(fit.calibration(0.9, matching::Situation::names) - 0.5) < 0.1);
}

TEST_CASE("few decisions teach nothing", "[jobs][feedback]") {
  const auto lesson = learn({reviewed(0.9, false), reviewed(0.9, true)}, {});
  CHECK(lesson.fit.calibration.changes_nothing());
  CHECK(lesson.fit.outcomes == 2);
  CHECK(lesson.nothing_learned == "decisions about proposals are too few: 2 of at least 20");
}

TEST_CASE("decisions of one kind teach nothing", "[jobs][feedback]") {
  for (const bool right : {true, false}) {
    std::vector<ReviewedMapping> all;
    for (int number = 0; number < 100; ++number) {
      all.push_back(reviewed(0.7, number < 4 ? !right : right));
    }
    const auto lesson = learn(all, {});
    CHECK(lesson.fit.calibration.changes_nothing());
    CHECK(lesson.fit.ece_after == lesson.fit.ece_before);
    CHECK(lesson.fit.ece_before > 0.2);
    CHECK(lesson.nothing_learned.find("5 of either are needed") != std::string::npos);
    // One more of the other kind, and the curve is no wall.
    all.push_back(reviewed(0.7, !right));
    CHECK(learn(all, {}).nothing_learned.empty());
  }
}

TEST_CASE("decisions that contradict each other pull confidences to the middle",
          "[jobs][feedback]") {
  std::vector<ReviewedMapping> all;
  for (int number = 0; number < 60; ++number) {
    all.push_back(reviewed(0.95, number % 2 == 0));
  }
  const auto lesson = learn(all, {});
  CHECK(std::fabs(lesson.fit.calibration(0.95, matching::Situation::names) - 0.5) < 0.1);
  CHECK(lesson.fit.ece_after < 0.15);
}

TEST_CASE("what a calibration in force did to confidences is taken back before learning anew",
          "[jobs][feedback]") {
  const auto first = learn(boastful(), {}).fit;
  CalibrationRecord record;
  record.version = 1;
  record.curves = first.calibration.text();
  record.created_at = "2026-05-01T00:00:00.000Z";
  // The same decisions, about proposals made with the calibration.
  auto later = boastful();
  for (auto& mapping : later) {
    mapping.confidence = first.calibration(mapping.confidence, matching::Situation::names);
    mapping.proposed_at = "2026-06-01T00:00:00.000Z";
  }
  const auto again = learn(later, {record}).fit;
  CHECK(std::fabs(again.calibration(0.9, matching::Situation::names) -
                  first.calibration(0.9, matching::Situation::names)) < 0.01);
  CHECK(*calibration_in_force({record}) == first.calibration);
  CHECK(calibration_in_force({})->changes_nothing());
}

}  // namespace mapctl::jobs::test
