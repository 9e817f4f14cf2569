// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/report/book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

// One sheet a pair: its mapping rows, then the target columns that nothing feeds.
namespace mapctl::report {
namespace {

using ports::CellStyle;
using ports::Fill;
using ports::NumberFormat;

enum PairColumn : std::uint16_t {
  id,
  title,
  status,
  equivalence,
  source_system,
  source_schema,
  source_table,
  source_column,
  source_type,
  source_length,
  source_nullable,
  source_key,
  null_share,
  distinct,
  example,
  arrow,
  target_schema,
  target_table,
  target_column,
  target_type,
  target_length,
  target_nullable,
  target_required,
  target_key,
  table_type,
  transformation,
  rule,
  default_value,
  null_handling,
  date_policy,
  code_list,
  quality_rule,
  personal,
  lossy,
  confidence,
  band,
  reasons,
  alternative_1,
  alternative_2,
  alternative_3,
  last_decision,
  reviewer,
  reviewed_on,
  reason_code,
  comment,
  changed_in,
  baseline_row,
};

constexpr double rule_width = 38, quality_width = 34, lossy_width = 40, reasons_width = 64;

// What is the same in all lines of a sheet stands above them; its columns are folded away.
const std::vector<TableColumn>& pair_columns() {
  static const std::vector<TableColumn> columns{
      {"Mapping id", 12},
      {"Mapping", 38},
      {"Status", 12, true},
      {"Equivalence", 12, true},
      {"Source system", 14, false, true, 1},
      {"Source schema", 13, false, true, 1},
      {"Source table", 18, false, true, 1},
      {"Source column", 24, true},
      {"Type", 13},
      {"Length / precision", 14},
      {"Nullable", 10},
      {"Key", 14},
      {"Null %", 8},
      {"Distinct", 10},
      {"Example (masked)", 22},
      {"→", 4},
      {"Target schema", 13, false, true, 1},
      {"Target table", 18, false, true, 1},
      {"Target column", 24, true},
      {"Type", 13},
      {"Length", 15},
      {"Nullable", 10},
      {"Required", 10},
      {"Key", 14},
      {"Table type", 11, false, true, 1},
      {"Transformation", 14, true},
      {"Rule", rule_width, true},
      {"Default", 14, true},
      {"Null handling", 14, true},
      {"Zero-date and zone policy", 16, true},
      {"Code list", 14},
      {"Data-quality rule", quality_width, true},
      {"Personal data", 14},
      {"Lossy? Why", lossy_width},
      {"Confidence", 11},
      {"Band", 9},
      {"Top reasons", reasons_width},
      {"Alternative 1", 24},
      {"Alternative 2", 24},
      {"Alternative 3", 24},
      {"Last decision", 30},
      {"Reviewer", 16, true},
      {"Reviewed on", 13, true},
      {"Reason code", 18, true},
      {"Comment", 40, true},
      {"Changed in version", 10},
      {"Baseline row", 9, false, true},
  };
  return columns;
}

// Where the editable values stand, in the order of mapping::review_columns().
constexpr std::uint16_t editable_columns[editable_count] = {
    status,   equivalence,   source_column, target_column, transformation,
    rule,     default_value, null_handling, date_policy,   quality_rule,
    reviewer, reviewed_on,   reason_code,   comment};

std::string length_of(const catalog::DataType& type) {
  if (type.precision) {
    return type.scale ? fmt::format("{},{}", *type.precision, *type.scale)
                      : fmt::format("{}", *type.precision);
  }
  if (type.length) {
    return fmt::format("{} {}", *type.length, type.length_in_bytes ? "bytes" : "characters");
  }
  return {};
}

std::string type_of(const catalog::DataType& type) {
  return type.native.empty() ? std::string{catalog::to_string(type.logical)} : type.native;
}

std::string reasons_of(const MappingRow& row) {
  if (!row.input_of.empty()) {
    return fmt::format("an input of the rule for '{}'", row.input_of.text);
  }
  if (row.decision == nullptr) {
    return row.target.empty() ? "no candidate is likely enough" : "chosen by a person";
  }
  constexpr std::size_t most = 3;
  std::vector<std::string> reasons;
  // What the two columns have in common says more to a reader than how they compare with others.
  for (const bool of_columns : {true, false}) {
    for (const mapping::Evidence& evidence : row.decision->evidence) {
      const bool is_context = evidence.signal == "competition" ||
                              evidence.signal == "table_context" ||
                              evidence.signal == "qualified_name";
      if (reasons.size() < most && evidence.weight > 0 && is_context != of_columns) {
        reasons.push_back(evidence.detail.empty() ? std::string{evidence.signal} : evidence.detail);
      }
    }
  }
  return join(reasons, "; ");
}

std::string personal_words(const MappingRow* row, const catalog::Column* target) {
  const catalog::Column* source = row == nullptr ? nullptr : row->source_column;
  for (const catalog::Column* column : {source, target}) {
    if (column != nullptr && column->personal) {
      return column->personal->kind;
    }
  }
  return {};
}

std::string decision_words(const MappingRow& row) {
  if (row.record == nullptr || row.record->decided_by.empty()) {
    return {};
  }
  return fmt::format("{} by {}{}{}, version {}", to_string(row.record->status),
                     row.record->decided_by, row.record->decided_at.empty() ? "" : " on ",
                     row.record->decided_at, row.record->version);
}

const char* yes_or_no(bool value) noexcept {
  return value ? "yes" : "no";
}

struct PairContext {
  Book* book;
  const PairReport* pair;
  const PairEntry* entry;
  std::size_t first_code_row = 0;
};

void put_source(Cells& cells, const PairContext& context, const MappingRow* row,
                const std::string& chosen) {
  const PairSide& side = context.pair->source;
  cells.text(side.endpoint, style::cell());
  cells.text(side.ref.schema.text, style::cell());
  cells.text(side.ref.table.text, style::cell());
  cells.own(chosen, style::editable());
  const catalog::Column* column = row == nullptr ? nullptr : row->source_column;
  if (column == nullptr) {
    for (std::uint16_t at = source_type; at <= example; ++at) {
      cells.blank(style::cell());
    }
    return;
  }
  cells.own(type_of(column->type), style::cell());
  cells.own(length_of(column->type), style::cell());
  cells.text(yes_or_no(column->nullable), style::centered());
  cells.own(key_words(side.table, *column), style::cell());
  if (column->statistics) {
    cells.number(column->statistics->null_share, style::number(NumberFormat::percent));
    cells.number(static_cast<double>(column->statistics->distinct),
                 style::number(NumberFormat::integer));
  } else {
    cells.blank(style::cell());
    cells.blank(style::cell());
  }
  cells.own(example_of(*column, context.book->options.minimum_count), style::cell());
}

void put_target(Cells& cells, const PairContext& context, const catalog::Column* column,
                const std::string& chosen, bool is_required) {
  const PairSide& side = context.pair->target;
  cells.text(side.ref.schema.text, style::cell());
  cells.text(side.ref.table.text, style::cell());
  cells.own(chosen, style::editable());
  if (column == nullptr) {
    for (std::uint16_t at = target_type; at < target_required; ++at) {
      cells.blank(style::cell());
    }
    cells.text(is_required ? "yes" : "", style::centered());
    cells.blank(style::cell());
  } else {
    cells.own(type_of(column->type), style::cell());
    cells.own(length_of(column->type), style::cell());
    cells.text(yes_or_no(column->nullable), style::centered());
    cells.text(yes_or_no(column->required), style::centered());
    cells.own(key_words(side.table, *column), style::cell());
  }
  cells.text(catalog::to_string(side.table.kind), style::cell());
}

// Below this a candidate is as good as any other column.
constexpr double least_alternative = 0.05;

void put_alternatives(Cells& cells, const MappingRow* row) {
  std::size_t written = 0;
  if (row != nullptr) {
    for (const mapping::Candidate& candidate : row->field->candidates) {
      if (candidate.target_column == row->target || is_decided(*row->field, candidate) ||
          written == 3 || candidate.confidence < least_alternative) {
        continue;
      }
      cells.own(fmt::format("{} ({:.2f})", candidate.target_column.text, candidate.confidence),
                style::cell());
      ++written;
    }
  }
  for (; written < 3; ++written) {
    cells.blank(style::cell());
  }
}

std::string title_of_line(const Line& line) {
  if (line.unmapped != nullptr) {
    return fmt::format("(no source) → {}", line.unmapped->name);
  }
  const std::string& source = line.mapping->field->source_column.text;
  return fmt::format(
      "{} → {}", source.empty() ? "(constant)" : source,
      line.mapping->target.empty() ? std::string{"(no target)"} : line.mapping->target.text);
}

void put_code_list(Cells& cells, const PairContext& context, const CodeRow* code) {
  if (code == nullptr) {
    cells.blank(style::cell());
    return;
  }
  const std::string& sheet = context.book->sheet_of.at("Code lists");
  const std::size_t room = context.book->capacity(0);
  const std::uint32_t row =
      context.first_code_row < room
          ? TableWriter::header_row(0) + 1 + static_cast<std::uint32_t>(context.first_code_row)
          : 0;
  cells.link(code->list, link_to(sheet, row), style::link());
}

// `code` is the first of the line's code rows, if there are any.
// The height that the line needs.
double put_line(Cells& cells, const PairContext& context, const Line& line, const CodeRow* code,
                std::uint32_t baseline) {
  const MappingRow* row = line.mapping;
  const EditableValues values = editable_values(line);
  const catalog::Column* target = row != nullptr ? row->target_column : line.unmapped->column;
  const bool is_mapping = row != nullptr && !row->target.empty();
  cells.text(line.id(), style::cell());
  cells.own(title_of_line(line), style::cell());
  cells.own(values[0], style::editable());
  cells.own(values[1], style::editable());
  put_source(cells, context, row, values[2]);
  cells.text("→", style::centered());
  put_target(cells, context, target, values[3],
             line.unmapped != nullptr && line.unmapped->required);
  for (std::size_t at = 4; at < 9; ++at) {
    cells.own(values[at], at == 5 ? style::editable_wrapped() : style::editable());
  }
  put_code_list(cells, context, code);
  cells.own(values[9], style::editable_wrapped());
  cells.own(personal_words(row, target), style::cell());
  const std::string loss = row != nullptr && row->lossy
                               ? fmt::format("yes: {}", join(row->decision->warnings, "; "))
                               : std::string{};
  cells.own(loss, style::wrapped());
  if (is_mapping) {
    cells.number(row->confidence, style::number(NumberFormat::score));
    cells.text(confidence_band(row->confidence), style::centered());
  } else {
    cells.blank(style::cell());
    cells.blank(style::cell());
  }
  const std::string why =
      row != nullptr ? reasons_of(*row) : std::string{"no source column feeds it"};
  cells.own(why, style::wrapped());
  put_alternatives(cells, row);
  cells.own(row != nullptr ? decision_words(*row) : std::string{}, style::cell());
  for (std::size_t at = 10; at < editable_count; ++at) {
    cells.own(values[at], style::editable());
  }
  cells.own(row != nullptr && row->record != nullptr ? fmt::format("{}", row->record->version)
                                                     : std::string{},
            style::centered());
  cells.number(baseline, style::number(NumberFormat::integer));
  return std::max({wrapped_height(values[5], rule_width), wrapped_height(values[9], quality_width),
                   wrapped_height(loss, lossy_width), wrapped_height(why, reasons_width)});
}

std::string part_name(const Book& book, const char* sheet, std::size_t part) {
  const std::string& name = book.sheet_of.at(sheet);
  return part == 0 ? name : fmt::format("{} ({})", name, part + 1);
}

void add_drop_downs(Book& book, const RowPlanner::Place& lists, std::size_t sources,
                    std::size_t targets, std::uint32_t first, std::uint32_t last) {
  const auto add = [&](std::uint16_t column, std::string source, bool refuse_others) {
    ports::ListValidation list;
    list.first_row = first;
    list.last_row = last;
    list.first_column = list.last_column = column;
    list.source = std::move(source);
    list.refuse_others = refuse_others;
    book.sink->validate(list);
  };
  const auto fixed = [&](std::uint16_t column, ListColumn list, bool refuse_others) {
    const auto at = static_cast<std::uint16_t>(list);
    const std::size_t count = static_lists()[at].values.size();
    add(column, range_of(book.sheet_of.at("_lists"), 1, at, static_cast<std::uint32_t>(count), at),
        refuse_others);
  };
  fixed(status, ListColumn::status, true);
  fixed(equivalence, ListColumn::equivalence, true);
  fixed(transformation, ListColumn::transformation, true);
  fixed(null_handling, ListColumn::null_handling, false);
  fixed(date_policy, ListColumn::date_policy, false);
  fixed(reason_code, ListColumn::reason, false);
  const std::string sheet = part_name(book, "_lists", lists.part);
  const auto stacked = [&](std::uint16_t column, ListColumn list, std::size_t count) {
    if (count > 0) {
      const auto at = static_cast<std::uint16_t>(list);
      add(column,
          range_of(sheet, lists.row, at, lists.row + static_cast<std::uint32_t>(count) - 1, at),
          true);
    }
  };
  stacked(source_column, ListColumn::source_columns, sources);
  stacked(target_column, ListColumn::target_columns, targets);
}

void add_colours(Book& book, std::size_t baseline_part, std::uint32_t first, std::uint32_t last) {
  const std::uint32_t line = first + 1;  // as formulas count
  const auto at = [&](std::uint16_t column) {
    return fmt::format("${}{}", column_letters(column), line);
  };
  const auto add = [&](std::uint16_t from, std::uint16_t to, std::string formula, Fill fill,
                       bool outline) {
    book.sink->fill_when({first, last, from, to, std::move(formula), fill, false, outline});
  };
  // Editable columns that stand side by side share a rule.
  for (std::size_t value = 0; value < editable_count;) {
    const std::uint16_t from = editable_columns[value];
    std::uint16_t to = from;
    const std::size_t first_value = value;
    while (++value < editable_count && editable_columns[value] == to + 1) {
      ++to;
    }
    add(from, to,
        fmt::format("=AND(ISNUMBER({0}),NOT(EXACT({1}{2}&\"\",INDEX({3}_{4},{0},COLUMN()-{5})&"
                    "\"\")))",
                    at(baseline_row), column_letters(from), line, baseline_name, baseline_part + 1,
                    static_cast<int>(from) - static_cast<int>(first_value) - 1),
        Fill::none, true);
  }
  const std::string sure = at(confidence);
  add(confidence, band, fmt::format("=AND(ISNUMBER({0}),{0}>={1})", sure, high_confidence),
      Fill::green, false);
  add(confidence, band, fmt::format("=AND(ISNUMBER({0}),{0}>={1})", sure, medium_confidence),
      Fill::yellow, false);
  add(confidence, band, fmt::format("=AND(ISNUMBER({0}),{0}<{1})", sure, medium_confidence),
      Fill::red, false);
  // The confidence keeps its own colour: programs disagree about which of two rules wins.
  const auto colour_line = [&](const std::string& formula, Fill fill) {
    ports::ConditionalFill rule{first, last, id, lossy, formula, fill};
    rule.also = {reasons, changed_in};
    book.sink->fill_when(rule);
  };
  const std::string word = at(status);
  colour_line(fmt::format("=OR({0}=\"rejected\",{0}=\"not used\")", word), Fill::grey);
  colour_line(fmt::format("={}=\"approved\"", word), Fill::green);
  colour_line(fmt::format("=OR({0}=\"flagged\",{0}=\"needs info\")", word), Fill::blue);
  colour_line(fmt::format("=AND({}=\"yes\",{}=\"\",{}<>\"constant\",{}=\"\")", at(target_required),
                          at(source_column), at(transformation), at(default_value)),
              Fill::red);
  colour_line(fmt::format("=AND({0}=\"proposed\",OR({1}<>\"\",AND(ISNUMBER({2}),{2}<{3})))", word,
                          at(lossy), sure, medium_confidence),
              Fill::amber);
}

std::string side_words(const PairSide& side) {
  std::string words = fmt::format("{} · {}", side.endpoint, catalog::to_string(side.ref));
  if (!side.table.version.empty()) {
    words += "@" + side.table.version;
  }
  words += fmt::format(" ({}", catalog::to_string(side.table.kind));
  if (side.table.row_count) {
    words += fmt::format(", {}{} rows", side.table.row_count_is_estimate ? "about " : "",
                         with_thousands(*side.table.row_count));
  }
  words += fmt::format(", {} columns)", side.table.columns.size());
  if (!side.table.comment.empty()) {
    words += " — " + side.table.comment;
  }
  return words;
}

std::string key_of(const catalog::Table& table) {
  std::vector<std::string> columns;
  for (const catalog::ColumnName& column : table.primary_key) {
    columns.push_back(column.text);
  }
  return columns.empty() ? "not declared" : join(columns, " + ");
}

std::string result_words(const PairEntry& entry) {
  if (entry.status == "failed") {
    return fmt::format("failed: {}", entry.error.empty() ? "no reason was given" : entry.error);
  }
  const Figures& figures = entry.figures;
  return fmt::format(
      "{} · {} of {} mapped or decided ({}) · {} open · mean confidence {:.2f} · about {} of "
      "review",
      entry.status, figures.decided, counted(figures.source_fields, "source column"),
      percent(figures.coverage()), counted(figures.required_unmapped, "required target column"),
      figures.confidence(),
      counted(static_cast<std::size_t>(std::llround(figures.effort_minutes)), "minute"));
}

TableSpec make_spec(const Book& book, const PairReport& pair, const PairEntry& entry) {
  TableSpec spec;
  spec.sheet = entry.sheets.front();
  spec.title = fmt::format("{} → {}", entry.source, entry.target);
  spec.subtitle = fmt::format("pair {} of {}", pair.number, book.entries.size());
  spec.back_link = book.sheet_of.at("Summary");
  spec.facts = {{"Source", side_words(pair.source)},
                {"Target", side_words(pair.target)},
                {"Grain, keys", fmt::format("one target row for each source row · source key: {} · "
                                            "target key: {}",
                                            key_of(pair.source.table), key_of(pair.target.table))},
                {"Result", result_words(entry)}};
  spec.columns = pair_columns();
  spec.frozen_columns = status + 1;
  spec.pages_wide = 3;
  spec.tab = entry.status == "failed"              ? Fill::red
             : entry.figures.required_unmapped > 0 ? Fill::amber
                                                   : Fill::none;
  return spec;
}

}  // namespace

void write_pair_sheets(Book& book) {
  RowPlanner lists{book.options.sheet_rows};
  RowPlanner baseline{book.options.sheet_rows};
  const std::uint32_t room = book.capacity(pair_facts);
  PairContext context{&book, nullptr, nullptr};
  Cells cells;
  book.pairs.rewind();
  for (const PairEntry& entry : book.entries) {
    const PairReport* pair = book.pairs.next();
    if (pair == nullptr) {
      throw Error{ErrorCode::internal, "the pairs of a report changed while it was written"};
    }
    const PairLines lines{book.run, *pair};
    const std::size_t sources = list_sources(*pair).size();
    const std::size_t targets = list_targets(*pair).size();
    const RowPlanner::Place list_place = lists.place(std::max(sources, targets));
    RowPlanner::Place place;
    context.pair = pair;
    context.entry = &entry;
    TableWriter table{book, make_spec(book, *pair, entry),
                      [&](std::uint32_t first, std::uint32_t last) {
                        add_drop_downs(book, list_place, sources, targets, first, last);
                        add_colours(book, place.part, first, last);
                      }};
    table.name_pieces({entry.sheets.begin() + 1, entry.sheets.end()});
    const std::vector<CodeRow> codes = code_rows(book.options.minimum_count, lines.rows);
    std::size_t next_code = 0;
    for (std::size_t at = 0; at < lines.size(); ++at) {
      if (at % room == 0) {
        // Ending the full piece still needs its own place.
        const RowPlanner::Place next =
            baseline.place(std::min<std::size_t>(room, lines.size() - at));
        if (at > 0) {
          table.next_piece();
        }
        place = next;
      }
      if (at % 4096 == 0) {
        book.check_stop();
      }
      const Line line = lines.at(at);
      const CodeRow* code = nullptr;
      std::size_t code_count = 0;
      while (next_code + code_count < codes.size() &&
             codes[next_code + code_count].mapping == line.mapping) {
        code = &codes[next_code];
        ++code_count;
      }
      cells.clear();
      const double height =
          put_line(cells, context, line, code, place.row + static_cast<std::uint32_t>(at % room));
      table.write(cells, height);
      next_code += code_count;
      context.first_code_row += code_count;
    }
    table.finish();
  }
}

}  // namespace mapctl::report
