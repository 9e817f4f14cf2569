// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/summary.hpp"

#include <string>
#include <string_view>

namespace mapctl::report {

// To four decimals: fewer bytes, and rounding noise cannot show.
double rounded(double value) noexcept;

// As the system calls the type, otherwise the logical one; empty without a column.
std::string type_words(const catalog::Column* column);

// The status of a mapping; `input` for a further source of a rule, `unmapped` without a target.
std::string_view status_word(const MappingRow& row) noexcept;

}  // namespace mapctl::report
