// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/sheet_sink.hpp"
#include "core/report/model.hpp"
#include "core/report/sheet_names.hpp"
#include "core/report/summary.hpp"
#include "core/report/workbook.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

// Parts that the workbook's sheets share. Not for users of the library.
namespace mapctl::report {

// The cells of one row. Texts given as views must outlive write(); own() keeps computed ones.
class Cells {
 public:
  void clear() noexcept {
    cells_.clear();
    used_ = 0;
  }
  void text(std::string_view text, const ports::CellStyle& style);
  void text(const char* literal, const ports::CellStyle& style) {
    text(std::string_view{literal}, style);
  }
  void text(std::string&& temporary, const ports::CellStyle& style) = delete;  // use own()
  void own(std::string text, const ports::CellStyle& style);
  void number(double value, const ports::CellStyle& style);
  void link(std::string text, std::string target, const ports::CellStyle& style);
  void blank(const ports::CellStyle& style);
  std::size_t size() const noexcept { return cells_.size(); }
  std::vector<ports::Cell>& cells() noexcept { return cells_; }
  // Memory that lives as long as the row.
  std::string_view keep(std::string text);

 private:
  std::vector<ports::Cell> cells_{};
  std::deque<std::string> kept_{};
  std::size_t used_ = 0;
};

namespace style {
ports::CellStyle title();
ports::CellStyle subtitle();
ports::CellStyle label();   // bold, tinted, of a block of facts
ports::CellStyle value();   // beside a label
ports::CellStyle header();  // of a locked column
ports::CellStyle editable_header();
ports::CellStyle cell();  // text of a table
ports::CellStyle wrapped();
ports::CellStyle centered();
ports::CellStyle number(ports::NumberFormat format);
ports::CellStyle editable();
ports::CellStyle editable_wrapped();
ports::CellStyle link();
ports::CellStyle filled(ports::Fill fill);
}  // namespace style

// Height of a row whose longest text wraps in a column so wide; programs other than Excel do not
// fit it themselves. 0, the usual height, when it does not wrap.
double wrapped_height(std::string_view text, double width);
// "1 row", "2 rows".
std::string counted(std::size_t count, std::string_view one);

struct TableColumn {
  std::string title{};
  double width = 12;
  bool is_editable = false;
  bool is_hidden = false;
  std::uint8_t outline_level = 0;
};

// One sheet that is a table: title, some lines of facts, header, rows, filter. It continues on
// further sheets when it is full.
struct TableSpec {
  std::string sheet{};  // taken from the book's names already
  std::string title{};
  std::string subtitle{};
  std::vector<std::pair<std::string, std::string>> facts{};
  std::vector<TableColumn> columns{};
  std::uint16_t frozen_columns = 0;
  std::uint16_t pages_wide = 1;
  ports::Fill tab = ports::Fill::none;
  bool is_hidden = false;
  std::string back_link{};  // a sheet
};

struct TablePlace {
  std::string sheet{};
  std::uint32_t row = 0;
};

// Hands out runs of rows of a hidden sheet; a run is never cut in two.
class RowPlanner {
 public:
  struct Place {
    std::size_t part = 0;   // 0: the sheet itself, 1: "name (2)" ...
    std::uint32_t row = 0;  // first row of the run, from 0
  };
  // Rows of a sheet, header included.
  explicit RowPlanner(std::uint32_t sheet_rows) : sheet_rows_{sheet_rows} {}
  Place place(std::size_t count);

