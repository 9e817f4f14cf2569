// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>

namespace mapctl {

// Lets `seconds` pass, or less when a stop is asked for. False when it was.
bool pause_for(double seconds, const std::stop_token& stop);

}  // namespace mapctl
