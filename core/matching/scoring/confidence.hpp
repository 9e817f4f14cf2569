// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace mapctl::matching {

// The probability that a pair with these log-odds is right, as `mapctl eval` measures over labelled
// suites. Monotone, strictly between 0 and 1.
double confidence_of(float log_odds) noexcept;
// The log-odds of which that is the probability.
float score_of(double confidence) noexcept;
// Log-odds a little below all that have this confidence or more: what is less need not be computed.
float log_odds_below(double confidence) noexcept;

}  // namespace mapctl::matching
