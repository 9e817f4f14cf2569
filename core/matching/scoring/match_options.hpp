// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace mapctl::matching {

struct MatchOptions {
  double min_confidence = 0.5;  // below it the decision is "no match"
  bool one_to_one = true;       // a target column is decided for at most one source column
  std::size_t top = 5;          // candidates kept a field
  std::string domain{};         // hint of the field of business: "crm", "finance"; empty: none
  bool use_data = true;         // evidence from statistics and values
  bool use_memory = true;       // ... and from past decisions
  bool composites = true;       // rules of several columns beside pairs of one
};

}  // namespace mapctl::matching
