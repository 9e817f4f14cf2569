// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace mapctl {

// Keys keep the order in which they were written: equal input gives equal bytes, and people read
// the documents. Include <nlohmann/json.hpp> only in source files.
using Json = nlohmann::ordered_json;

// Two-space indented, ill-formed UTF-8 replaced, with a line feed at the end.
std::string to_document(const Json& json);
// On one line, without line feed.
std::string to_line(const Json& json);
// Throws Error::invalid_data naming `what`, line and column.
Json parse_json(std::string_view text, std::string_view what);

// For hot paths: appends `text` as a JSON string, quotes included; ill-formed UTF-8 is replaced.
void append_json_string(std::string& out, std::string_view text);

}  // namespace mapctl
