// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"

#include <string>

namespace mapctl::config {

struct YamlNode;

// A YAML value as JSON: plain scalars that look like numbers, true or false are such.
Json to_json(const YamlNode& node);

// A map as a YAML document in blocks, short values on one line. Read back, it is the same.
std::string to_yaml(const Json& map);

}  // namespace mapctl::config
