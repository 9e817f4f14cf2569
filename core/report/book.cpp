// SPDX-License-Identifier: Apache-2.0
#include "core/report/book.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace mapctl::report {

using ports::Cell;
using ports::CellStyle;
using ports::Fill;
using ports::NumberFormat;

namespace style {

CellStyle title() {
  CellStyle style;
  style.fill = Fill::title;
  style.bold = true;
  style.font_size = 16;
  return style;
}

CellStyle subtitle() {
  CellStyle style;
  style.italic = true;
  return style;
}

CellStyle label() {
  CellStyle style;
  style.fill = Fill::band;
  style.bold = true;
  style.border = true;
  return style;
}

CellStyle value() {
  return {};
}

CellStyle header() {
  CellStyle style;
  style.fill = Fill::header;
  style.bold = true;
  style.wrap = true;
  style.border = true;
  return style;
}

CellStyle editable_header() {
  CellStyle style = header();
  style.fill = Fill::yellow;
  return style;
}

CellStyle cell() {
  CellStyle style;
  style.border = true;
  style.number = NumberFormat::text;
  return style;
}

CellStyle wrapped() {
  CellStyle style = cell();
  style.wrap = true;
  return style;
}

CellStyle centered() {
  CellStyle style = cell();
  style.centered = true;
  return style;
}

CellStyle number(NumberFormat format) {
  CellStyle style = cell();
  style.number = format;
  return style;
}

CellStyle editable() {
  CellStyle style = cell();
  style.locked = false;
  return style;
}

CellStyle editable_wrapped() {
  CellStyle style = editable();
  style.wrap = true;
  return style;
}

CellStyle link() {
  CellStyle style = cell();
  style.link = true;
  return style;
}

CellStyle filled(Fill fill) {
  CellStyle style = cell();
  style.fill = fill;
  return style;
}

}  // namespace style

double wrapped_height(std::string_view text, double width) {
  constexpr double line = 13.5;  // points, of a font of 10
  constexpr double most = 409;   // that Excel allows
  // A column's width counts digits of a bigger font; letters of running text are narrower.
  constexpr double letters = 1.3;
  const double lines = std::ceil(static_cast<double>(utf16_length(text)) / (width * letters));
  return lines <= 1 ? 0 : std::min(most, lines * line + 2);
}

std::string counted(std::size_t count, std::string_view one) {
  return fmt::format("{} {}{}", with_thousands(static_cast<std::int64_t>(count)), one,
                     count == 1 ? "" : "s");
}

std::string_view Cells::keep(std::string text) {
  if (used_ == kept_.size()) {
    kept_.emplace_back();
  }
  kept_[used_] = std::move(text);
  return kept_[used_++];
}

void Cells::text(std::string_view text, const CellStyle& style) {
  Cell cell;
  cell.kind = text.empty() ? Cell::Kind::empty : Cell::Kind::text;
  cell.text = text;
  cell.style = style;
  cells_.push_back(cell);
}

void Cells::own(std::string text, const CellStyle& style) {
  this->text(keep(std::move(text)), style);
}

void Cells::number(double value, const CellStyle& style) {
  Cell cell;
  cell.kind = Cell::Kind::number;
  cell.number = value;
  cell.style = style;
  cells_.push_back(cell);
}

void Cells::link(std::string text, std::string target, const CellStyle& style) {
  Cell cell;
  cell.kind = Cell::Kind::link;
  cell.text = keep(std::move(text));
  cell.target = keep(std::move(target));
  cell.style = style;
  cells_.push_back(cell);
}

void Cells::blank(const CellStyle& style) {
  text(std::string_view{}, style);
}

RowPlanner::Place RowPlanner::place(std::size_t count) {
  if (row_ > 1 && row_ + count > sheet_rows_) {
    ++part_;
    row_ = 1;
  }
  const Place place{part_, row_};
  row_ += static_cast<std::uint32_t>(count);
  return place;
}

std::string Book::link_to_pair(const std::string& sheet, std::uint32_t row,
                               std::uint16_t column) const {
  return is_index ? "external:" + sheet : link_to(sheet, row, column);
}

void Book::begin_sheet(const ports::SheetOptions& sheet_options) {
  check_stop();
  ++sheets;
  ports::SheetOptions adjusted = sheet_options;
  adjusted.protect = options.protect;
  sink->begin_sheet(adjusted);
}

