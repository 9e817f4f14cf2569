// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/scoring/calibration.hpp"
#include "core/registry/feedback.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mapctl::jobs {

// How the proposals of a tenant fared with its reviewers in one month, or in all.
struct ReviewPeriod {
  std::string month{};  // "2026-03"; empty: all
  std::size_t decided = 0, approved = 0;
  std::size_t missed = 0;  // mappings that people had to make
  std::size_t sure = 0;    // decided ones that were proposed at 0.85 and above
  std::size_t sure_approved = 0;
  double ece = 0;

  std::optional<double> precision() const noexcept { return share(approved, decided); }
  std::optional<double> recall() const noexcept { return share(approved, approved + missed); }
  std::optional<double> sure_precision() const noexcept { return share(sure_approved, sure); }

 private:
  static std::optional<double> share(std::size_t part, std::size_t whole) noexcept {
    return whole == 0 ? std::nullopt
                      : std::optional{static_cast<double>(part) / static_cast<double>(whole)};
  }
};
// By month, all of them last; nothing when nothing was decided.
std::vector<ReviewPeriod> review_periods(const std::vector<registry::ReviewedMapping>& reviewed);

// The tenant's newest curves; none are curves that change nothing.
std::shared_ptr<const matching::Calibration> calibration_in_force(
    const std::vector<registry::CalibrationRecord>& records);

// Decisions of either kind, approvals and rejections, without which nothing is learned: a curve of
// approvals alone calls everything sure, one of rejections alone lets nothing be proposed.
inline constexpr std::size_t least_of_either = 5;

// Curves fitted to what was decided. The confidences are those of the matcher: what a calibration
// in force had made of them when they were proposed is taken back first.
struct Lesson {
  matching::CalibrationFit fit{};
  std::size_t approved = 0;
  std::string nothing_learned{};  // why the curves change nothing, in words; empty: they do
};
Lesson learn(const std::vector<registry::ReviewedMapping>& reviewed,
             const std::vector<registry::CalibrationRecord>& records);

}  // namespace mapctl::jobs
