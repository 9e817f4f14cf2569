// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/rest/json_value.hpp"
#include "core/catalog/table.hpp"

#include <string>
#include <vector>

namespace mapctl::connectors::rest {

// A column and where its values are in a record; nested fields have dotted names.
struct RecordColumn {
  catalog::Column column{};
  JsonPath path{};
};

struct Shape {
  std::vector<RecordColumn> columns{};
  std::vector<std::string> remarks{};  // for people: fields that change their type
};

// Nested objects are taken apart to this depth; deeper ones are one column of JSON.
inline constexpr std::size_t nesting_limit = 6;

}  // namespace mapctl::connectors::rest
