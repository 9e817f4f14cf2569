// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/rest/session.hpp"
#include "core/catalog/table.hpp"

#include <memory>
#include <stop_token>
#include <vector>

namespace mapctl::connectors::rest {

// The streams that a stream with `each` stands for, in the order of its records or values. One
// without a name, and one whose name is taken, is left out with a warning. Throws as RecordSource
// does, and Error::resource_limit when there are more than 20,000.
std::vector<std::shared_ptr<const Stream>> make_streams(
    Session& session, const Stream& of, std::vector<catalog::DiscoveryWarning>& warnings,
    std::stop_token stop);

}  // namespace mapctl::connectors::rest
