// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/salesforce/session.hpp"
#include "core/base/clock.hpp"

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::connectors::salesforce {

// Ids of the object's rows that were deleted between two moments, also of those that have left the
// recycle bin since; sorted, each once. Salesforce tells of the last 30 days.
std::vector<std::string> deleted_ids(Session& session, const std::string& object, TimePoint from,
                                     TimePoint to, std::string_view what,
                                     const std::stop_token& stop);

}  // namespace mapctl::connectors::salesforce
