// SPDX-License-Identifier: Apache-2.0
#include "connectors/xlsx/sheets.hpp"

#include "connectors/xlsx/errors.hpp"
#include "connectors/xlsx/formats.hpp"
#include "connectors/xlsx/handle.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace mapctl::connectors::xlsx {
namespace {

using ports::BarChart;
using ports::Cell;
using ports::ConditionalFill;
using ports::Fill;
using ports::ListValidation;
using ports::SheetOptions;
using ports::WorkbookProperties;

constexpr std::size_t links_per_sheet = 65'530;  // Excel's limit
constexpr std::size_t many_sheets = 200;
constexpr rlim_t enough_files = 16'384;

std::uint8_t flag(bool value) noexcept {
  return value ? LXW_TRUE : LXW_FALSE;
}

bool is_escape(std::string_view text, std::size_t at) noexcept {
  if (text.size() < at + 7 || text[at] != '_' || text[at + 1] != 'x' || text[at + 6] != '_') {
    return false;
  }
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at) + 2,
                     text.begin() + static_cast<std::ptrdiff_t>(at) + 6, [](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') ||
                              (c >= 'a' && c <= 'f');
                     });
}

// Text as XML can hold it. Readers turn "_x000D_" into a carriage return, so a text that happens to
// look like this is escaped itself; U+FFFE and U+FFFF are no XML characters; NUL would end the
// text.
bool is_plain(std::string_view text) noexcept {
  unsigned char high = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0 || byte == '_') {
      return false;
    }
    high |= byte;
  }
  return high < 0x80;
}

void put(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out.assign(text);
    return;
  }
  std::string repaired;
  if (first_invalid_utf8(text)) {
    repaired = to_valid_utf8(text);
    text = repaired;
  }
  out.clear();
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\0') {
      out += "\xEF\xBF\xBD";
    } else if (text.substr(at, 3) == "\xEF\xBF\xBE" || text.substr(at, 3) == "\xEF\xBF\xBF") {
      out += "\xEF\xBF\xBD";
      at += 2;
    } else if (is_escape(text, at)) {
      out += "_x005F_";
    } else {
      out += text[at];
    }
  }
}

