// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/mapping.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace mapctl::mapping {

// Which of `ids` people mean by `text`: a whole id, or six or more of its first characters. Throws
// Error::not_found, and Error::usage where several begin so.
std::size_t find_id(const std::vector<MappingId>& ids, std::string_view text);

}  // namespace mapctl::mapping
