// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace mapctl::matching {

// The probability that a pair with these log-odds is right, as measured over labelled suites
// (tests/bench/matching). Monotone, strictly between 0 and 1.
double confidence_of(float log_odds) noexcept;

}  // namespace mapctl::matching
