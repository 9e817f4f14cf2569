// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/report/book.hpp"

#include <fmt/format.h>

#include <algorithm>

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

const std::vector<TableColumn>& pair_columns() {
  static const std::vector<TableColumn> columns{
      {"Mapping id", 11},
      {"Mapping", 36},
      {"Status", 12, true},
      {"Equivalence", 12, true},
      {"Source system", 14, false, false, 1},
      {"Source schema", 12, false, false, 1},
      {"Source table", 18, false, false, 1},
      {"Source column", 24, true},
      {"Type", 13},
      {"Length / precision", 14},
      {"Nullable", 9},
      {"Key", 14},
      {"Null %", 8},
      {"Distinct", 10},
      {"Example (masked)", 22},
      {"→", 4},
      {"Target schema", 12, false, false, 1},
      {"Target table", 18, false, false, 1},
      {"Target column", 24, true},
      {"Type", 13},
      {"Length", 14},
      {"Nullable", 9},
      {"Required", 9},
      {"Key", 14},
      {"Table type", 10, false, false, 1},
      {"Transformation", 14, true},
      {"Rule", 38, true},
      {"Default", 14, true},
      {"Null handling", 14, true},
      {"Zero-date and zone policy", 16, true},
      {"Code list", 14},
      {"Data-quality rule", 30, true},
      {"Personal data", 14},
      {"Lossy? Why", 40},
      {"Confidence", 11},
      {"Band", 9},
      {"Top reasons", 60},
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

// Where the editable values stand, in the order of editable_titles.
constexpr std::uint16_t editable_columns[editable_count] = {
    status,   equivalence,   source_column, target_column, transformation,
    rule,     default_value, null_handling, date_policy,   quality_rule,
    reviewer, reviewed_on,   reason_code,   comment};

std::string_view kind_word(const mapping::Transformation& transformation) {
  using Kind = mapping::TransformationKind;
  if (transformation.is_direct()) {
    return "direct";
  }
  if (transformation.steps.size() != 1) {
    return "expression";
  }
  switch (transformation.steps.front().kind) {
    case Kind::direct: return "direct";
    case Kind::constant: return "constant";
    case Kind::code_map:
    case Kind::lookup: return "lookup";
    case Kind::default_value: return "default";
    case Kind::generated: return "generated";
    case Kind::sequence: return "sequence";
    default: return "expression";
  }
}

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
  if (row.decision == nullptr) {
    return row.target.empty() ? "no candidate is likely enough" : "chosen by a person";
  }
  std::vector<std::string> reasons;
  for (const mapping::Evidence& evidence : row.decision->evidence) {
    if (reasons.size() == 3) {
      break;
    }
    reasons.push_back(evidence.detail.empty() ? std::string{evidence.signal} : evidence.detail);
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

void put_alternatives(Cells& cells, const MappingRow* row) {
  std::size_t written = 0;
  if (row != nullptr) {
    for (const mapping::Candidate& candidate : row->field->candidates) {
      if (candidate.target_column == row->target || written == 3) {
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
  return fmt::format(
      "{} → {}", line.mapping->field->source_column.text,
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
void put_line(Cells& cells, const PairContext& context, const Line& line, const CodeRow* code,
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
    cells.own(values[at], style::editable());
  }
  put_code_list(cells, context, code);
  cells.own(values[9], style::editable());
  cells.own(personal_words(row, target), style::cell());
  cells.own(row != nullptr && row->lossy
                ? fmt::format("yes: {}", join(row->decision->warnings, "; "))
                : std::string{},
            style::cell());
  if (is_mapping) {
    cells.number(row->confidence, style::number(NumberFormat::score));
    cells.text(confidence_band(row->confidence), style::centered());
  } else {
    cells.blank(style::cell());
    cells.blank(style::cell());
  }
  cells.own(row != nullptr ? reasons_of(*row) : std::string{"nothing feeds this column"},
            style::cell());
  put_alternatives(cells, row);
  cells.own(row != nullptr ? decision_words(*row) : std::string{}, style::cell());
  for (std::size_t at = 10; at < editable_count; ++at) {
    cells.own(values[at], style::editable());
  }
  cells.own(row != nullptr && row->record != nullptr ? fmt::format("{}", row->record->version)
                                                     : std::string{},
            style::centered());
  cells.number(baseline, style::number(NumberFormat::integer));
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
  for (std::size_t value = 0; value < editable_count; ++value) {
    const std::uint16_t column = editable_columns[value];
    add(column, column,
        fmt::format("=AND(ISNUMBER({0}),NOT(EXACT({1}&\"\",INDEX({2}_{3},{0},{4})&\"\")))",
                    at(baseline_row), at(column), baseline_name, baseline_part + 1, value + 2),
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
    add(id, lossy, formula, fill, false);
    add(reasons, changed_in, formula, fill, false);
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
  return columns.empty() ? "no key" : join(columns, " + ");
}

std::string result_words(const PairEntry& entry) {
  if (entry.status == "failed") {
    return fmt::format("failed: {}", entry.error.empty() ? "no reason was given" : entry.error);
  }
  const Figures& figures = entry.figures;
  return fmt::format(
      "{} · {} of {} source columns mapped or decided ({}) · {} required target columns open · "
      "mean confidence {:.2f} · about {:.0f} minutes of review",
      entry.status, figures.decided, figures.source_fields, percent(figures.coverage()),
      figures.required_unmapped, figures.confidence(), figures.effort_minutes);
}

TableSpec make_spec(const Book& book, const PairReport& pair, const PairEntry& entry) {
  TableSpec spec;
  spec.sheet = entry.sheets.front();
  spec.title = fmt::format("{} → {}", entry.source, entry.target);
  spec.subtitle = fmt::format("pair {} of {}", pair.number, book.entries.size());
  spec.back_link = book.sheet_of.at("Summary");
  spec.facts = {{"Source", side_words(pair.source)},
                {"Target", side_words(pair.target)},
                {"Grain, keys", fmt::format("one target row a source row · {} → {}",
                                            key_of(pair.source.table), key_of(pair.target.table))},
                {"Result", result_words(entry)}};
  spec.columns = pair_columns();
  spec.frozen_columns = status + 1;
  spec.pages_wide = 4;
  spec.tab = entry.status == "failed"              ? Fill::red
             : entry.figures.required_unmapped > 0 ? Fill::amber
                                                   : Fill::none;
  return spec;
}

}  // namespace

const std::string_view editable_titles[editable_count] = {
    "status",   "equivalence", "source_column", "target_column", "transformation",
    "rule",     "default",     "null_handling", "date_policy",   "quality_rule",
    "reviewer", "reviewed_on", "reason_code",   "comment"};

EditableValues editable_values(const Line& line) {
  EditableValues values(editable_count);
  if (line.unmapped != nullptr) {
    values[1] = std::string{to_string(Equivalence::unmatched)};
    values[3] = line.unmapped->name;
    return values;
  }
  const MappingRow& row = *line.mapping;
  // Nothing is proposed for a column without target until somebody decides.
  if (!row.target.empty() || row.record != nullptr) {
    values[0] = std::string{to_string(row.status)};
  }
  values[1] = std::string{to_string(row.equivalence)};
  values[2] = row.field->source_column.text;
  values[3] = row.target.text;
  if (row.status == ReviewStatus::not_used) {
    values[4] = "not used";
  } else if (row.decision != nullptr) {
    const mapping::Transformation& chosen = row.decision->transformation;
    values[4] = std::string{kind_word(chosen)};
    if (!chosen.is_direct()) {
      values[5] = mapping::describe(chosen);
    }
    for (const mapping::TransformationStep& step : chosen.steps) {
      if (step.kind == mapping::TransformationKind::default_value) {
        values[6] = std::string{step.argument("value")};
      }
    }
  } else if (!row.target.empty()) {
    values[4] = "direct";
  }
  if (row.record != nullptr) {
    values[10] = row.record->reviewer;
    if (row.status != ReviewStatus::proposed) {
      values[11] = row.record->decided_at.substr(0, 10);
    }
    values[12] = row.record->reason;
    values[13] = row.record->comment;
  }
  if (row.target_column != nullptr && row.is_mapped()) {
    std::vector<std::string> checks;
    for (const Rule& rule : rules_of_column(*row.target_column)) {
      checks.push_back(rule.check);
    }
    values[9] = join(checks, "; ");
  }
  return values;
}

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
    const std::vector<CodeRow> codes = code_rows(book, lines.rows);
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
      put_line(cells, context, line, code, place.row + static_cast<std::uint32_t>(at % room));
      table.write(cells);
      next_code += code_count;
      context.first_code_row += code_count;
    }
    table.finish();
  }
}

}  // namespace mapctl::report
