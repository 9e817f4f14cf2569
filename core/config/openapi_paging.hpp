// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/config/openapi_reader.hpp"

#include <vector>

namespace mapctl::config {

// How a list is paged, as `paging:` of a REST profile says it: by the names of its query
// parameters, the fields of its answer and its headers; "none" where nothing tells.
Json openapi_paging(const OpenApiReader& reader, const Json& operation,
                    const std::vector<const Json*>& parameters,
                    const OpenApiReader::Records& records);

}  // namespace mapctl::config
