// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/terminal/progress.hpp"
#include "core/batch/observer.hpp"

#include <string>
#include <utility>

namespace mapctl::cli {

// Shows one phase of a run. Counts what is settled beforehand as finished.
class ProgressObserver final : public batch::Observer {
 public:
  ProgressObserver(Progress& progress, std::string phase)
      : progress_{progress}, phase_{std::move(phase)} {}
  void run_started(const batch::Plan& plan) override;
  void job_started(const batch::Plan& plan, std::size_t job) override;
  void job_retried(const batch::Plan& plan, std::size_t job, const Error::Facts& cause,
                   double wait_seconds) override;
  void job_finished(const batch::Plan& plan, const batch::JobOutcome& outcome) override;
  void run_finished(const batch::Plan& plan,
                    const std::vector<batch::JobOutcome>& outcomes) override;

 private:
  Progress& progress_;
  std::string phase_;
};

}  // namespace mapctl::cli
