// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/rest/plan.hpp"

#include <vector>

namespace mapctl::connectors::rest {

// The records at a path of an answer: a list gives its items, a map itself, a missing key nothing.
// An item that is no map becomes {"value": item}.
std::vector<Json> extract_records(Json body, const std::vector<std::string>& path);

// `scope` has no `record` yet.
void apply_changes(const Stream& stream, Json& record, const TemplateScope& scope);

}  // namespace mapctl::connectors::rest
