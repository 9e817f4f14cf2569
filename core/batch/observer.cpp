// SPDX-License-Identifier: Apache-2.0
#include "core/batch/observer.hpp"

namespace mapctl::batch {

void Observers::run_started(const Plan& plan) {
  for (Observer* observer : observers_) {
    observer->run_started(plan);
  }
}

void Observers::job_started(const Plan& plan, std::size_t job) {
  for (Observer* observer : observers_) {
    observer->job_started(plan, job);
  }
}

void Observers::job_retried(const Plan& plan, std::size_t job, const Error::Facts& cause,
                            double wait_seconds) {
  for (Observer* observer : observers_) {
    observer->job_retried(plan, job, cause, wait_seconds);
  }
}

void Observers::job_finished(const Plan& plan, const JobOutcome& outcome) {
  for (Observer* observer : observers_) {
    observer->job_finished(plan, outcome);
  }
}

void Observers::run_finished(const Plan& plan, const std::vector<JobOutcome>& outcomes) {
  for (Observer* observer : observers_) {
    observer->run_finished(plan, outcomes);
  }
}

}  // namespace mapctl::batch
