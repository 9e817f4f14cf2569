// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::test {

// Rows by column name; a field without value is null.
using Rows = std::vector<std::map<std::string, std::optional<std::string>>>;

// The rows of a table that is in no schema, at most `limit`.
inline Rows read_rows(ports::Connector& connector, const std::string& table,
                      std::size_t limit = 100'000) {
  auto reader = connector.open_reader({{}, catalog::TableName{table}}, {});
  Rows rows;
  std::vector<std::optional<std::string_view>> row;
  while (rows.size() < limit && reader->next(row)) {
    auto& kept = rows.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      kept[reader->columns()[i].text] = row[i] ? std::optional<std::string>{*row[i]} : std::nullopt;
    }
  }
  return rows;
}

// One column of them: "null" for a null, "(none)" where there is no such column.
inline std::vector<std::string> values_of(const Rows& rows, const std::string& column) {
  std::vector<std::string> values;
  for (const auto& row : rows) {
    const auto found = row.find(column);
    values.push_back(found == row.end() ? "(none)" : found->second.value_or("null"));
  }
  return values;
}

}  // namespace mapctl::test
