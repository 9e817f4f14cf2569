// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace mapctl {

// How a value is printed: text as it is, null as nothing, true and false, maps and lists as JSON.
std::string to_text(const Json& value);
// As Python sees it: null, false, 0, "", [] and {} are not.
bool is_truthy(const Json& value) noexcept;

// Copying and printing a document take stack for each level, parsing takes none: what others send
// must be refused before.
inline constexpr std::size_t most_json_depth = 256;
bool is_nested_too_deeply(std::string_view text) noexcept;
// Of what others send: discarded where it is no JSON, or nested more deeply than most_json_depth.
Json read_json(std::string_view text);

}  // namespace mapctl
