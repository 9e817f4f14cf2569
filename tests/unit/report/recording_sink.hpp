// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/sheet_sink.hpp"

#include <map>
#include <string>
#include <vector>

namespace mapctl::test {

struct RecordedCell {
  ports::Cell::Kind kind = ports::Cell::Kind::empty;
  std::string text{}, target{};
  double number = 0;
  ports::CellStyle style{};
};

struct RecordedSheet {
  ports::SheetOptions options{};
  std::vector<std::vector<RecordedCell>> rows{};
  std::vector<ports::ListValidation> validations{};
  std::vector<ports::ConditionalFill> fills{};
  std::vector<ports::BarChart> charts{};
  bool has_filter = false;

  // Text of a cell, or "" outside of what was written.
  std::string at(std::size_t row, std::size_t column) const;
  // The row whose first cell is `text`; throws when there is none.
  std::size_t find_row(const std::string& text, std::size_t column = 0) const;
  std::size_t find_column(std::size_t header_row, const std::string& title) const;
};

struct RecordedWorkbook {
  std::vector<RecordedSheet> sheets{};
  std::map<std::string, std::string> names{};
  bool is_closed = false;

  const RecordedSheet& sheet(const std::string& name) const;
  bool has(const std::string& name) const;
};

// Keeps a workbook in memory; it must outlive the sinks.
class RecordingFactory final : public ports::SheetSinkFactory {
 public:
  explicit RecordingFactory(RecordedWorkbook& workbook) : workbook_{&workbook} {}
  std::unique_ptr<ports::SheetSink> create(const std::filesystem::path&,
                                           const ports::WorkbookProperties&) const override;

 private:
  RecordedWorkbook* workbook_;
};

}  // namespace mapctl::test
