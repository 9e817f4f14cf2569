// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"
#include "core/matching/words/tokenizer.hpp"

#include <cstdint>
#include <vector>

namespace mapctl::matching {

// Of a column of running text: the words that come in several of its sampled values, as
// stem_hash(), ascending. Empty for other columns.
std::vector<std::uint64_t> words_of_values(const catalog::ColumnStatistics& statistics,
                                           ValueKind kind, const Tokenizer& tokenizer);

// Whether the texts of one column mention what the other says yes or no to: "fireplace" is among
// the words of "description".
bool mentions(const Side& texts, const ColumnFeatures& text, const Side& flags,
              const ColumnFeatures& flag) noexcept;
// Whether either does of the other.
bool is_mentioned(const Side& source, const ColumnFeatures& left, const Side& target,
                  const ColumnFeatures& right) noexcept;

}  // namespace mapctl::matching
