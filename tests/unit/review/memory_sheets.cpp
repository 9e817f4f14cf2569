// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/review/memory_sheets.hpp"

namespace mapctl::test {

MemorySheets::MemorySheets(std::vector<MemorySheet> sheets) : sheets_{std::move(sheets)} {
  for (const MemorySheet& sheet : sheets_) {
    infos_.push_back({sheet.name, sheet.is_hidden});
  }
}

void MemorySheets::read(std::size_t sheet, const Visit& visit, std::stop_token) {
  const auto& rows = sheets_.at(sheet).rows;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    ports::ReadRow row;
    row.row = static_cast<std::uint32_t>(at);
    for (std::size_t column = 0; column < rows[at].size(); ++column) {
      if (!rows[at][column].empty()) {
        ports::ReadCell cell;
        cell.column = static_cast<std::uint32_t>(column);
        cell.text = rows[at][column];
        row.cells.push_back(std::move(cell));
      }
    }
    if (!row.cells.empty() && !visit(row)) {
      return;
    }
  }
}

}  // namespace mapctl::test
