// SPDX-License-Identifier: Apache-2.0
#include "core/batch/retry.hpp"

#include "core/base/hash.hpp"

#include <algorithm>
#include <cmath>

namespace mapctl::batch {

bool RetryPolicy::allows(const Error::Facts& facts, unsigned attempts_so_far) const noexcept {
  return facts.retry == Retry::may_help && facts.code != ErrorCode::commit_unknown &&
         attempts_so_far < attempts;
}

double RetryPolicy::wait(unsigned attempts_so_far, std::string_view job) const noexcept {
  const double doubled = backoff * std::exp2(attempts_so_far > 0 ? attempts_so_far - 1.0 : 0.0);
  const double capped = std::min(doubled, max_backoff);
  const auto spread = static_cast<double>(fast_hash(job, attempts_so_far) % 1000) / 1000;
  return capped * (0.9 + 0.2 * spread);
}

}  // namespace mapctl::batch
