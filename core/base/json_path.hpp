// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mapctl {

// Keys from the outside in; "*" stands for every item.
using JsonPath = std::vector<std::string>;
JsonPath parse_path(std::string_view dotted);
// Null when it is not there.
const Json* find_at(const Json& value, const JsonPath& path);
// Replaces what is no map on the way.
void put_at(Json& value, const JsonPath& path, Json item);
void erase_at(Json& value, const JsonPath& path);

}  // namespace mapctl
