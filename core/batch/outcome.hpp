// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mapctl::batch {

enum class JobStatus : std::uint8_t {
  done,
  failed,
  skipped,  // never started, or stopped in the middle
  resumed,  // done by the run that this one goes on with
};
std::string_view to_string(JobStatus status) noexcept;
std::optional<JobStatus> job_status_from(std::string_view word) noexcept;

// What a job counted, in its own units.
struct JobCounts {
  std::size_t fields = 0;  // source fields looked at
  std::size_t mapped = 0;
  std::size_t required_unmapped = 0;
  std::size_t warnings = 0;

  std::size_t unmapped() const noexcept { return fields - mapped; }
  // mapped / fields, 1 when there is no field.
  double coverage() const noexcept;
  JobCounts& operator+=(const JobCounts& other) noexcept;
  bool operator==(const JobCounts&) const = default;
};

struct JobOutcome {
  std::size_t job = 0;  // index in the plan
  JobStatus status = JobStatus::skipped;
  JobCounts counts{};
  double seconds = 0;
  unsigned attempts = 0;
  std::optional<Error::Facts> error{};
};

}  // namespace mapctl::batch
