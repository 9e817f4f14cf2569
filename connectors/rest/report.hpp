// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/rest/session.hpp"

#include <deque>
#include <stop_token>

namespace mapctl::connectors::rest {

// Has a stream's report made by its system and waits for it. `asked` holds the values of the
// request that asks for it, `partition` is what that refers to: the system's answers are put there,
// as creation_response and polling_response. Gives what download_target is to be, one after the
// other: one null where the stream says nothing of parts. Throws Error::invalid_data when the
// system cannot make it or its state is not known, resource_limit when it takes too long.
std::deque<Json> make_report(Session& session, const Stream& stream, const Asked& asked,
                             Json& partition, const std::stop_token& stop);

}  // namespace mapctl::connectors::rest
