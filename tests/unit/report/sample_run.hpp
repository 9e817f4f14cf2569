// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/model.hpp"

#include <string>
#include <vector>

namespace mapctl::test {

// A run of four pairs, small but with everything that reports have words for: decisions of people,
// a lossy cast, a code map, personal data, a required target without source, a failed job, foreign
// keys, names with quotes and formulas.
struct SampleRun {
  report::RunReport run{};
  std::vector<report::PairReport> pairs{};
};
SampleRun sample_run();

// A pair of `columns` equally named columns, all mapped.
report::PairReport plain_pair(std::size_t number, std::size_t columns);

catalog::Column column(std::string name, std::string type, int position);
mapping::Candidate candidate(std::string target, double confidence,
                             mapping::Transformation transformation = {},
                             std::vector<std::string> warnings = {});
// The first candidate is decided for when `decided`.
mapping::FieldProposal field(std::string source, std::vector<mapping::Candidate> candidates,
                             bool decided = true);
mapping::Transformation step(mapping::TransformationKind kind,
                             std::vector<std::pair<std::string, std::string>> arguments = {});

}  // namespace mapctl::test
