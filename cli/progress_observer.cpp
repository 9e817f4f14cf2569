// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_observer.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

namespace mapctl::cli {
namespace {

std::string label_of(const batch::Job& job) {
  return job.target.empty() ? job.source : fmt::format("{} -> {}", job.source, job.target);
}

}  // namespace

void ProgressObserver::run_started(const batch::Plan& plan) {
  progress_.start_phase(phase_, plan.jobs.size());
}

void ProgressObserver::job_started(const batch::Plan& plan, std::size_t job) {
  progress_.start_item(job, label_of(plan.jobs[job]));
}

void ProgressObserver::job_retried(const batch::Plan& plan, std::size_t job,
                                   const Error::Facts& cause, double wait_seconds) {
  progress_.note(fmt::format("{}: {}; trying again in {}", label_of(plan.jobs[job]), cause.message,
                             human_duration(wait_seconds)));
}

void ProgressObserver::job_finished(const batch::Plan& plan, const batch::JobOutcome& outcome) {
  progress_.finish_item(outcome.job, label_of(plan.jobs[outcome.job]), to_string(outcome.status),
                        outcome.seconds);
}

void ProgressObserver::run_finished(const batch::Plan&, const std::vector<batch::JobOutcome>&) {}

}  // namespace mapctl::cli
