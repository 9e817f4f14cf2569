// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"
#include "core/mapping/proposal.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::matching {

// One value of a source column and what the target has for it.
struct CodeMatch {
  std::string from{};
  std::string to{};
  std::int64_t count = 0;  // rows with the value
  double confidence = 0;   // 1: spelled alike; less: begins alike, or means the same
};

// What the source's frequent values become in the target: by spelling, and by meaning where both
// sides are of one vocabulary ("M" is "male" among genders, not among months). The target's codes
// are its allowed values, its code list, or, without either, the few values that it has. Nothing
// where all values stay as they are, or too few have a counterpart.
std::vector<CodeMatch> match_codes(const catalog::Column& from, const catalog::Column& to);

// The vocabulary of words that nearly all values of a column are of: "country", "month". Empty for
// none, for codes that stand for other things as well, and where values are masked.
std::string_view vocabulary_of(const catalog::Column& column);

// The same for a target of yes and no, whose codes are "true" and "false".
std::vector<CodeMatch> match_booleans(const catalog::Column& from);
// Of the rows whose values are listed, the share that has a counterpart.
double covered_share(const catalog::Column& from, const std::vector<CodeMatch>& matches) noexcept;

// The vocabularies that most of a column's frequent values are of, a bit each; 0 where they are of
// none or are no list of codes. What `specific_vocabularies` has tells what a column holds, as
// genders and months do; to share another one, "active" and "inactive" say, tells no more than that
// the values do not contradict each other.
std::uint32_t vocabularies_of(const catalog::Column& column);
extern const std::uint32_t specific_vocabularies;

// How many values and rows the code map of a transformation covers, in words; `score` is the share
// of rows.
mapping::Evidence code_evidence(const catalog::Column& from,
                                const mapping::TransformationStep& codes);

}  // namespace mapctl::matching
