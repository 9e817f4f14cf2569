// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/rest/plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mapctl::connectors::rest {

// The records at a path of an answer: a list gives its items, a map itself, a missing key nothing.
// An item that is no map becomes {"value": item}.
std::vector<Json> extract_records(Json body, const std::vector<std::string>& path);

// A path that an answer does not have, and where a list of records stands instead, if one does:
// empty for the answer itself.
struct LostPath {
  std::string path{};
  std::optional<std::string> list{};
};
// Nothing when the path leads somewhere, be it to an empty list or null.
std::optional<LostPath> lost_path(const Json& body, const std::vector<std::string>& path);

// `scope` has no `record` yet.
void apply_changes(const Stream& stream, Json& record, const TemplateScope& scope);

}  // namespace mapctl::connectors::rest
