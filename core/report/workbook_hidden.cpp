// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.hpp"
#include "core/report/book.hpp"

#include <fmt/format.h>

#include <algorithm>

// Sign-off, and what stands behind the sheets people see.
namespace mapctl::report {
namespace {

using ports::CellStyle;

// A hidden sheet without any dress: header in the first row, so that a reader finds its columns.
class RawSheet {
 public:
  RawSheet(Book& book, std::string name, std::vector<std::string> titles)
      : book_{&book}, name_{std::move(name)}, titles_{std::move(titles)} {
    begin(name_);
  }
  // Rows of `part` come after rows of the parts before it.
  void write(std::size_t part, Cells& cells) {
    if (part != part_) {
      part_ = part;
      begin(fmt::format("{} ({})", name_, part + 1));
    }
    book_->sink->row(cells.cells());
  }

 private:
  void begin(const std::string& sheet) {
    ports::SheetOptions options;
    options.name = sheet;
    options.hidden = true;
    options.frozen_rows = 1;
    options.columns.assign(titles_.size(), ports::SheetColumn{20, false, 0, {}});
    book_->begin_sheet(options);
    Cells cells;
    for (const std::string& title : titles_) {
      cells.text(title, style::label());
    }
    book_->sink->row(cells.cells());
  }

  Book* book_;
  std::string name_;
  std::vector<std::string> titles_;
  std::size_t part_ = 0;
};

CellStyle raw() {
  CellStyle style;
  style.number = ports::NumberFormat::text;
  return style;
}

}  // namespace

void write_sign_off(Book& book) {
  TableSpec spec;
  spec.sheet = book.sheet_of.at("Sign-off");
  spec.title = "Sign-off";
  spec.subtitle = "three people agree to what this workbook says";
  spec.back_link = book.sheet_of.at("Summary");
  spec.facts = {{"Export id", book.export_id}, {"Content hash", book.digest}};
  spec.columns = {{"Gate", 18},           {"Answers for", 60}, {"Name", 26, true},
                  {"Decision", 18, true}, {"Date", 14, true},  {"Version", 12, true},
                  {"Comment", 44, true}};
  TableWriter table{book, spec};
  Cells cells;
  struct Gate {
    const char* name;
    const char* question;
  };
  for (const Gate& gate :
       {Gate{"Business", "definitions, codes, and that the right source was chosen"},
        Gate{"Architecture", "types, keys, history, and that nothing is lost on the way"},
        Gate{"Engineering", "joins, load order, rules, and that it can be run"}}) {
    cells.clear();
    cells.text(gate.name, style::label());
    cells.text(gate.question, style::wrapped());
    for (int column = 0; column < 5; ++column) {
      cells.blank(style::editable());
    }
    table.write(cells, 28);
  }
  table.finish();
}

void write_overflow(Book& book) {
  if (book.overflow.empty()) {
    return;
  }
  TableSpec spec;
  spec.sheet = book.overflow_sheet;
  spec.title = "Overflow";
  spec.subtitle = "texts too long for a cell, in parts";
  spec.back_link = book.sheet_of.at("Summary");
  spec.columns = {{"Sheet", 32}, {"Row", 9}, {"Column", 22}, {"Part", 8}, {"Text", 120}};
  TableWriter table{book, spec};
  Cells cells;
  for (const Book::LongText& text : book.overflow) {
    std::string_view rest = text.text;
    for (int part = 1; !rest.empty(); ++part) {
      const std::string_view piece = utf16_prefix(rest, book.options.cell_characters);
      rest.remove_prefix(piece.size());
      cells.clear();
      cells.link(text.place.sheet, link_to(text.place.sheet, text.place.row), style::link());
      cells.number(text.place.row + 1.0, style::number(ports::NumberFormat::integer));
      cells.text(text.column, style::cell());
      cells.number(part, style::number(ports::NumberFormat::integer));
      cells.text(piece, style::cell());
      table.write(cells);
    }
  }
  table.finish();
}

void write_lists(Book& book) {
  std::vector<std::string> titles;
  for (const StaticList& list : static_lists()) {
    titles.emplace_back(list.title);
  }
  const std::size_t fixed = titles.size();
  titles.emplace_back("source columns");
  titles.emplace_back("target columns");
  RawSheet sheet{book, book.sheet_of.at("_lists"), titles};
  RowPlanner planner{book.options.sheet_rows};
  Cells cells;
  std::size_t line = 0;
  // The fixed lists stand beside the first rows of the stacked ones.
  const auto put_fixed = [&] {
    cells.clear();
    for (std::size_t at = 0; at < fixed; ++at) {
      const std::vector<std::string>& values = static_lists()[at].values;
      cells.text(line < values.size() ? values[line] : std::string_view{}, raw());
    }
    ++line;
  };
  book.pairs.rewind();
  while (const PairReport* pair = book.pairs.next()) {
    book.check_stop();
    const std::vector<std::string> sources = list_sources(*pair), targets = list_targets(*pair);
    const std::size_t count = std::max(sources.size(), targets.size());
    const RowPlanner::Place place = planner.place(count);
    for (std::size_t at = 0; at < count; ++at) {
      put_fixed();
      cells.text(at < sources.size() ? sources[at] : std::string_view{}, raw());
      cells.text(at < targets.size() ? targets[at] : std::string_view{}, raw());
      sheet.write(place.part, cells);
    }
  }
  std::size_t longest = 0;
  for (const StaticList& list : static_lists()) {
    longest = std::max(longest, list.values.size());
  }
  while (line < longest) {
    put_fixed();
    sheet.write(0, cells);
  }
}

namespace {

std::vector<std::string> baseline_titles() {
  std::vector<std::string> titles{"mapping_id"};
  for (const mapping::ReviewColumnInfo& column : mapping::review_columns()) {
    titles.emplace_back(column.key);
  }
  titles.insert(titles.end(), {"sheet", "connector", "source_table", "entity", "disposition"});
  return titles;
}

void put_line(const Book& book, Cells& cells, const mapping::ReviewLine& line) {
  cells.clear();
  cells.text(line.id, raw());
  for (const std::string& value : line.values) {
    cells.text(value, raw());
  }
  cells.text(line.sheet, raw());
  cells.text(line.key.connector.text, raw());
  cells.text(line.key.source_table.text, raw());
  cells.text(line.key.entity.text, raw());
  cells.text(line.disposition, raw());
  if (book.options.on_line) {
    book.options.on_line(line);
  }
}

// Behind the lines, whose places the sheets of the pairs know.
void write_code_baseline(Book& book) {
  if (book.code_rows == 0) {
    return;
  }
  RawSheet sheet{book, book.sheet_of.at("_baseline (codes)"), baseline_titles()};
  RowPlanner planner{book.options.sheet_rows};
  Cells cells;
  book.pairs.rewind();
  while (const PairReport* pair = book.pairs.next()) {
    book.check_stop();
    const PairLines lines{book.run, *pair};
    for (const CodeRow& code : code_rows(book.options.minimum_count, lines.rows)) {
      const mapping::ReviewLine line = code_line(*pair, code);
      put_line(book, cells, line);
      sheet.write(planner.place(1).part, cells);
    }
  }
}

}  // namespace

void write_baseline(Book& book) {
  const std::string name = book.sheet_of.at("_baseline");
  RawSheet sheet{book, name, baseline_titles()};
  RowPlanner planner{book.options.sheet_rows};
  const std::uint32_t room = book.capacity(pair_facts);
  std::vector<std::uint32_t> last_rows;
  Cells cells;
  book.pairs.rewind();
  for (const PairEntry& entry : book.entries) {
    const PairReport* pair = book.pairs.next();
    if (pair == nullptr) {
      break;
    }
    book.check_stop();
    const PairLines lines{book.run, *pair};
    RowPlanner::Place place;
    for (std::size_t at = 0; at < lines.size(); ++at) {
      if (at % room == 0) {
        const std::size_t count = std::min<std::size_t>(room, lines.size() - at);
        place = planner.place(count);
        last_rows.resize(place.part + 1, 1);
        last_rows[place.part] = place.row + static_cast<std::uint32_t>(count) - 1;
      }
      mapping::ReviewLine line = review_line(*pair, lines.at(at), book.options.cell_characters);
      line.sheet = entry.sheets[at / room];
      put_line(book, cells, line);
      sheet.write(place.part, cells);
    }
  }
  for (std::size_t part = 0; part < last_rows.size(); ++part) {
    const std::string sheet_name = part == 0 ? name : fmt::format("{} ({})", name, part + 1);
    book.sink->define_name(fmt::format("{}_{}", baseline_name, part + 1),
                           range_of(sheet_name, 1, 0, last_rows[part], editable_count));
  }
  write_code_baseline(book);
}

void write_meta(Book& book) {
  RawSheet sheet{book, book.sheet_of.at("_meta"), {"key", "value"}};
  Cells cells;
  const auto add = [&](std::string_view key, std::string value) {
    cells.clear();
    cells.text(key, raw());
    cells.own(std::move(value), raw());
    sheet.write(0, cells);
  };
  std::string signed_text;
  const auto add_signed = [&](std::string_view key, const std::string& value) {
    signed_text += fmt::format("{}={}\n", key, value);
    add(key, value);
  };
  add_signed("schema", "mapctl.workbook/1");
  add_signed("export_id", book.export_id);
  add_signed("run_id", book.run.run.text);
  add_signed("tenant", book.run.tenant.text);
  add_signed("registry_version", book.run.registry_version);
  add_signed("generated_at", to_iso8601(book.run.generated_at));
  add_signed("lines_sha256", book.digest);
  add("tool_version", book.run.tool_version);
  add("pairs", fmt::format("{}", book.entries.size()));
  add("hmac_sha256",
      book.options.key == nullptr ? std::string{} : hmac_sha256(*book.options.key, signed_text));
}

}  // namespace mapctl::report
