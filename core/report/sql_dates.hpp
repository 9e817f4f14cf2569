// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/sql_expression.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Written dates in the SQL of several systems. `input` is an expression, formats are those of
// strptime.
namespace mapctl::report {

enum class DateKind : std::uint8_t { day, moment, time_of_day };

// The date that a text, or a number, stands for. Besides formats there are "epoch_s" and
// "epoch_ms". Nothing where the system cannot read the format.
std::optional<std::string> sql_of_written_date(SqlTarget target, const std::string& input,
                                               std::string_view format, DateKind kind);

// The way back: the date as text.
std::string sql_to_write_date(SqlTarget target, const std::string& input, std::string_view format);

}  // namespace mapctl::report
