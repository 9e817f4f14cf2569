// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/types.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mapctl::test {

struct SampleColumn {
  std::string name{};
  catalog::LogicalType type{};
};

struct SampleKey {
  std::vector<std::string> columns{};
  std::string table{};
  std::vector<std::string> referenced{};
};

// Nothing is a null. Decimals have two digits behind the point.
using SampleRow = std::vector<std::optional<std::string>>;

struct SampleTable {
  std::string name{};
  std::vector<SampleColumn> columns{};
  std::vector<std::string> primary_key{};
  std::vector<SampleKey> foreign_keys{};
  std::vector<SampleRow> rows{};
};

// Small and lopsided: keys out of table order, underscores beside names they would match as
// wildcards, quotes, mixed case, letters beyond ASCII. By name.
const std::vector<SampleTable>& sample();
const SampleTable& sample_table(const std::string& name);

}  // namespace mapctl::test
