// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/sheet_source.hpp"

#include <string>
#include <vector>

namespace mapctl::test {

// A workbook in memory: rows of texts; an empty text is no cell.
struct MemorySheet {
  std::string name{};
  std::vector<std::vector<std::string>> rows{};
  bool is_hidden = false;
};

class MemorySheets final : public ports::SheetSource {
 public:
  explicit MemorySheets(std::vector<MemorySheet> sheets);
  const std::vector<ports::SheetInfo>& sheets() const override { return infos_; }
  void read(std::size_t sheet, const Visit& visit, std::stop_token stop) override;

 private:
  std::vector<MemorySheet> sheets_;
  std::vector<ports::SheetInfo> infos_{};
};

}  // namespace mapctl::test
