// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/registry/reviews.hpp"

// Parts that the sources of Reviews share. Not for users of the library.
namespace mapctl::registry {

struct RegistryState;

// {"key":"value"}, as audit rows keep what changed.
std::string value_json(std::string_view key, std::string_view value);

std::optional<ReviewRecord> find_review(RegistryState& state, const std::string& id);
// Inside a write transaction.
void write_review(RegistryState& state, const ReviewRecord& record);

// Returns how many were not there yet, or differ. Inside a write transaction.
std::size_t write_signatures(RegistryState& state, Reviews& reviews,
                             const std::vector<SignOffRecord>& records, const ReviewOrigin& origin);

}  // namespace mapctl::registry
