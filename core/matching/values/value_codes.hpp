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
// are its allowed values, its code list, or, without either, the few values that it has, else,
// where it is as long as a vocabulary's codes, those. Nothing where all values stay as they are, or
// too few have a counterpart.
std::vector<CodeMatch> match_codes(const catalog::Column& from, const catalog::Column& to);

// Whether the target takes codes, by what it declares or by its length: a value that is cut to fit
// it would be another code, or none. Initials are no codes.
bool takes_codes(const catalog::Column& to);

// The same for a target of yes and no, whose codes are "true" and "false".
std::vector<CodeMatch> match_booleans(const catalog::Column& from);
// Of the rows whose values are listed, the share that has a counterpart.
double covered_share(const catalog::Column& from, const std::vector<CodeMatch>& matches) noexcept;

// How many values and rows the code map of a transformation covers, in words; `score` is the share
// of rows.
mapping::Evidence code_evidence(const catalog::Column& from,
                                const mapping::TransformationStep& codes);

}  // namespace mapctl::matching