 private:
  std::uint32_t sheet_rows_;
  std::size_t part_ = 0;
  std::uint32_t row_ = 1;
};

// What the first pass keeps of a pair; everything that grows with its fields stays behind.
struct PairEntry {
  std::string title{};
  std::string source{}, target{};  // tables
  std::string source_endpoint{}, target_endpoint{};
  std::string status{}, error{};
  Figures figures{};
  std::size_t lines = 0;  // of its sheet
  std::vector<std::string> sheets{};
  std::size_t issues = 0;
  std::size_t severities[3] = {0, 0, 0};  // of the issues
};

// What the load plan needs to know of a target table.
struct TargetEntry {
  std::string title{};
  std::string kind{}, domain{};
  std::vector<std::string> key{};
  std::vector<std::string> references{};  // titles of tables
  std::vector<std::string> sources{};
  std::vector<std::string> sheets{};
  std::size_t required_open = 0;
};

// One workbook while it is written.
struct Book {
  Book(const RunReport& run_report, PairSource& pair_source,
       const WorkbookOptions& workbook_options, std::stop_token stop_token)
      : run{run_report},
        pairs{pair_source},
        options{workbook_options},
        stop{std::move(stop_token)} {}

  const RunReport& run;
  PairSource& pairs;
  const WorkbookOptions& options;
  std::stop_token stop;
  // Only the sheets about the run; a pair's sheets are files of their own.
  bool is_index = false;
  ports::SheetSink* sink = nullptr;
  SheetNames names{};
  std::size_t sheets = 0;

  std::string export_id{};
  std::vector<PairEntry> entries{};
  std::map<std::string, TargetEntry> targets{};
  Figures totals{};
  std::size_t issue_counts[3] = {0, 0, 0};
  std::size_t unmapped_sources = 0, unmapped_targets = 0;
  std::size_t code_rows = 0, profile_rows = 0, rule_rows = 0;
  // Whether there is anything to show in these columns.
  bool has_source_comments = false, has_nested_columns = false;
  std::string digest{};
  // Sheets in order, name and what is in them, for Read Me.
  std::vector<std::pair<std::string, std::string>> contents{};
  std::map<std::string, std::string, std::less<>> sheet_of{};  // "Summary" -> its name

  struct LongText {
    TablePlace place{};
    std::string column{};
    std::string text{};
  };
  std::vector<LongText> overflow{};
  std::uint32_t overflow_rows = 0;
  std::string overflow_sheet{};

  // Link to a pair's sheet, or, from the index, to its file.
  std::string link_to_pair(const std::string& sheet, std::uint32_t row = 0,
                           std::uint16_t column = 0) const;
  void begin_sheet(const ports::SheetOptions& sheet_options);
  void check_stop() const;
  // Rows of data that a table sheet with so many lines of facts has room for.
  std::uint32_t capacity(std::size_t facts) const noexcept;
};

class TableWriter {
 public:
  // Called when a piece is complete, with its first and last row of data.
  using Finisher = std::function<void(std::uint32_t first, std::uint32_t last)>;
  TableWriter(Book& book, TableSpec spec, Finisher finisher = {});
  void write(Cells& cells, double height = 0);
  // Goes on with the next sheet, though this one may have room.
  void next_piece();
  // No row may follow.
  void finish();
  const std::string& sheet() const noexcept { return sheet_; }
  std::uint32_t next_row() const { return book_->sink->next_row(); }
  // Sheets to use for the pieces behind the first, when they were named before.
  void name_pieces(std::vector<std::string> names) { piece_names_ = std::move(names); }
  static std::uint32_t header_row(std::size_t facts) noexcept;

 private:
  void begin_piece();
  void end_piece();
  void shorten(ports::Cell& cell, std::size_t column, Cells& cells);

