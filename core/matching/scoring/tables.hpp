// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mapping/proposal.hpp"
#include "core/matching/columns/prepared.hpp"
#include "core/matching/scoring/scorer.hpp"
#include "core/matching/words/lexicon.hpp"

#include <string_view>
#include <vector>

namespace mapctl::matching {

// How well two tables fit: names, descriptions, share of the columns that find a partner, domain.
struct TableFit {
  double confidence = 0;
  std::vector<mapping::Evidence> evidence{};
};

// `scores` are those of the two tables' columns; `domain` is the hinted field of business or empty.
TableFit table_fit(const Side& source, const Side& target, const ScoreTable& scores,
                   const Lexicon& lexicon, std::string_view domain);

// Whether it is worth scoring the columns: shared words of names and columns, 0 for none.
double table_kinship(const Side& source, const Side& target);

}  // namespace mapctl::matching