void Book::check_stop() const {
  if (stop.stop_requested()) {
    throw Error{ErrorCode::cancelled, "writing the workbook was cancelled"};
  }
}

std::uint32_t Book::capacity(std::size_t facts) const noexcept {
  return options.sheet_rows - TableWriter::header_row(facts) - 1;
}

TableWriter::TableWriter(Book& book, TableSpec spec, Finisher finisher)
    : book_{&book}, spec_{std::move(spec)}, finisher_{std::move(finisher)}, sheet_{spec_.sheet} {
  begin_piece();
}

// Title, subtitle, facts, an empty line, header.
std::uint32_t TableWriter::header_row(std::size_t facts) noexcept {
  return static_cast<std::uint32_t>(2 + facts + 1);
}

void TableWriter::begin_piece() {
  ++piece_;
  links_ = 0;
  if (piece_ > 1) {
    sheet_ = piece_ - 2 < piece_names_.size() ? piece_names_[piece_ - 2]
                                              : book_->names.take_continuation(spec_.sheet, piece_);
  }
  const std::uint32_t header_row = TableWriter::header_row(spec_.facts.size());
  ports::SheetOptions options;
  options.name = sheet_;
  options.hidden = spec_.is_hidden;
  options.frozen_rows = header_row + 1;
  options.frozen_columns = spec_.frozen_columns;
  options.header_row = header_row;
  options.pages_wide = spec_.pages_wide;
  options.grid = false;
  options.tab = spec_.tab;
  for (const TableColumn& column : spec_.columns) {
    ports::SheetColumn sheet_column;
    sheet_column.width = column.width;
    sheet_column.hidden = column.is_hidden;
    sheet_column.outline_level = column.outline_level;
    sheet_column.style.locked = !column.is_editable;
    options.columns.push_back(sheet_column);
  }
  book_->begin_sheet(options);

  Cells cells;
  cells.text(spec_.title, style::title());
  book_->sink->row(cells.cells(), 24);
  cells.clear();
  std::string subtitle = spec_.subtitle;
  if (piece_ > 1) {
    subtitle =
        fmt::format("{}{}continues '{}'", subtitle, subtitle.empty() ? "" : " · ", spec_.sheet);
  }
  if (!spec_.back_link.empty()) {
    CellStyle back = style::link();
    back.border = false;
    cells.link("← Summary", link_to(spec_.back_link), back);
  }
  cells.own(std::move(subtitle), style::subtitle());
  book_->sink->row(cells.cells());
  for (const auto& [label, value] : spec_.facts) {
    cells.clear();
    cells.text(label, style::label());
    cells.text(value, style::value());
    for (Cell& each : cells.cells()) {
      shorten(each, 0, cells);
    }
    book_->sink->row(cells.cells());
  }
  book_->sink->skip_rows(1);
  cells.clear();
  for (const TableColumn& column : spec_.columns) {
    cells.text(column.title, column.is_editable ? style::editable_header() : style::header());
  }
  book_->sink->row(cells.cells(), 32);
  first_row_ = book_->sink->next_row();
}

void TableWriter::end_piece() {
  const std::uint32_t next = book_->sink->next_row();
  const std::uint32_t last = next > first_row_ ? next - 1 : first_row_;
  book_->sink->filter(first_row_ - 1, 0, last,
                      static_cast<std::uint16_t>(spec_.columns.size() - 1));
  if (finisher_ && next > first_row_) {
    finisher_(first_row_, last);
  }
}

