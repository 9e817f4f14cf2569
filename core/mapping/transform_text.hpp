// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/transformation.hpp"

#include <string>
#include <string_view>

namespace mapctl::mapping {

// A transformation in one line, as mapping files have it: steps in their order with '|' between
// them, arguments in parentheses: "trim | parse_date(format=%d/%m/%Y)". Text that has one of
// , | = " \ or a parenthesis without its partner in it, or blanks at an end, stands in quotes as in
// JSON; commas between parentheses need none: cast(type=decimal(12,2)). Inputs and the note come
// first, as inputs(first, last) and note(text). A direct copy is the empty text.
std::string to_text(const Transformation& transformation);

// The way back: transformation_from_text(to_text(t)) == t. Throws Error::invalid_data for an
// unknown step (offering the nearest), for an argument that a step cannot do without, and for text
// of another shape, the empty one too.
Transformation transformation_from_text(std::string_view text);

}  // namespace mapctl::mapping
