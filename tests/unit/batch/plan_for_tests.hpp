// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/batch/observer.hpp"
#include "core/batch/plan.hpp"

#include <string>
#include <utility>
#include <vector>

namespace mapctl::test {

// Jobs "a", "b", ... each using the endpoints given for it.
inline batch::Plan plan_of(
    const std::vector<std::pair<std::string, std::vector<std::string>>>& jobs) {
  batch::Plan plan{"test", {}, {}};
  for (const auto& [name, endpoints] : jobs) {
    plan.jobs.push_back(batch::Job{name, "target", "hash of " + name, endpoints, std::nullopt});
  }
  return plan;
}

// Hears everything and does nothing.
class SilentObserver : public batch::Observer {
 public:
  void run_started(const batch::Plan&) override {}
  void job_started(const batch::Plan&, std::size_t) override {}
  void job_retried(const batch::Plan&, std::size_t, const Error::Facts&, double) override {}
  void job_finished(const batch::Plan&, const batch::JobOutcome&) override {}
  void run_finished(const batch::Plan&, const std::vector<batch::JobOutcome>&) override {}
};

}  // namespace mapctl::test
