// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"

#include <string>

// How columns write dates and times of day, as formats of strptime.
namespace mapctl::matching {

// "%d.%m.%Y" for day-first dates with dots, and so on; empty when the column's values have no one
// form of date. Epochs are "epoch_s" and "epoch_ms".
std::string date_format_of(const catalog::Column& column);

// The format that readers of text files put behind the type of dates that are not ISO's: "DATE
// %d.%m.%Y". Empty for other types.
std::string declared_date_format(const catalog::Column& column);

// "%I:%M %p" where the values are times of day and nothing else; empty where they are not.
std::string time_format_of(const catalog::Column& column);

}  // namespace mapctl::matching
