// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/salesforce/describe.hpp"
#include "connectors/salesforce/session.hpp"
#include "core/ports/connector.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>

namespace mapctl::connectors::salesforce {

// Rows of an object in an order of Salesforce's own, page by page; with the Bulk API where there
// are at least as many as the threshold. `limit` rows at most.
std::unique_ptr<ports::RowReader> make_reader(std::shared_ptr<Session> session,
                                              const Description& description,
                                              std::optional<std::int64_t> limit,
                                              std::stop_token stop);

}  // namespace mapctl::connectors::salesforce
