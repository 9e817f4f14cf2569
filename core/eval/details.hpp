// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/eval/metrics.hpp"
#include "core/eval/suite.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::eval {

// What became of a source column.
enum class Verdict {
  right,      // a target was decided that is true or acceptable
  wrong,      // ... one that is neither, while there is a true one
  missed,     // no target was decided, while there is a true one
  invented,   // a target was decided for a column that is known to have none
  abstained,  // no target was decided for such a column
  unjudged,   // the task does not tell
};
std::string_view to_string(Verdict verdict) noexcept;

struct RatedColumn {
  ColumnKey column{};
  double confidence = 0;
};

// One source column of a task: what is true of it, and what the matcher said.
struct Detail {
  ColumnKey source{};
  Verdict verdict = Verdict::unjudged;
  std::vector<ColumnKey> truth{};        // by name
  std::optional<std::size_t> rank{};     // of the first true target that was scored, from 1
  std::vector<RatedColumn> decided{};    // best first
  std::vector<RatedColumn> likeliest{};  // at most three, best first
};

// What `judged` says of every source column, by name. `sources` and `targets` are the columns by
// their numbers in it.
std::vector<Detail> details(const Judged& judged, const std::vector<ColumnKey>& sources,
                            const std::vector<ColumnKey>& targets);

// The titles of the lines below, and a line for each source column: CSV that a spreadsheet opens
// without running any of it. Columns are written as table.column.
std::string details_header();
std::string details_lines(std::string_view suite, std::string_view task,
                          const std::vector<Detail>& details);

}  // namespace mapctl::eval
