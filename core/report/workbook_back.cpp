// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/report/book.hpp"
#include "core/report/row_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

// The sheets behind the pairs: what is unmapped, codes, profiles, checks.
namespace mapctl::report {
namespace {

using ports::Fill;
using ports::NumberFormat;

TableSpec make_spec(const Book& book, const char* sheet, std::string subtitle,
                    std::vector<TableColumn> columns, std::uint16_t frozen) {
  TableSpec spec;
  spec.sheet = book.sheet_of.at(sheet);
  spec.title = sheet;
  spec.subtitle = std::move(subtitle);
  spec.back_link = book.sheet_of.at("Summary");
  spec.columns = std::move(columns);
  spec.frozen_columns = frozen;
  return spec;
}

template <class Visit>
void for_each_pair(Book& book, Visit visit) {
  book.pairs.rewind();
  for (const PairEntry& entry : book.entries) {
    const PairReport* pair = book.pairs.next();
    if (pair == nullptr) {
      return;
    }
    book.check_stop();
    const PairLines lines{book.run, *pair};
    visit(*pair, entry, lines);
  }
}

void add_fixed_list(Book& book, ListColumn list, std::uint16_t column, std::uint32_t first,
                    std::uint32_t last) {
  const auto at = static_cast<std::uint16_t>(list);
  ports::ListValidation validation;
  validation.first_row = first;
  validation.last_row = last;
  validation.first_column = validation.last_column = column;
  validation.source = range_of(book.sheet_of.at("_lists"), 1, at,
                               static_cast<std::uint32_t>(static_lists()[at].values.size()), at);
  validation.refuse_others = true;
  book.sink->validate(validation);
}

void link_line(const Book& book, Cells& cells, const PairEntry& entry, std::size_t line) {
  const TablePlace place = place_of_line(book, entry, line);
  cells.link(place.sheet, link_to(place.sheet, place.row, 1), style::link());
}

constexpr double comment_width = 52;

// The height that the row needs.
double put_comment(Cells& cells, const catalog::Column* column) {
  const std::string_view comment = column == nullptr ? std::string_view{} : column->comment;
  cells.text(comment, style::wrapped());
  return wrapped_height(comment, comment_width);
}

void put_target_decision(Cells& cells, const Line& line) {
  const std::string_view decided = disposition_of(line);
  EditableValues values = editable_values(line);
  cells.text(decided, style::editable());
  cells.own(decided == "constant" ? std::move(values[6]) : std::string{}, style::editable());
  cells.own(std::move(values[13]), style::editable());
}

}  // namespace

void write_unmapped_source(Book& book) {
  if (book.unmapped_sources == 0) {
    return;
  }
  constexpr std::uint16_t disposition = 9;
  TableWriter table{
      book,
      make_spec(book, "Unmapped source",
                fmt::format("{} without target: decide what becomes of each",
                            counted(book.unmapped_sources, "source column")),
                {{"Decision id", 11},
                 {"Pair", 32},
                 {"Source table", 26},
                 {"Source column", 28},
                 {"Type", 14},
                 {"Null %", 8},
                 {"Distinct", 10},
                 {"Description", comment_width, false, !book.has_source_comments},
                 {"Nearest candidate", 30},
                 {"Disposition", 14, true},
                 {"Reason code", 20, true},
                 {"Comment", 40, true}},
                4),
      [&](std::uint32_t first, std::uint32_t last) {
        add_fixed_list(book, ListColumn::disposition, disposition, first, last);
        add_fixed_list(book, ListColumn::reason, disposition + 1, first, last);
        const std::string cell = fmt::format("$J{}", first + 1);
        book.sink->fill_when(
            {first, last, 0, 11, fmt::format("={}=\"not used\"", cell), Fill::grey, false, false});
        book.sink->fill_when(
            {first, last, 0, 11, fmt::format("={}=\"later\"", cell), Fill::blue, false, false});
      }};
  Cells cells;
  for_each_pair(book, [&](const PairReport& pair, const PairEntry& entry, const PairLines& lines) {
    for (std::size_t at = 0; at < lines.rows.size(); ++at) {
      const MappingRow& row = lines.rows[at];
      if (!row.target.empty() || !row.input_of.empty()) {
        continue;
      }
      const catalog::Column* column = row.source_column;
      cells.clear();
      cells.text(row.id, style::cell());
      link_line(book, cells, entry, at);
      cells.own(catalog::to_string(pair.source.ref), style::cell());
      cells.text(row.field->source_column.text, style::cell());
      cells.own(type_words(column), style::cell());
      if (column != nullptr && column->statistics) {
        cells.number(column->statistics->null_share, style::number(NumberFormat::percent));
        cells.number(static_cast<double>(column->statistics->distinct),
                     style::number(NumberFormat::integer));
      } else {
        cells.blank(style::cell());
        cells.blank(style::cell());
      }
      const double height = put_comment(cells, column);
      const mapping::Candidate* nearest = nearest_candidate(*row.field);
      cells.own(nearest == nullptr
                    ? std::string{}
                    : fmt::format("{} ({:.2f})", nearest->target_column.text, nearest->confidence),
                style::cell());
      cells.text(disposition_of(lines.at(at)), style::editable());
      const EditableValues values = editable_values(lines.at(at));
      cells.own(values[12], style::editable());
      cells.own(values[13], style::editable());
      table.write(cells, height);
    }
  });
  table.finish();
}

void write_unmapped_target(Book& book) {
  if (book.unmapped_targets == 0) {
    return;
  }
  constexpr std::uint16_t disposition = 9;
  TableSpec spec = make_spec(
      book, "Unmapped target",
      fmt::format("{} without source, {} of them required",
                  counted(book.unmapped_targets, "target column"), book.totals.required_unmapped),
      {{"Decision id", 11},
       {"Required", 10},
       {"Pair", 32},
       {"Target table", 26},
       {"Target column", 28},
       {"Type", 14},
       {"Default", 16},
       {"Key", 18},
       {"Description", comment_width},
       {"Disposition", 14, true},
       {"Constant", 18, true},
       {"Comment", 40, true}},
      5);
  spec.tab = book.totals.required_unmapped > 0 ? Fill::red : Fill::none;
  TableWriter table{
      book, spec, [&](std::uint32_t first, std::uint32_t last) {
        add_fixed_list(book, ListColumn::disposition, disposition, first, last);
        const std::uint32_t line = first + 1;
        book.sink->fill_when({first, last, 0, 11,
                              fmt::format("=OR($J{0}=\"not used\",$J{0}=\"constant\")", line),
                              Fill::grey, false, false});
        book.sink->fill_when({first, last, 0, 11,
                              fmt::format("=AND($B{0}=\"yes\",$J{0}=\"undecided\")", line),
                              Fill::red, false, false});
      }};
  Cells cells;
  for (const bool required : {true, false}) {
    for_each_pair(
        book, [&](const PairReport& pair, const PairEntry& entry, const PairLines& lines) {
          for (std::size_t at = 0; at < lines.unmapped.size(); ++at) {
            const UnmappedRow& row = lines.unmapped[at];
            if (row.required != required) {
              continue;
            }
            const catalog::Column* column = row.column;
            cells.clear();
            cells.text(row.id, style::cell());
            cells.text(required ? "yes" : "no", style::centered());
            link_line(book, cells, entry, lines.rows.size() + at);
            cells.own(catalog::to_string(pair.target.ref), style::cell());
            cells.text(row.name, style::cell());
            cells.own(type_words(column), style::cell());
            cells.own(
                column != nullptr && column->default_value ? *column->default_value : std::string{},
                style::cell());
            cells.own(column == nullptr ? std::string{} : key_words(pair.target.table, *column),
                      style::cell());
            const double height = put_comment(cells, column);
            put_target_decision(cells, lines.at(lines.rows.size() + at));
            table.write(cells, height);
          }
        });
  }
  table.finish();
}

void write_code_lists(Book& book) {
  if (book.code_rows == 0) {
    return;
  }
  TableWriter table{
      book,
      make_spec(book, "Code lists",
                fmt::format("source values and the codes they become; values that fewer than {} "
                            "rows have are not shown",
                            book.options.minimum_count),
                {{"Code list", 22},
                 {"Pair", 32},
                 {"Source column", 26},
                 {"Target column", 26},
                 {"Source value", 26},
                 {"Rows", 10},
                 {"Target code", 22, true},
                 {"Equivalence", 13, true},
                 {"State", 11},
                 {"Status", 12, true},
                 {"Comment", 36, true},
                 {"Code id", 12, false, true, 1}},
                1),
      [&](std::uint32_t first, std::uint32_t last) {
        add_fixed_list(book, ListColumn::equivalence, 7, first, last);
        add_fixed_list(book, ListColumn::status, 9, first, last);
        const std::uint32_t line = first + 1;
        book.sink->fill_when({first, last, 0, 10, fmt::format("=$J{}=\"approved\"", line),
                              Fill::green, false, false});
        book.sink->fill_when({first, last, 0, 10,
                              fmt::format("=OR($J{0}=\"rejected\",$J{0}=\"not used\")", line),
                              Fill::grey, false, false});
        book.sink->fill_when(
            {first, last, 0, 10, fmt::format("=$G{}=\"\"", line), Fill::amber, false, false});
      }};
  Cells cells;
  for_each_pair(book, [&](const PairReport& pair, const PairEntry& entry, const PairLines& lines) {
    for (const CodeRow& code : code_rows(book.options.minimum_count, lines.rows)) {
      cells.clear();
      cells.text(code.list, style::cell());
      link_line(book, cells, entry, static_cast<std::size_t>(code.mapping - lines.rows.data()));
      cells.text(code.mapping->field->source_column.text, style::cell());
      cells.text(code.mapping->target.text, style::cell());
      cells.text(code.value, style::cell());
      if (code.count) {
        cells.number(static_cast<double>(*code.count), style::number(NumberFormat::integer));
      } else {
        cells.blank(style::cell());
      }
      cells.text(code.target, style::editable());
      cells.text(code.equivalence, style::editable());
      cells.text(code.state, style::centered());
      cells.text(code.status, style::editable());
      cells.text(code.comment, style::editable());
      cells.own(code_line(pair, code).id, style::cell());
      table.write(cells);
    }
  });
  table.finish();
}

namespace {

bool is_frequent(const catalog::ColumnStatistics& statistics, std::string_view text,
                 std::int64_t minimum) {
  return std::any_of(statistics.frequent.begin(), statistics.frequent.end(),
                     [&](const catalog::FrequentValue& value) {
                       return value.count >= minimum && value.text == text;
                     });
}

// Numbers and times say nothing about a single person; text is shown where enough rows have it.
std::string bound_words(const catalog::Column& column, const std::optional<std::string>& bound,
                        std::int64_t minimum) {
  if (!bound) {
    return {};
  }
  const bool shows = catalog::is_number(column.type.logical) ||
                     catalog::is_temporal(column.type.logical) ||
                     is_frequent(*column.statistics, *bound, minimum);
  return shows && !column.personal ? *bound : shape_of(*bound);
}

std::string frequent_words(const catalog::ColumnStatistics& statistics, std::int64_t minimum) {
  constexpr std::size_t shown_values = 5, shown_characters = 40;
  std::vector<std::string> values;
  for (const catalog::FrequentValue& value : statistics.frequent) {
    if (value.count >= minimum && values.size() < shown_values) {
      const std::string_view shown = utf8_prefix(value.text, shown_characters);
      values.push_back(fmt::format("{}{} ({})", shown, shown.size() < value.text.size() ? "…" : "",
                                   with_thousands(value.count)));
    }
  }
  return join(values, ", ");
}

std::string pattern_words(const catalog::ColumnStatistics& statistics) {
  std::vector<std::string> words;
  for (const catalog::PatternShare& pattern : statistics.patterns) {
    if (words.size() < 3 && pattern.share >= 0.05) {
      words.push_back(
          fmt::format("{} {}", catalog::to_string(pattern.pattern), percent(pattern.share)));
    }
  }
  return join(words, ", ");
}

// Values are often one long word each, which wraps badly.
constexpr double patterns_width = 38, frequent_width = 60;

// The height that the row needs.
double put_profile(Cells& cells, const char* role, const PairSide& side,
                   const catalog::Column& column, std::int64_t minimum) {
  const catalog::ColumnStatistics& statistics = *column.statistics;
  const auto integer = [&](std::optional<std::int64_t> value) {
    if (value) {
      cells.number(static_cast<double>(*value), style::number(NumberFormat::integer));
    } else {
      cells.blank(style::cell());
    }
  };
  const auto share = [&](std::optional<double> value) {
    if (value) {
      cells.number(*value, style::number(NumberFormat::percent));
    } else {
      cells.blank(style::cell());
    }
  };
  cells.clear();
  cells.text(role, style::cell());
  cells.own(fmt::format("{}: {}", side.endpoint, catalog::to_string(side.ref)), style::cell());
  cells.text(column.name.text, style::cell());
  cells.own(type_words(&column), style::cell());
  integer(statistics.rows);
  cells.text(statistics.sampled ? "sample" : "all", style::centered());
  share(statistics.null_share);
  integer(statistics.distinct);
  share(statistics.distinct_share());
  cells.own(bound_words(column, statistics.minimum, minimum), style::cell());
  cells.own(bound_words(column, statistics.maximum, minimum), style::cell());
  if (statistics.mean && !column.personal) {
    cells.number(*statistics.mean, style::number(NumberFormat::decimal));
  } else {
    cells.blank(style::cell());
  }
  integer(statistics.shortest);
  integer(statistics.longest);
  const std::string patterns = pattern_words(statistics);
  const std::string frequent = frequent_words(statistics, minimum);
  cells.own(patterns, style::wrapped());
  cells.own(frequent, style::wrapped());
  share(statistics.presence);
  cells.own(column.personal ? column.personal->kind : std::string{}, style::cell());
  return std::max(wrapped_height(patterns, patterns_width),
                  wrapped_height(frequent, 0.8 * frequent_width));
}

}  // namespace

void write_profiles(Book& book) {
  if (book.profile_rows == 0) {
    return;
  }
  TableWriter table{
      book,
      make_spec(book, "Profiles",
                fmt::format("values that fewer than {} rows have are shown by their form only",
                            book.options.minimum_count),
                {{"Side", 9},
                 {"Table", 34},
                 {"Column", 28},
                 {"Type", 14},
                 {"Rows", 11},
                 {"Basis", 9},
                 {"Null %", 8},
                 {"Distinct", 11},
                 {"Distinct %", 10},
                 {"Minimum", 26},
                 {"Maximum", 26},
                 {"Mean", 18},
                 {"Shortest", 10},
                 {"Longest", 10},
                 {"Patterns", patterns_width},
                 {"Frequent values (rows)", frequent_width},
                 {"Presence %", 12, false, !book.has_nested_columns},
                 {"Personal data", 16}},
                3)};
  Cells cells;
  std::set<std::string> seen;
  book.pairs.rewind();
  while (const PairReport* pair = book.pairs.next()) {
    book.check_stop();
    for (const bool is_source : {true, false}) {
      const PairSide& side = is_source ? pair->source : pair->target;
      if (!seen.insert(fmt::format("{}\x1f{}", side.endpoint, catalog::to_string(side.ref)))
               .second) {
        continue;
      }
      for (const catalog::Column& column : side.table.columns) {
        if (column.statistics) {
          const double height = put_profile(cells, is_source ? "source" : "target", side, column,
                                            book.options.minimum_count);
          table.write(cells, height);
        }
      }
    }
  }
  table.finish();
}

void write_rules(Book& book) {
  if (book.rule_rows == 0) {
    return;
  }
  TableWriter table{book, make_spec(book, "Rules and checks",
                                    "what the target's definition asks of the rows that are loaded",
                                    {{"Rule", 9},
                                     {"Severity", 11},
                                     {"Pair", 32},
                                     {"Target table", 28},
                                     {"Target column", 26},
                                     {"Check", 60},
                                     {"Basis", 20},
                                     {"Fed by", 34},
                                     {"Owner", 18, true},
                                     {"Comment", 40, true}},
                                    1)};
  Cells cells;
  std::size_t number = 0;
  for_each_pair(book, [&](const PairReport& pair, const PairEntry& entry, const PairLines& lines) {
    for (const Rule& rule : rules_of(pair, lines.rows)) {
      cells.clear();
      cells.own(fmt::format("R{:04}", ++number), style::cell());
      cells.text(rule.severity, style::filled(rule.severity == "error" ? Fill::none : Fill::band));
      cells.link(entry.sheets.front(), link_to(entry.sheets.front()), style::link());
      cells.own(catalog::to_string(pair.target.ref), style::cell());
      cells.text(rule.column, style::cell());
      cells.text(rule.check, style::cell());
      cells.text(rule.basis, style::cell());
      if (rule.source.empty()) {
        cells.text("nothing", style::filled(Fill::red));
      } else {
        cells.text(rule.source, style::cell());
      }
      cells.blank(style::editable());
      cells.blank(style::editable());
      table.write(cells);
    }
  });
  table.finish();
}

}  // namespace mapctl::report
