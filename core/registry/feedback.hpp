// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/registry/registry.hpp"

#include <string>
#include <vector>

namespace mapctl::registry {

// A mapping that a person decided about, as far as it tells how good proposals are.
struct ReviewedMapping {
  bool proposed = true;     // false: a person had to make it
  bool right = false;       // it is in force; of what was proposed
  bool remembered = false;  // past decisions were the first reason for it
  double confidence = 0;    // that it was proposed with
  std::string proposed_at{}, decided_at{};
};
// By time of decision. What a policy let pass tells nothing, nor does what waits.
std::vector<ReviewedMapping> reviewed_mappings(Registry& registry);

// Curves that turn confidences of the matcher into those that the tenant's decisions bear out. The
// newest version is in force; a roll-back is a new version with an older one's curves.
struct CalibrationRecord {
  int version = 0;       // given by store_calibration()
  std::string curves{};  // matching::Calibration::text(); empty: nothing is changed
  std::int64_t outcomes = 0;
  double ece_before = 0, ece_after = 0, loss_before = 0, loss_after = 0;
  std::string reason{};
  std::string created_at{}, created_by{};
};
std::vector<CalibrationRecord> calibrations(Registry& registry);  // by version
// Takes an admin and has its audit row. Gives back the new version.
int store_calibration(Registry& registry, const CalibrationRecord& calibration);

}  // namespace mapctl::registry
