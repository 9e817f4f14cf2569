// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"
#include "core/mapping/proposal.hpp"

namespace mapctl::matching {

// For codes of columns whose values are masked, such as a gender's. Their hashes tell which words
// of a known vocabulary they are, though not in which spelling: where the target declares its
// codes, the candidate gets the map from all spellings; else a warning says why there is none.
void map_masked_codes(const catalog::Column& from, const catalog::Column& to,
                      mapping::Candidate& candidate);

}  // namespace mapctl::matching
