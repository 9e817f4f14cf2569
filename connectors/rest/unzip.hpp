// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mapctl::connectors::rest {

// Whether the bytes begin as a gzip file does.
bool is_gzip(std::string_view bytes) noexcept;

// What a gzip file holds, all of its members. `what` completes "... is no whole gzip file". Throws
// Error::invalid_data for a file that is damaged or ends too early, resource_limit beyond `limit`
// bytes.
std::string unzipped(std::string_view bytes, std::uint64_t limit, std::string_view what);

}  // namespace mapctl::connectors::rest
