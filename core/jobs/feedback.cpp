// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/feedback.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace mapctl::jobs {
namespace {

using matching::Calibration;
using matching::Outcome;
using matching::Situation;

constexpr double sure_bar = 0.85;

// A registry does not keep whether values were looked at; a situation without outcomes of its own
// takes the curve of all.
Situation situation_of(const registry::ReviewedMapping& mapping) noexcept {
  return mapping.remembered ? Situation::memory : Situation::names;
}

// What the matcher said, where the calibration made `shown` of it: curves rise, so it is sought by
// halving.
double taken_back(const Calibration& calibration, double shown, Situation situation) {
  constexpr double far = 14;
  constexpr int steps = 50;
  double low = -far;
  double high = far;
  const auto share = [](double log_odds) { return 1 / (1 + std::exp(-log_odds)); };
  for (int step = 0; step < steps; ++step) {
    const double middle = (low + high) / 2;
    (calibration(share(middle), situation) < shown ? low : high) = middle;
  }
  return share((low + high) / 2);
}

ReviewPeriod period_of(std::string month,
                       const std::vector<const registry::ReviewedMapping*>& mappings) {
  ReviewPeriod period;
  period.month = std::move(month);
  std::vector<Outcome> outcomes;
  for (const registry::ReviewedMapping* one : mappings) {
    if (!one->proposed) {
      ++period.missed;
      continue;
    }
    const bool sure = one->confidence >= sure_bar;
    ++period.decided;
    period.approved += one->right ? 1 : 0;
    period.sure += sure ? 1 : 0;
    period.sure_approved += sure && one->right ? 1 : 0;
    outcomes.push_back({one->confidence, one->right, situation_of(*one)});
  }
  period.ece = calibration_error(outcomes, Calibration{});
  return period;
}

}  // namespace

std::vector<ReviewPeriod> review_periods(const std::vector<registry::ReviewedMapping>& reviewed) {
  std::map<std::string, std::vector<const registry::ReviewedMapping*>> months;
  std::vector<const registry::ReviewedMapping*> all;
  for (const registry::ReviewedMapping& one : reviewed) {
    constexpr std::size_t year_and_month = 7;
    months[one.decided_at.substr(0, year_and_month)].push_back(&one);
    all.push_back(&one);
  }
  std::vector<ReviewPeriod> periods;
  for (const auto& [month, mappings] : months) {
    periods.push_back(period_of(month, mappings));
  }
  if (!all.empty()) {
    periods.push_back(period_of({}, all));
  }
  return periods;
}

std::shared_ptr<const Calibration> calibration_in_force(
    const std::vector<registry::CalibrationRecord>& records) {
  return records.empty() ? std::make_shared<const Calibration>()
                         : std::make_shared<const Calibration>(Calibration::parse(
                               records.back().curves, fmt::format("calibration {} of the registry",
                                                                  records.back().version)));
}

namespace {

std::string why_nothing(std::size_t approved, std::size_t decided, bool changes_nothing) {
  const std::size_t rejected = decided - approved;
  if (decided < matching::least_outcomes) {
    return fmt::format("decisions about proposals are too few: {} of at least {}", decided,
                       matching::least_outcomes);
  }
  if (std::min(approved, rejected) < least_of_either) {
    return fmt::format(
        "{} approvals and {} rejections tell too little of what is wrong and what is right, {} of "
        "either are needed",
        approved, rejected, least_of_either);
  }
  return changes_nothing ? "no curve does better on decisions that it has not seen" : "";
}

}  // namespace

Lesson learn(const std::vector<registry::ReviewedMapping>& reviewed,
             const std::vector<registry::CalibrationRecord>& records) {
  std::vector<Calibration> curves;
  for (const registry::CalibrationRecord& record : records) {
    curves.push_back(Calibration::parse(
        record.curves, fmt::format("calibration {} of the registry", record.version)));
  }
  Lesson lesson;
  std::vector<Outcome> outcomes;
  for (const registry::ReviewedMapping& one : reviewed) {
    if (!one.proposed) {
      continue;
    }
    const Situation situation = situation_of(one);
    double confidence = one.confidence;
    for (std::size_t number = records.size(); number-- > 0;) {
      if (records[number].created_at <= one.proposed_at) {
        if (!curves[number].changes_nothing()) {
          confidence = taken_back(curves[number], confidence, situation);
        }
        break;
      }
    }
    outcomes.push_back({confidence, one.right, situation});
    lesson.approved += one.right ? 1 : 0;
  }
  lesson.fit = fit_calibration(outcomes);
  lesson.nothing_learned =
      why_nothing(lesson.approved, outcomes.size(), lesson.fit.calibration.changes_nothing());
  if (!lesson.nothing_learned.empty()) {
    lesson.fit.calibration = {};
    lesson.fit.ece_after = lesson.fit.ece_before;
    lesson.fit.loss_after = lesson.fit.loss_before;
  }
  return lesson;
}

}  // namespace mapctl::jobs
