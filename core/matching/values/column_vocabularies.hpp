// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"

#include <cstdint>
#include <string_view>

namespace mapctl::matching {

// The vocabulary of words that nearly all values of a column are of: "country", "month". Empty for
// none, for codes that stand for other things as well, and where values are masked.
std::string_view vocabulary_of(const catalog::Column& column);

// The vocabularies that most of a column's frequent values are of, a bit each; 0 where they are of
// none or are no list of codes. Of a masked column, those that have all its values. What
// specific_vocabularies() has tells what a column holds, as genders and months do; to share another
// one, "active" and "inactive" say, tells no more than that the values do not contradict each
// other.
std::uint32_t vocabularies_of(const catalog::Column& column);
std::uint32_t specific_vocabularies() noexcept;

}  // namespace mapctl::matching