void allow_more_files() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < enough_files &&
      limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = std::min(enough_files, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

// Where the sheets lie while they are written: on the disk of the workbook, and known with it to
// whoever tidies up behind a killed process.
class ScratchFolder {
 public:
  explicit ScratchFolder(const std::filesystem::path& file)
      : path_{file.string() + AtomicFile::scratch_suffix} {
    if (::mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST) {
      throw_io_error(errno, "write", file);
    }
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() { remove(); }
  const std::string& path() const noexcept { return path_; }
  void remove() const noexcept {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

 private:
  std::string path_;
};

class XlsxSheetSink final : public ports::SheetSink {
 public:
  XlsxSheetSink(std::filesystem::path path, const WorkbookProperties& properties);
  ~XlsxSheetSink() override {
    if (!closed_) {
      workbook_.reset();
      ::unlink(path_.c_str());
    }
  }

  void begin_sheet(const SheetOptions& options) override;
  void row(const std::vector<Cell>& cells, double height) override;
  void skip_rows(std::uint32_t count) override { next_row_ += count; }
  std::uint32_t next_row() const override { return next_row_; }
  void validate(const ListValidation& validation) override;
  void fill_when(const ConditionalFill& rule) override;
  void filter(std::uint32_t first_row, std::uint16_t first_column, std::uint32_t last_row,
              std::uint16_t last_column) override;
  void merge(std::uint32_t row, std::uint16_t first_column, std::uint16_t last_column,
             const Cell& cell) override;
  void chart(const BarChart& chart) override;
  void define_name(const std::string& name, const std::string& range) override;
  void close() override;

 private:
  void write_cell(lxw_row_t row, lxw_col_t column, const Cell& cell);
  void check_call(int result, std::string_view action) {
    if (result != LXW_NO_ERROR) {
      check(result, errno, action, path_);
    }
  }
  // libxlsxwriter does not look at what fwrite() returns.
  void check_rows() const {
    if (sheet_ != nullptr && sheet_->optimize_tmpfile != nullptr &&
        std::ferror(sheet_->optimize_tmpfile) != 0) {
      throw_full(is_full(errno) ? errno : ENOSPC, path_);
    }
  }

  std::filesystem::path path_;
  ScratchFolder scratch_;
  WorkbookHandle workbook_{};
  std::optional<Formats> formats_{};
  lxw_worksheet* sheet_ = nullptr;
  std::uint32_t next_row_ = 0;
  std::size_t sheets_ = 0;
  std::size_t links_ = 0;
  bool closed_ = false;
  std::string text_{}, target_{};
};

XlsxSheetSink::XlsxSheetSink(std::filesystem::path path, const WorkbookProperties& properties)
    : path_{std::move(path)}, scratch_{path_} {
  std::string directory = scratch_.path();
  lxw_workbook_options options{};
  options.constant_memory = LXW_TRUE;
  options.tmpdir = directory.data();
  options.use_zip64 = LXW_FALSE;
  workbook_.reset(workbook_new_opt(path_.c_str(), &options));
  if (workbook_ == nullptr) {
    throw Error{ErrorCode::resource_limit,
                fmt::format("cannot write '{}': no memory for a workbook", path_.string())};
  }
  formats_.emplace(workbook_.get());
  std::string title = properties.title, subject = properties.subject, author = properties.author,
              comments = properties.comments;
  lxw_doc_properties document{};
  document.title = title.data();
  document.subject = subject.data();
  document.author = author.data();
  document.comments = comments.data();
  // Never 0, which would stand for the time of day.
  document.created = std::max<std::time_t>(
      1, std::chrono::duration_cast<std::chrono::seconds>(properties.created.time_since_epoch())
             .count());
  check_call(workbook_set_properties(workbook_.get(), &document), "describe");
}

void XlsxSheetSink::begin_sheet(const SheetOptions& options) {
  check_rows();
  if (++sheets_ == many_sheets) {
    allow_more_files();
  }
  const lxw_error name_error = workbook_validate_sheet_name(workbook_.get(), options.name.c_str());
  check_call(name_error, fmt::format("add a sheet '{}' to", options.name));
  errno = 0;
  sheet_ = workbook_add_worksheet(workbook_.get(), options.name.c_str());
  if (sheet_ == nullptr || sheet_->optimize_tmpfile == nullptr) {
    const int reason = errno;
    sheet_ = nullptr;
    if (is_full(reason)) {
      throw_full(reason, path_);
    }
    throw Error{ErrorCode::resource_limit,
                fmt::format("cannot add sheet {} to '{}'", sheets_, path_.string()),
                "raise the limit of open files (ulimit -n), or use 'layout: zip'"};
  }
  next_row_ = 0;
  links_ = 0;
  for (std::size_t at = 0; at < options.columns.size(); ++at) {
    const ports::SheetColumn& column = options.columns[at];
    lxw_row_col_options extra{};
    extra.hidden = flag(column.hidden);
    extra.level = column.outline_level;
    // Where a group that is folded away is opened again.
    extra.collapsed = flag(at > 0 && column.outline_level == 0 && options.columns[at - 1].hidden &&
                           options.columns[at - 1].outline_level > 0);
    const auto index = static_cast<lxw_col_t>(at);
    check_call(worksheet_set_column_opt(sheet_, index, index, column.width,
                                        formats_->get(column.style), &extra),
               "set a column of");
  }
  if (options.frozen_rows > 0 || options.frozen_columns > 0) {
    worksheet_freeze_panes(sheet_, options.frozen_rows, options.frozen_columns);
  }
  worksheet_set_paper(sheet_, 9);  // A4
  worksheet_set_margins(sheet_, 0.4, 0.4, 0.6, 0.6);
  worksheet_fit_to_pages(sheet_, options.pages_wide, 0);
  if (options.pages_wide > 1 && options.frozen_columns > 0) {
    check_call(
        worksheet_repeat_columns(sheet_, 0, static_cast<lxw_col_t>(options.frozen_columns - 1)),
        "repeat the columns of");
  }
  check_call(worksheet_set_footer(sheet_, "&L&8&F&C&8&A&R&8&P / &N"), "set the footer of");
  if (options.landscape) {
    worksheet_set_landscape(sheet_);
  }
  if (options.header_row) {
    check_call(worksheet_repeat_rows(sheet_, *options.header_row, *options.header_row),
               "repeat the header of");
  }
  if (!options.grid) {
    worksheet_gridlines(sheet_, LXW_HIDE_ALL_GRIDLINES);
  }
  if (options.tab != Fill::none) {
    worksheet_set_tab_color(sheet_, colour_of(options.tab));
  }
  if (options.hidden) {
    worksheet_hide(sheet_);
  }
  if (options.protect) {
    lxw_protection allowed{};
    allowed.format_cells = allowed.format_columns = allowed.format_rows = LXW_TRUE;
    allowed.sort = allowed.autofilter = allowed.insert_hyperlinks = LXW_TRUE;
    worksheet_protect(sheet_, nullptr, &allowed);
  }
}

void XlsxSheetSink::write_cell(lxw_row_t row, lxw_col_t column, const Cell& cell) {
  lxw_format* format = formats_->get(cell.style);
  switch (cell.kind) {
    case Cell::Kind::empty:
      check_call(worksheet_write_blank(sheet_, row, column, format), "write a cell of");
      return;
    case Cell::Kind::number:
      check_call(worksheet_write_number(sheet_, row, column, cell.number, format),
                 "write a cell of");
      return;
    case Cell::Kind::link:
      if (links_ < links_per_sheet) {
        ++links_;
        put(text_, cell.text);
        target_.assign(cell.target);
        check_call(worksheet_write_url_opt(sheet_, row, column, target_.c_str(), format,
                                           text_.c_str(), nullptr),
                   "write a link of");
        return;
      }
      [[fallthrough]];
    case Cell::Kind::text:
      put(text_, cell.text);
      check_call(worksheet_write_string(sheet_, row, column, text_.c_str(), format),
                 "write a cell of");
      return;
  }
}

void XlsxSheetSink::row(const std::vector<Cell>& cells, double height) {
  if (next_row_ >= ports::sheet_rows) {
    throw Error{ErrorCode::resource_limit,
                fmt::format("sheet '{}' of '{}' is full", sheet_->name, path_.string())};
  }
  if (height > 0) {
    check_call(worksheet_set_row(sheet_, next_row_, height, nullptr), "set a row of");
  }
  for (std::size_t column = 0; column < cells.size(); ++column) {
    write_cell(next_row_, static_cast<lxw_col_t>(column), cells[column]);
  }
  ++next_row_;
  check_rows();
}

void XlsxSheetSink::validate(const ListValidation& validation) {
  std::string source = validation.source, title = validation.title, message = validation.message;
  lxw_data_validation rule{};
  rule.validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
  rule.ignore_blank = LXW_VALIDATION_ON;
  rule.dropdown = LXW_VALIDATION_ON;
  rule.show_input = validation.message.empty() ? LXW_VALIDATION_OFF : LXW_VALIDATION_ON;
  rule.show_error = validation.refuse_others ? LXW_VALIDATION_ON : LXW_VALIDATION_OFF;
  rule.error_type = LXW_VALIDATION_ERROR_TYPE_STOP;
  rule.value_formula = source.data();
  if (!message.empty()) {
    rule.input_title = title.data();
    rule.input_message = message.data();
  }
  char error_title[] = "Not in the list";
  char error_message[] = "Please choose one of the listed values.";
  rule.error_title = error_title;
  rule.error_message = error_message;
  check_call(worksheet_data_validation_range(sheet_, validation.first_row, validation.first_column,
                                             validation.last_row, validation.last_column, &rule),
             "add a drop-down to");
}

void XlsxSheetSink::fill_when(const ConditionalFill& rule) {
  std::string formula = rule.formula;
  lxw_conditional_format condition{};
  condition.type = LXW_CONDITIONAL_TYPE_FORMULA;
  condition.value_string = formula.data();
  condition.format = formats_->conditional(rule.fill, rule.bold, rule.outline);
  std::string ranges;
  if (rule.also) {
    for (const auto& [first, last] : {std::pair{rule.first_column, rule.last_column}, *rule.also}) {
      char text[LXW_MAX_CELL_RANGE_LENGTH];
      lxw_rowcol_to_range(text, rule.first_row, first, rule.last_row, last);
      ranges += (ranges.empty() ? "" : " ") + std::string{text};
    }
    condition.multi_range = ranges.data();
  }
  check_call(worksheet_conditional_format_range(sheet_, rule.first_row, rule.first_column,
                                                rule.last_row, rule.last_column, &condition),
             "add a conditional fill to");
}

void XlsxSheetSink::filter(std::uint32_t first_row, std::uint16_t first_column,
                           std::uint32_t last_row, std::uint16_t last_column) {
  check_call(worksheet_autofilter(sheet_, first_row, first_column, last_row, last_column),
             "add a filter to");
}

void XlsxSheetSink::merge(std::uint32_t row, std::uint16_t first_column, std::uint16_t last_column,
                          const Cell& cell) {
  put(text_, cell.text);
  check_call(worksheet_merge_range(sheet_, row, first_column, row, last_column, text_.c_str(),
                                   formats_->get(cell.style)),
             "merge cells of");
}

void XlsxSheetSink::chart(const BarChart& chart) {
  lxw_chart* made = workbook_add_chart(workbook_.get(), LXW_CHART_COLUMN);
  if (made == nullptr) {
    throw Error{ErrorCode::resource_limit, "no memory for a chart"};
  }
  lxw_chart_series* series = chart_add_series(made, chart.categories.c_str(), chart.values.c_str());
  chart_series_set_name(series, chart.value_name.c_str());
  lxw_chart_fill fill{};
  fill.color = colour_of(Fill::header);
  chart_series_set_fill(series, &fill);
  chart_series_set_labels(series);
  chart_title_set_name(made, chart.title.c_str());
  lxw_chart_font font{};
  font.size = 11;
  font.bold = LXW_TRUE;
  chart_title_set_name_font(made, &font);
  chart_legend_set_position(made, LXW_CHART_LEGEND_NONE);
  chart_axis_major_gridlines_set_visible(made->y_axis, LXW_FALSE);
  chart_axis_set_num_format(made->y_axis, const_cast<char*>("#,##0"));
  lxw_chart_options place{};
  place.x_scale = 1.15;
  place.y_scale = 0.85;
  place.object_position = LXW_OBJECT_MOVE_DONT_SIZE;
  check_call(worksheet_insert_chart_opt(sheet_, chart.row, chart.column, made, &place),
             "add a chart to");
}

void XlsxSheetSink::define_name(const std::string& name, const std::string& range) {
  check_call(workbook_define_name(workbook_.get(), name.c_str(), range.c_str()),
             fmt::format("define the name '{}' in", name));
}

void XlsxSheetSink::close() {
  check_rows();
  // The last buffers of the sheets, the assembled parts and the archive are written here, partly
  // through fwrite() calls that nobody looks at: errno, which no success resets, tells of them.
  errno = 0;
  const lxw_error result = workbook_close(workbook_.release());
  const int reason = errno;
  check(result, reason, "write", path_);
  if (is_full(reason) || reason == EIO) {
    throw_full(reason, path_);
  }
  closed_ = true;
  scratch_.remove();
}

}  // namespace

std::unique_ptr<ports::SheetSink> XlsxSheetSinkFactory::create(
    const std::filesystem::path& path, const ports::WorkbookProperties& properties) const {
  return std::make_unique<XlsxSheetSink>(path, properties);
}

}  // namespace mapctl::connectors::xlsx
