// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mapctl::mapping {

// Arithmetic over the inputs of a mapping, as an `expression` step has it: numbers, the names of
// inputs (in double quotes unless they are plain words, a quote within doubled), + - * / and
// parentheses: 'quantity * "Unit Price"'.

// The same with every name replaced by what `input` makes of it; nothing when the text is no such
// expression, or `input` knows a name not.
std::optional<std::string> rewrite_expression(
    std::string_view text,
    const std::function<std::optional<std::string>(std::string_view name)>& input);

}  // namespace mapctl::mapping
