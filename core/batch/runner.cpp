// SPDX-License-Identifier: Apache-2.0
#include "core/batch/runner.hpp"

#include "core/base/thread.hpp"
#include "core/batch/scheduler.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

namespace mapctl::batch {
namespace {

Error::Facts facts_of_current_exception() {
  try {
    throw;
  } catch (const Error& error) {
    return error.facts();
  } catch (const std::bad_alloc&) {
    return {ErrorCode::resource_limit, "out of memory", "run with fewer --jobs", {}, Retry::never};
  } catch (const std::exception& error) {
    return {ErrorCode::internal, error.what(), {}, {}, Retry::never};
  } catch (...) {
    return {ErrorCode::internal, "something that is no error was thrown", {}, {}, Retry::never};
  }
}

// One run: what its threads share.
class Run {
 public:
  Run(const Plan& plan, const Work& work, Observer& observer, const Clock& clock,
      const RetryPolicy& retry, const Sleep& sleep, std::stop_token stop)
      : plan_{plan},
        work_{work},
        observer_{observer},
        clock_{clock},
        retry_{retry},
        sleep_{sleep},
        stop_{std::move(stop)},
        scheduler_{plan},
        outcomes_(plan.jobs.size()) {
    for (std::size_t job = 0; job < outcomes_.size(); ++job) {
      outcomes_[job] = plan.jobs[job].settled.value_or(JobOutcome{});
      outcomes_[job].job = job;
    }
  }

  std::vector<JobOutcome> go(std::size_t workers) {
    observer_.run_started(plan_);
    for (const JobOutcome& outcome : outcomes_) {
      if (plan_.jobs[outcome.job].settled) {
        observer_.job_finished(plan_, outcome);
      }
    }
    {
      std::vector<std::jthread> threads;
      threads.reserve(workers);
      for (std::size_t worker = 0; worker < workers; ++worker) {
        auto thread = start_thread([this, worker] { serve(worker); });
        if (!thread) {
          break;
        }
        threads.push_back(std::move(*thread));
      }
      if (threads.empty()) {
        serve(0);
      }
    }
    observer_.run_finished(plan_, outcomes_);
    return std::move(outcomes_);
  }

 private:
  void serve(std::size_t worker) {
    while (const auto job = take()) {
      finish(*job, attempt(*job, worker));
    }
  }

  std::optional<std::size_t> take() {
    std::unique_lock lock{mutex_};
    std::optional<std::size_t> job;
    changed_.wait(lock, stop_,
                  [&] { return scheduler_.empty() || (job = scheduler_.next()).has_value(); });
    if (job && stop_.stop_requested()) {
      scheduler_.finished(*job);
      return std::nullopt;
    }
    if (job) {
      observer_.job_started(plan_, *job);
    }
    return job;
  }

  JobOutcome attempt(std::size_t job, std::size_t worker) {
    JobOutcome outcome;
    outcome.job = job;
    const double started = clock_.elapsed();
    for (;;) {
      ++outcome.attempts;
      try {
        outcome.counts = work_(job, worker, stop_);
        outcome.status = JobStatus::done;
        outcome.error.reset();
      } catch (...) {
        outcome.error = facts_of_current_exception();
        const bool stopped = outcome.error->code == ErrorCode::cancelled && stop_.stop_requested();
        outcome.status = stopped ? JobStatus::skipped : JobStatus::failed;
      }
      if (outcome.status != JobStatus::failed || stop_.stop_requested() ||
          !retry_.allows(*outcome.error, outcome.attempts)) {
        outcome.seconds = clock_.elapsed() - started;
        return outcome;
      }
      const double wait = retry_.wait(outcome.attempts, plan_.jobs[job].source);
      {
        const std::lock_guard lock{mutex_};
        observer_.job_retried(plan_, job, *outcome.error, wait);
      }
      sleep_(wait, stop_);
    }
  }

  void finish(std::size_t job, JobOutcome outcome) {
    {
      const std::lock_guard lock{mutex_};
      scheduler_.finished(job);
      outcomes_[job] = std::move(outcome);
      observer_.job_finished(plan_, outcomes_[job]);
    }
    changed_.notify_all();
  }

  const Plan& plan_;
  const Work& work_;
  Observer& observer_;
  const Clock& clock_;
  const RetryPolicy& retry_;
  const Sleep& sleep_;
  std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  Scheduler scheduler_;
  std::vector<JobOutcome> outcomes_;
};

}  // namespace

void sleep_unless_stopped(double seconds, std::stop_token stop) {
  std::mutex mutex;
  std::unique_lock lock{mutex};
  std::condition_variable_any never;
  never.wait_for(lock, stop, std::chrono::duration<double>{seconds}, [] { return false; });
}

ThreadRunner::ThreadRunner(std::size_t workers, const Clock& clock, RetryPolicy retry, Sleep sleep)
    : workers_{std::max<std::size_t>(1, workers)},
      clock_{clock},
      retry_{retry},
      sleep_{std::move(sleep)} {}

std::vector<JobOutcome> ThreadRunner::run(const Plan& plan, const Work& work, Observer& observer,
                                          std::stop_token stop) {
  const std::size_t waiting = static_cast<std::size_t>(std::count_if(
      plan.jobs.begin(), plan.jobs.end(), [](const Job& job) { return !job.settled; }));
  return Run{plan, work, observer, clock_, retry_, sleep_, std::move(stop)}.go(
      std::min(workers_, waiting));
}

}  // namespace mapctl::batch
