// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/postgres/handle.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mapctl::connectors::postgres {

// Object ids of built-in types never change.
inline constexpr Oid bool_type = 16;
inline constexpr Oid bytea_type = 17;
inline constexpr Oid timestamptz_type = 1184;
inline constexpr Oid jsonb_type = 3802;

// The highest $n in a statement, outside of quotes.
std::size_t count_parameters(std::string_view sql) noexcept;

// Values as every registry gives them: 1 and 0 for booleans, times as ISO 8601 UTC with at least
// milliseconds (the session's time zone is UTC), JSON without spaces between its parts, bytes as
// they are.
bool needs_conversion(Oid type) noexcept;
std::string to_portable(Oid type, std::string_view text);
std::string read_bytea(std::string_view text);  // \x0aff

std::int64_t read_integer(std::string_view text) noexcept;  // t is 1; 0 for what is no number
double read_real(std::string_view text) noexcept;

}  // namespace mapctl::connectors::postgres
