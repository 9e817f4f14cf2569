// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/exports.hpp"
#include "core/report/summary.hpp"

#include <string>
#include <vector>

namespace mapctl::report {

struct SelectColumn {
  std::string name{};        // of the target
  std::string expression{};  // over the source with alias s
  const catalog::Column* column = nullptr;
};

// What a pair's mappings say as one select; each target column at most once.
struct PairSelect {
  std::vector<SelectColumn> columns{};
  std::vector<std::string> notes{};  // what the select leaves out, in words
};
PairSelect select_of(SqlTarget target, const RunReport& run, const PairReport& pair);

}  // namespace mapctl::report