  Book* book_;
  TableSpec spec_;
  Finisher finisher_;
  std::vector<std::string> piece_names_{};
  std::string sheet_{};
  std::size_t piece_ = 0;
  std::size_t links_ = 0;  // of the piece
  std::uint32_t first_row_ = 0;
};

// The index of an archive: the sheets about the run, with links to the pairs' files.
WorkbookResult write_index_workbook(const std::filesystem::path& path, const RunReport& run,
                                    PairSource& pairs, const ports::SheetSinkFactory& sheets,
                                    const WorkbookOptions& options, std::stop_token stop);
// "001-account-contact.xlsx"; `count` stands in for a pair without number.
std::string pair_file_name(const PairReport& pair, std::size_t count);

// The parts of the workbook, in their order.
void scan(Book& book);
void write_read_me(Book& book);
void write_summary(Book& book);
void write_issues(Book& book);
void write_pair_sheets(Book& book);
void write_unmapped_source(Book& book);
void write_unmapped_target(Book& book);
void write_code_lists(Book& book);
void write_load_plan(Book& book);
void write_profiles(Book& book);
void write_rules(Book& book);
void write_sign_off(Book& book);
void write_overflow(Book& book);
void write_lists(Book& book);
void write_baseline(Book& book);
void write_meta(Book& book);

// How many rows a pair adds to the sheets that list its code values, profiles and rules.
struct CodeRow {
  const MappingRow* mapping = nullptr;
  std::string list{}, value{}, target{}, state{};
  std::string status{"proposed"}, equivalence{}, comment{};
  std::optional<std::int64_t> count{};
};
// Values that fewer rows have than `minimum_count` are left out.
std::vector<CodeRow> code_rows(std::int64_t minimum_count, const std::vector<MappingRow>& rows);
// The row as the baseline keeps it: the source value stands for the rule, the target code for the
// default.
mapping::ReviewLine code_line(const PairReport& pair, const CodeRow& code);

struct Rule {
  std::string column{}, check{}, basis{}, severity{}, source{};
};
std::vector<Rule> rules_of(const PairReport& pair, const std::vector<MappingRow>& rows);
std::vector<Rule> rules_of_column(const catalog::Column& column);  // without `source`

// What the drop-downs of a pair offer.
std::vector<std::string> list_sources(const PairReport& pair);
std::vector<std::string> list_targets(const PairReport& pair);

// A line of a pair's sheet: a mapping row, or an unmapped target column.
struct Line {
  const MappingRow* mapping = nullptr;
  const UnmappedRow* unmapped = nullptr;
  std::string_view id() const noexcept;
};
// What can be edited, in the order of mapping::review_columns(); the baseline keeps the same.
inline constexpr std::size_t editable_count = mapping::review_column_count;
using EditableValues = mapping::ReviewValues;
EditableValues editable_values(const Line& line);
// Of a column without counterpart: what was decided about it; empty for others.
std::string_view disposition_of(const Line& line);
// The line as the baseline keeps it, without sheet; `cell_characters` as in WorkbookOptions.
mapping::ReviewLine review_line(const PairReport& pair, const Line& line,
                                std::size_t cell_characters);
// The pair's rows and lines; pointers go into the pair and this.
struct PairLines {
  PairLines(const RunReport& run, const PairReport& pair);
  PairLines(const PairLines&) = delete;
  PairLines& operator=(const PairLines&) = delete;
  std::vector<MappingRow> rows;
  std::vector<UnmappedRow> unmapped;
  std::size_t size() const noexcept { return rows.size() + unmapped.size(); }
  Line at(std::size_t index) const noexcept;
};

// Where a line of a pair stands.
TablePlace place_of_line(const Book& book, const PairEntry& entry, std::size_t line);

// An example that tells the form of the values without telling whose they are.
std::string example_of(const catalog::Column& column, std::int64_t minimum_count);
std::string shape_of(std::string_view value);  // letters to x and X, digits to 9
std::string percent(double share);
std::string key_words(const catalog::Table& table, const catalog::Column& column);

// Writers keep links in memory until the end; behind so many a sheet's links are plain names.
inline constexpr std::size_t links_per_sheet = 5'000;
inline constexpr std::size_t pair_facts = 4;
inline constexpr std::string_view baseline_name = "mapctl_baseline";

// Lists of _lists, in its columns.
struct StaticList {
  std::string_view title{};
  std::vector<std::string> values{};
};
const std::vector<StaticList>& static_lists();
enum class ListColumn : std::uint16_t {
  status,
  equivalence,
  transformation,
  null_handling,
  date_policy,
  reason,
  disposition,
  source_columns,  // stacked, pair after pair
  target_columns,
};

}  // namespace mapctl::report