void TableWriter::shorten(Cell& cell, std::size_t column, Cells& cells) {
  const std::size_t limit = book_->options.cell_characters;
  if (cell.kind == Cell::Kind::number || cell.text.size() <= limit ||
      utf16_length(cell.text) <= limit) {
    return;
  }
  if (book_->overflow_sheet.empty()) {
    book_->overflow_sheet = book_->names.take("Overflow");
  }
  const std::uint32_t room = book_->capacity(0);
  const std::size_t piece = book_->overflow_rows / room;
  const std::uint32_t row = TableWriter::header_row(0) + 1 + book_->overflow_rows % room;
  const std::string sheet =
      piece == 0 ? book_->overflow_sheet : fmt::format("{} ({})", book_->overflow_sheet, piece + 1);
  book_->overflow_rows += static_cast<std::uint32_t>((utf16_length(cell.text) + limit - 1) / limit);
  Book::LongText text;
  text.place = {sheet_, book_->sink->next_row()};
  text.column = column < spec_.columns.size() ? spec_.columns[column].title : std::string{};
  text.text = std::string{cell.text};
  book_->overflow.push_back(std::move(text));
  const std::string suffix = fmt::format("… [whole text: {}!A{}]", sheet, row + 1);
  const std::size_t suffix_units = utf16_length(suffix);
  const std::size_t units = limit > suffix_units ? limit - suffix_units : 0;
  cell.kind = Cell::Kind::link;
  cell.target = cells.keep(link_to(sheet, row));
  cell.text = cells.keep(std::string{utf16_prefix(cell.text, units)} + suffix);
}

void TableWriter::write(Cells& cells, double height) {
  if (book_->sink->next_row() >= book_->options.sheet_rows) {
    next_piece();
  }
  std::size_t column = 0;
  for (Cell& cell : cells.cells()) {
    if (cell.kind == Cell::Kind::link && ++links_ > links_per_sheet) {
      cell.kind = Cell::Kind::text;
      cell.style.link = false;
    }
    shorten(cell, column++, cells);
  }
  book_->sink->row(cells.cells(), height);
}

void TableWriter::next_piece() {
  end_piece();
  begin_piece();
}

void TableWriter::finish() {
  end_piece();
}

PairLines::PairLines(const RunReport& run, const PairReport& pair)
    : rows{mapping_rows(run, pair)}, unmapped{report::unmapped_targets(run, pair, rows)} {}

Line PairLines::at(std::size_t index) const noexcept {
  Line line;
  if (index < rows.size()) {
    line.mapping = &rows[index];
  } else {
    line.unmapped = &unmapped[index - rows.size()];
  }
  return line;
}

std::string_view Line::id() const noexcept {
  return mapping != nullptr ? mapping->id : unmapped->id;
}

TablePlace place_of_line(const Book& book, const PairEntry& entry, std::size_t line) {
  const std::uint32_t room = book.capacity(pair_facts);
  const std::size_t piece = std::min(line / room, entry.sheets.size() - 1);
  return {entry.sheets[piece], TableWriter::header_row(pair_facts) + 1 +
                                   static_cast<std::uint32_t>(line - piece * room)};
}

std::string percent(double share) {
  return fmt::format("{:.0f} %", share * 100);
}

std::string shape_of(std::string_view value) {
  std::string shape;
  for (const char c : utf8_prefix(value, 40)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c >= '0' && c <= '9') {
      shape += '9';
    } else if (c >= 'A' && c <= 'Z') {
      shape += 'X';
    } else if ((c >= 'a' && c <= 'z') || byte >= 0xC0) {
      shape += 'x';
    } else if (byte < 0x80) {
      shape += c;
    }
  }
  return shape;
}

std::string example_of(const catalog::Column& column, std::int64_t minimum_count) {
  if (!column.statistics) {
    return {};
  }
  const catalog::ColumnStatistics& statistics = *column.statistics;
  for (const catalog::FrequentValue& value : statistics.frequent) {
    if (value.count >= minimum_count && !value.text.empty()) {
      return value.text;
    }
  }
  for (const std::string& sample : statistics.samples) {
    if (!sample.empty()) {
      return shape_of(sample);
    }
  }
  return statistics.frequent.empty() ? std::string{} : shape_of(statistics.frequent.front().text);
}

std::string key_words(const catalog::Table& table, const catalog::Column& column) {
  std::vector<std::string> words;
  if (table.in_primary_key(column.name)) {
    words.emplace_back("PK");
  }
  if (const catalog::ForeignKey* key = table.foreign_key_of(column.name)) {
    words.push_back(fmt::format("FK → {}", catalog::to_string(key->references)));
  }
  if (column.unique && !table.in_primary_key(column.name)) {
    words.emplace_back("unique");
  } else if (words.empty() && column.statistics && column.statistics->tells_rows_apart() &&
             catalog::is_named_like_key(column.name.text)) {
    words.emplace_back("unique in data");
  }
  return join(words, ", ");
}

}  // namespace mapctl::report
