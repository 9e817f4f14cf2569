// SPDX-License-Identifier: Apache-2.0
#include "core/batch/outcome.hpp"

namespace mapctl::batch {

std::string_view to_string(JobStatus status) noexcept {
  switch (status) {
    case JobStatus::done: return "done";
    case JobStatus::failed: return "failed";
    case JobStatus::skipped: return "skipped";
    case JobStatus::resumed: return "resumed";
  }
  return {};
}

std::optional<JobStatus> job_status_from(std::string_view word) noexcept {
  for (const JobStatus status :
       {JobStatus::done, JobStatus::failed, JobStatus::skipped, JobStatus::resumed}) {
    if (to_string(status) == word) {
      return status;
    }
  }
  return std::nullopt;
}

double JobCounts::coverage() const noexcept {
  return fields == 0 ? 1.0 : static_cast<double>(mapped) / static_cast<double>(fields);
}

JobCounts& JobCounts::operator+=(const JobCounts& other) noexcept {
  fields += other.fields;
  mapped += other.mapped;
  required_unmapped += other.required_unmapped;
  warnings += other.warnings;
  return *this;
}

}  // namespace mapctl::batch
