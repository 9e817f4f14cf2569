// SPDX-License-Identifier: Apache-2.0
#include "core/batch/scheduler.hpp"

#include <algorithm>

namespace mapctl::batch {

Scheduler::Scheduler(const Plan& plan) : plan_{&plan} {
  for (std::size_t job = plan.jobs.size(); job-- > 0;) {
    if (!plan.jobs[job].settled) {
      waiting_.push_back(job);
    }
  }
}

bool Scheduler::has_room(const Job& job) const {
  return std::all_of(job.endpoints.begin(), job.endpoints.end(), [&](const std::string& endpoint) {
    const auto limit = plan_->limits.find(endpoint);
    const auto running = running_.find(endpoint);
    return limit == plan_->limits.end() || running == running_.end() ||
           running->second < std::max<std::size_t>(1, limit->second);
  });
}

std::optional<std::size_t> Scheduler::next() {
  for (auto at = waiting_.rbegin(); at != waiting_.rend(); ++at) {
    const std::size_t job = *at;
    if (has_room(plan_->jobs[job])) {
      waiting_.erase(std::next(at).base());
      for (const std::string& endpoint : plan_->jobs[job].endpoints) {
        ++running_[endpoint];
      }
      return job;
    }
  }
  return std::nullopt;
}

void Scheduler::finished(std::size_t job) {
  for (const std::string& endpoint : plan_->jobs[job].endpoints) {
    --running_[endpoint];
  }
}

}  // namespace mapctl::batch
