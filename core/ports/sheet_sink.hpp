// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::ports {

// Looks that cells may have. A writer makes one format of each combination it meets.
enum class Fill : std::uint8_t { none, header, title, green, yellow, amber, red, grey, blue, band };
enum class NumberFormat : std::uint8_t { general, text, integer, decimal, percent, score };

struct CellStyle {
  Fill fill = Fill::none;
  NumberFormat number = NumberFormat::general;
  bool bold = false;
  bool italic = false;
  bool wrap = false;
  bool centered = false;
  bool locked = true;  // counts when the sheet is protected
  bool link = false;
  bool border = false;         // a thin line below and beside, for cells of tables
  std::uint8_t font_size = 0;  // 0: default
  auto operator<=>(const CellStyle&) const = default;
};

// Views must stay valid during the call only.
struct Cell {
  enum class Kind : std::uint8_t { empty, text, number, link };
  Kind kind = Kind::empty;
  std::string_view text{};    // text; of a link what is shown
  std::string_view target{};  // of a link: "internal:'Sheet'!A1"
  double number = 0;
  CellStyle style{};
};

struct SheetColumn {
  double width = 12;  // characters
  bool hidden = false;
  std::uint8_t outline_level = 0;
  CellStyle style{};  // for cells that are not written
};

// A drop-down over a range of cells (rows and columns from 0, last inclusive).
struct ListValidation {
  std::uint32_t first_row = 0, last_row = 0;
  std::uint16_t first_column = 0, last_column = 0;
  std::string source{};  // a formula such as =_lists!$A$2:$A$9, never literal values
  std::string title{}, message{};
  bool refuse_others = false;
};

// A fill that depends on a formula, for a range.
struct ConditionalFill {
  std::uint32_t first_row = 0, last_row = 0;
  std::uint16_t first_column = 0, last_column = 0;
  std::string formula{};
  Fill fill = Fill::none;
  bool bold = false;
  bool outline = false;
  // More columns of the same rows, first and last. Writers keep some kilobytes a rule to the end.
  std::optional<std::pair<std::uint16_t, std::uint16_t>> also{};
};

struct BarChart {
  std::string title{};
  std::string categories{};  // =Summary!$A$5:$A$14
  std::string values{};
  std::string value_name{};
  std::uint32_t row = 0;
  std::uint16_t column = 0;
};

struct SheetOptions {
  std::string name{};  // already unique and legal
  bool hidden = false;
  std::vector<SheetColumn> columns{};
  std::uint32_t frozen_rows = 0;
  std::uint16_t frozen_columns = 0;
  std::optional<std::uint32_t> header_row{};  // repeated in print
  bool landscape = true;
  std::uint16_t pages_wide = 1;  // in print; more than one repeats the frozen columns
  bool grid = true;              // the sheet's own lines between cells
  bool protect = false;
  Fill tab = Fill::none;
};

// Writes one workbook, sheet after sheet, row after row downwards; nothing already written can be
// changed. Text cells are text whatever they start with. Used by one thread at a time. Every
// member throws Error (resource_limit for a full disk).
class SheetSink {
 public:
  virtual ~SheetSink() = default;
  virtual void begin_sheet(const SheetOptions& options) = 0;
  // Cells of the next row, from column 0; empty ones may be left out at the end.
  virtual void row(const std::vector<Cell>& cells, double height = 0) = 0;
  // Leaves `count` rows empty.
  virtual void skip_rows(std::uint32_t count) = 0;
  virtual std::uint32_t next_row() const = 0;  // of the current sheet, from 0
  virtual void validate(const ListValidation& validation) = 0;
  virtual void fill_when(const ConditionalFill& rule) = 0;
  virtual void filter(std::uint32_t first_row, std::uint16_t first_column, std::uint32_t last_row,
                      std::uint16_t last_column) = 0;
  // In the next row, before row() gives it its other cells.
  virtual void merge(std::uint32_t row, std::uint16_t first_column, std::uint16_t last_column,
                     const Cell& cell) = 0;
  virtual void chart(const BarChart& chart) = 0;
  // A name for a range of the workbook: ("rows", "=_data!$A$1:$C$9"). Conditional fills may look
  // into other sheets through names only.
  virtual void define_name(const std::string& name, const std::string& range) = 0;
  // Finishes the file. Reached without it, the destructor throws the file away.
  virtual void close() = 0;
};

struct WorkbookProperties {
  std::string title{}, subject{}, author{}, comments{};
  TimePoint created{};
};

class SheetSinkFactory {
 public:
  virtual ~SheetSinkFactory() = default;
  // Creates `path`, which must not exist or may be overwritten; callers pass a temporary name.
  virtual std::unique_ptr<SheetSink> create(const std::filesystem::path& path,
                                            const WorkbookProperties& properties) const = 0;
};

// Excel's limits (support.microsoft.com, "Excel specifications and limits").
inline constexpr std::uint32_t sheet_rows = 1'048'576;
inline constexpr std::uint32_t sheet_columns = 16'384;
inline constexpr std::size_t cell_characters = 32'767;
inline constexpr std::size_t sheet_name_characters = 31;

}  // namespace mapctl::ports
