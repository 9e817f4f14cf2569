// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"

#include <cstdint>
#include <string_view>

namespace mapctl::batch {

// How often a job is tried again, and after how long. Waits double from `backoff` to
// `max_backoff`; a fifth of each is spread by a hash of the job, so that jobs that failed together
// do not come back together, and yet equal runs wait alike.
struct RetryPolicy {
  unsigned attempts = 3;
  double backoff = 0.5;  // seconds
  double max_backoff = 30;

  // Only Retry::may_help is worth another attempt; an unknown commit never is.
  bool allows(const Error::Facts& facts, unsigned attempts_so_far) const noexcept;
  double wait(unsigned attempts_so_far, std::string_view job) const noexcept;
};

}  // namespace mapctl::batch
