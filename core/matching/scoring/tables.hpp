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

// How sure columns can be of each other where the target table was chosen with that confidence: no
// surer than that it is the right one. Set by hand near how often such choices are right where
// every fifth table has no counterpart; above 0.7 more is allowed, as truths leave pairs out. Never
// below 0.55, as what was chosen is there to be looked at.
double most_in_chosen_table(double table_confidence) noexcept;

// Whether it is worth scoring the columns: shared words of names and columns, 0 for none.
double table_kinship(const Side& source, const Side& target);

}  // namespace mapctl::matching
