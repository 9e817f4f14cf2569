// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"

#include <cstdint>
#include <optional>
#include <string>

// Members of documents that others sent: one that is missing or of another type is as if it were
// not there, and so is every member of what is no map.
namespace mapctl {

// Null where there is none.
const Json* find_member(const Json& document, const char* key) noexcept;
std::string text_member(const Json& document, const char* key);
bool flag_member(const Json& document, const char* key, bool fallback = false);
// A number with a fraction, or beyond 64 bits, is none.
std::optional<std::int64_t> whole_member(const Json& document, const char* key);

}  // namespace mapctl
