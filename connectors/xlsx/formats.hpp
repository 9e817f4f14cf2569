// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/sheet_sink.hpp"

#include <xlsxwriter.h>

#include <cstdint>
#include <unordered_map>

namespace mapctl::connectors::xlsx {

// The formats of one workbook, each made once. The workbook owns them.
class Formats {
 public:
  explicit Formats(lxw_workbook* workbook) : workbook_{workbook} {}
  lxw_format* get(const ports::CellStyle& style);
  // What a conditional fill puts on top.
  lxw_format* conditional(ports::Fill fill, bool bold, bool outline);

 private:
  lxw_workbook* workbook_;
  std::unordered_map<std::uint32_t, lxw_format*> formats_{};
  std::unordered_map<std::uint32_t, lxw_format*> conditional_{};
  std::uint32_t last_key_ = 0;
  lxw_format* last_ = nullptr;
};

// Of sheet tabs and charts too.
std::uint32_t colour_of(ports::Fill fill) noexcept;  // 0xRRGGBB

}  // namespace mapctl::connectors::xlsx
