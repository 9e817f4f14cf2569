// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/report/recording_sink.hpp"

#include <stdexcept>

namespace mapctl::test {
namespace {

class RecordingSink final : public ports::SheetSink {
 public:
  explicit RecordingSink(RecordedWorkbook& workbook) : workbook_{&workbook} {}

  void begin_sheet(const ports::SheetOptions& options) override {
    workbook_->sheets.emplace_back();
    current().options = options;
  }
  void row(const std::vector<ports::Cell>& cells, double) override {
    std::vector<RecordedCell> row;
    for (const ports::Cell& cell : cells) {
      row.push_back(
          {cell.kind, std::string{cell.text}, std::string{cell.target}, cell.number, cell.style});
    }
    current().rows.push_back(std::move(row));
  }
  void skip_rows(std::uint32_t count) override {
    current().rows.resize(current().rows.size() + count);
  }
  std::uint32_t next_row() const override {
    return static_cast<std::uint32_t>(workbook_->sheets.back().rows.size());
  }
  void validate(const ports::ListValidation& validation) override {
    current().validations.push_back(validation);
  }
  void fill_when(const ports::ConditionalFill& rule) override { current().fills.push_back(rule); }
  void filter(std::uint32_t, std::uint16_t, std::uint32_t, std::uint16_t) override {
    current().has_filter = true;
  }
  void merge(std::uint32_t, std::uint16_t, std::uint16_t, const ports::Cell&) override {}
  void chart(const ports::BarChart& chart) override { current().charts.push_back(chart); }
  void define_name(const std::string& name, const std::string& range) override {
    workbook_->names[name] = range;
  }
  void close() override { workbook_->is_closed = true; }

 private:
  RecordedSheet& current() { return workbook_->sheets.back(); }

  RecordedWorkbook* workbook_;
};

}  // namespace

std::string RecordedSheet::at(std::size_t row, std::size_t column) const {
  return row < rows.size() && column < rows[row].size() ? rows[row][column].text : std::string{};
}

std::size_t RecordedSheet::find_row(const std::string& text, std::size_t column) const {
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (at(row, column) == text) {
      return row;
    }
  }
  throw std::runtime_error{"no row '" + text + "' in sheet " + options.name};
}

std::size_t RecordedSheet::find_column(std::size_t header_row, const std::string& title) const {
  for (std::size_t column = 0; column < rows.at(header_row).size(); ++column) {
    if (at(header_row, column) == title) {
      return column;
    }
  }
  throw std::runtime_error{"no column '" + title + "' in sheet " + options.name};
}

const RecordedSheet& RecordedWorkbook::sheet(const std::string& name) const {
  for (const RecordedSheet& sheet : sheets) {
    if (sheet.options.name == name) {
      return sheet;
    }
  }
  throw std::runtime_error{"no sheet " + name};
}

bool RecordedWorkbook::has(const std::string& name) const {
  for (const RecordedSheet& sheet : sheets) {
    if (sheet.options.name == name) {
      return true;
    }
  }
  return false;
}

std::unique_ptr<ports::SheetSink> RecordingFactory::create(const std::filesystem::path&,
                                                           const ports::WorkbookProperties&) const {
  return std::make_unique<RecordingSink>(*workbook_);
}

}  // namespace mapctl::test
