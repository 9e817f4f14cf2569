// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"
#include "core/batch/observer.hpp"
#include "core/batch/outcome.hpp"
#include "core/batch/plan.hpp"
#include "core/batch/retry.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <stop_token>
#include <vector>

namespace mapctl::batch {

// Does one job and returns what it counted, or throws Error. `worker` is 0 .. workers - 1; a
// worker does one job at a time, so what is kept by worker needs no lock.
using Work = std::function<JobCounts(std::size_t job, std::size_t worker, std::stop_token stop)>;

// Runs the jobs of a plan that are not settled yet. Returns one outcome a job, in plan order. A
// job that throws becomes its outcome and stops no other; a stop leaves the rest skipped.
class Runner {
 public:
  virtual ~Runner() = default;
  virtual std::vector<JobOutcome> run(const Plan& plan, const Work& work, Observer& observer,
                                      std::stop_token stop) = 0;
};

// Waits for that long, or less when stopped.
using Sleep = std::function<void(double seconds, std::stop_token stop)>;
void sleep_unless_stopped(double seconds, std::stop_token stop);

// On `workers` threads of its own, which end before run() returns.
class ThreadRunner final : public Runner {
 public:
  ThreadRunner(std::size_t workers, const Clock& clock, RetryPolicy retry = {},
               Sleep sleep = sleep_unless_stopped);
  std::vector<JobOutcome> run(const Plan& plan, const Work& work, Observer& observer,
                              std::stop_token stop) override;

 private:
  std::size_t workers_;
  const Clock& clock_;
  RetryPolicy retry_;
  Sleep sleep_;
};

}  // namespace mapctl::batch
