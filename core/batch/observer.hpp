// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/batch/outcome.hpp"
#include "core/batch/plan.hpp"

#include <cstddef>
#include <vector>

namespace mapctl::batch {

// Is told what happens, one call at a time, from whichever thread it happened on. Must not throw
// and must not block for long: the worker waits.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void run_started(const Plan& plan) = 0;
  virtual void job_started(const Plan& plan, std::size_t job) = 0;
  virtual void job_retried(const Plan& plan, std::size_t job, const Error::Facts& cause,
                           double wait_seconds) = 0;
  virtual void job_finished(const Plan& plan, const JobOutcome& outcome) = 0;
  virtual void run_finished(const Plan& plan, const std::vector<JobOutcome>& outcomes) = 0;
};

// Passes every call on, in order. The observers must outlive it.
class Observers final : public Observer {
 public:
  void add(Observer& observer) { observers_.push_back(&observer); }
  void run_started(const Plan& plan) override;
  void job_started(const Plan& plan, std::size_t job) override;
  void job_retried(const Plan& plan, std::size_t job, const Error::Facts& cause,
                   double wait_seconds) override;
  void job_finished(const Plan& plan, const JobOutcome& outcome) override;
  void run_finished(const Plan& plan, const std::vector<JobOutcome>& outcomes) override;

 private:
  std::vector<Observer*> observers_;
};

}  // namespace mapctl::batch
