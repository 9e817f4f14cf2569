// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/find_id.hpp"

#include "core/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mapctl::mapping {
namespace {

constexpr std::size_t shortest_id = 6;

}  // namespace

std::size_t find_id(const std::vector<MappingId>& ids, std::string_view text) {
  const auto starts = [&](const MappingId& id) { return id.text.starts_with(text); };
  const auto found = std::find_if(ids.begin(), ids.end(), starts);
  if (text.size() < shortest_id || found == ids.end()) {
    throw Error{ErrorCode::not_found, fmt::format("no mapping has the id '{}'", text),
                "mapctl review list shows the ids; their first six characters are enough"};
  }
  if (std::find_if(found + 1, ids.end(), starts) != ids.end()) {
    throw Error{ErrorCode::usage,
                fmt::format("several mappings have an id that begins with '{}'", text),
                "give more of the id"};
  }
  return static_cast<std::size_t>(found - ids.begin());
}

}  // namespace mapctl::mapping
