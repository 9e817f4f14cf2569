// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/report/book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

// Read Me, Summary and Issues.
namespace mapctl::report {
namespace {

using ports::Cell;
using ports::CellStyle;
using ports::Fill;
using ports::NumberFormat;

constexpr double read_me_width = 110;

class Page {
 public:
  explicit Page(Book& book) : book_{&book} {}
  void heading(std::string text) {
    book_->sink->skip_rows(1);
    CellStyle heading = style::title();
    heading.font_size = 12;
    cells_.clear();
    cells_.own(std::move(text), heading);
    book_->sink->row(cells_.cells(), 20);
  }
  void fact(std::string label, std::string value) {
    const double height = wrapped_height(value, read_me_width);
    cells_.clear();
    cells_.own(std::move(label), style::label());
    cells_.own(std::move(value), style::wrapped());
    book_->sink->row(cells_.cells(), height);
  }
  void colour(std::string word, Fill fill, std::string meaning) {
    cells_.clear();
    cells_.own(std::move(word), style::filled(fill));
    cells_.own(std::move(meaning), style::wrapped());
    book_->sink->row(cells_.cells());
  }
  void link(const std::string& sheet, std::string meaning) {
    cells_.clear();
    cells_.link(sheet, link_to(sheet), style::link());
    cells_.own(std::move(meaning), style::wrapped());
    book_->sink->row(cells_.cells());
  }

 private:
  Book* book_;
  Cells cells_{};
};

void write_legend(Page& page) {
  page.heading("Colours, and the words that say the same");
  page.colour("approved", Fill::green, "status 'approved': agreed");
  page.colour("low or lossy", Fill::amber,
              "still proposed, and the confidence is below 0.70 (band 'low') or values may be lost "
              "(column 'Lossy?' says why)");
  page.colour("required, no source", Fill::red,
              "the target column is required ('Required' says yes) and has no source column");
  page.colour("rejected, not used", Fill::grey, "status 'rejected' or 'not used': decided against");
  page.colour("flagged, needs info", Fill::blue, "status 'flagged' or 'needs info': a question");
  page.fact("edited", "a cell with an orange outline differs from what was exported");
  page.fact(
      "confidence",
      "green from 0.90 (band 'high'), yellow from 0.70 ('medium'), red below ('low'). It is a "
      "probability: of the mappings proposed at 0.90, nine in ten are right");
  page.colour("yellow header", Fill::yellow, "columns that you may edit; the others are facts");
}

void write_how_to(Page& page) {
  page.heading("How to review, and how to send it back");
  page.fact("1", "Open Summary, follow a pair's link. Filter by status, band or 'Lossy?'.");
  page.fact("2",
            "Choose a status for each line; choose another source or target column from the "
            "list where the proposal is wrong; give a reason code when you reject or override.");
  page.fact("3",
            "Sorting, filtering and hiding columns is safe: lines are known by their mapping id, "
            "not by their place. Do not change the mapping id.");
  page.fact("4",
            "Save as .xlsx and send the file back. 'mapctl review import FILE.xlsx' shows what "
            "would change and what is in conflict; with --apply it is written.");
}

void write_effort(Page& page) {
  page.heading("How the effort is estimated");
  page.fact(
      "minutes",
      fmt::format("a mapping {} with high, {} with medium, {} with low confidence; {} more for "
                  "a transformation and {} for a possible loss; an unmapped source column {}, "
                  "an unmapped target column {}, or {} when it is required; a failed pair {}",
                  effort.high, effort.medium, effort.low, effort.transformation, effort.lossy,
                  effort.unmapped_source, effort.unmapped_target, effort.required_target,
                  effort.failed_pair));
}

std::string effort_words(double minutes) {
  return minutes < 90 ? fmt::format("{:.0f} min", minutes) : fmt::format("{:.1f} h", minutes / 60);
}

// "crm", "crm and billing", or how many there are.
std::string systems_of(const Book& book, std::string PairEntry::*endpoint,
                       const std::string& planned) {
  constexpr std::size_t most = 6;
  std::vector<std::string> names;
  for (const PairEntry& entry : book.entries) {
    const std::string& name = entry.*endpoint;
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  if (names.empty()) {
    return planned.empty() ? "the source" : planned;
  }
  if (names.size() == 1) {
    return names.front();
  }
  if (names.size() > most) {
    return fmt::format("{} systems", names.size());
  }
  const std::string last = names.back();
  names.pop_back();
  return fmt::format("{} and {}", join(names, ", "), last);
}

}  // namespace

void write_read_me(Book& book) {
  ports::SheetOptions options;
  options.name = book.sheet_of.at("Read Me");
  options.columns = {{24, false, 0, {}}, {read_me_width, false, 0, {}}};
  options.grid = false;
  options.tab = Fill::header;
  book.begin_sheet(options);
  Cells cells;
  cells.text("Mapping workbook", style::title());
  book.sink->row(cells.cells(), 26);
  cells.clear();
  cells.own(fmt::format("Which field of {} feeds which field of {}, how sure that is, and what "
                        "remains to be decided",
                        systems_of(book, &PairEntry::source_endpoint, book.run.source),
                        systems_of(book, &PairEntry::target_endpoint, book.run.target)),
            style::subtitle());
  book.sink->row(cells.cells());

  Page page{book};
  page.heading("This export");
  if (!book.run.name.empty()) {
    page.fact("Batch", book.run.name);
  }
  page.fact("Run id", book.run.run.text);
  page.fact("Export id", book.export_id);
  page.fact("Tenant", book.run.tenant.text);
  page.fact("Registry version",
            book.run.registry_version.empty() ? "none" : book.run.registry_version);
  page.fact("Generated at", fmt::format("{} (UTC)", to_iso8601_seconds(book.run.generated_at)));
  page.fact("Made by", fmt::format("mapctl {}", book.run.tool_version));
  if (!book.run.plan.empty()) {
    page.fact("Plan", book.run.plan);
  }
  write_how_to(page);
  write_legend(page);
  page.heading("Sheets");
  for (std::size_t at = 0; at < book.contents.size(); ++at) {
    page.link(book.contents[at].first, book.contents[at].second);
    if (at == 2) {
      page.fact(fmt::format("001 … {:03}", book.entries.size()),
                book.is_index ? "one file for each pair of tables, beside this one"
                              : "one sheet for each pair of tables");
    }
  }
  write_effort(page);
}

namespace {

struct SummaryFact {
  std::string label{};
  double value = 0;
  NumberFormat format = NumberFormat::integer;
  std::string text{};
};

std::vector<SummaryFact> summary_facts(const Book& book) {
  const Figures& total = book.totals;
  const auto count = [](std::size_t value) { return static_cast<double>(value); };
  std::size_t failed = 0;
  for (const PairEntry& entry : book.entries) {
    failed += entry.status == "failed" ? 1 : 0;
  }
  return {
      {"Pairs", count(book.entries.size()), NumberFormat::integer, {}},
      {"Pairs that failed", count(failed), NumberFormat::integer, {}},
      {"Source columns", count(total.source_fields), NumberFormat::integer, {}},
      {"Coverage", total.coverage(), NumberFormat::percent, {}},
      {"Mapped", count(total.mapped), NumberFormat::integer, {}},
      {"Waiting for review", count(total.proposed), NumberFormat::integer, {}},
      {"Approved", count(total.approved), NumberFormat::integer, {}},
      {"Mean confidence", total.confidence(), NumberFormat::score, {}},
      {"Required targets open", count(total.required_unmapped), NumberFormat::integer, {}},
      {"Errors / warnings / questions", 0, NumberFormat::text,
       fmt::format("{} / {} / {}", book.issue_counts[0], book.issue_counts[1],
                   book.issue_counts[2])},
      {"Estimated review effort", 0, NumberFormat::text, effort_words(total.effort_minutes)},
  };
}

const std::array<const char*, 18> summary_titles{
    "Pair",     "Source table", "Target table", "Result",   "Source columns", "Mapped",
    "Proposed", "Approved",     "Rejected",     "Unmapped", "Required open",  "Lossy",
    "Personal", "Coverage",     "Confidence",   "Issues",   "Effort (min)",   "Seconds"};
const std::array<double, 18> summary_widths{34, 30, 26, 13, 11, 9,  10, 10, 9,
                                            10, 10, 8,  9,  10, 11, 8,  9,  9};
constexpr std::uint16_t coverage_column = 13;
constexpr std::uint16_t confidence_column = 14;

void put_figures(Cells& cells, const Figures& figures, std::size_t issues, bool bold) {
  const auto add = [&](double value, NumberFormat format) {
    CellStyle style = style::number(format);
    style.bold = bold;
    style.fill = bold ? Fill::band : Fill::none;
    cells.number(value, style);
  };
  for (const std::size_t value :
       {figures.source_fields, figures.mapped, figures.proposed, figures.approved, figures.rejected,
        figures.unmapped, figures.required_unmapped, figures.lossy, figures.personal}) {
    add(static_cast<double>(value), NumberFormat::integer);
  }
  // Without columns or mappings there is nothing to take a share or a mean of.
  const auto add_known = [&](bool is_known, double value, NumberFormat format) {
    if (is_known) {
      add(value, format);
    } else {
      cells.blank(style::cell());
    }
  };
  add_known(figures.source_fields > 0, figures.coverage(), NumberFormat::percent);
  add_known(figures.mappings > 0, figures.confidence(), NumberFormat::score);
  add(static_cast<double>(issues), NumberFormat::integer);
  add(figures.effort_minutes, NumberFormat::integer);
  add(figures.seconds, NumberFormat::decimal);
}

// The figures on the left, mappings by confidence beside them with a chart of the latter.
void write_dashboard(Book& book) {
  const std::vector<SummaryFact> facts = summary_facts(book);
  const std::uint32_t first = book.sink->next_row();
  Cells cells;
  cells.text("Figure", style::header());
  cells.text("Value", style::header());
  cells.blank(CellStyle{});
  cells.text("Confidence", style::header());
  cells.text("Mappings", style::header());
  book.sink->row(cells.cells());
  for (std::size_t at = 0; at < facts.size(); ++at) {
    cells.clear();
    cells.text(facts[at].label, style::label());
    if (facts[at].format == NumberFormat::text) {
      cells.text(facts[at].text, style::centered());
    } else {
      CellStyle style = style::number(facts[at].format);
      style.centered = true;
      cells.number(facts[at].value, style);
    }
    if (at < book.totals.bands.size()) {
      const std::size_t band = book.totals.bands.size() - 1 - at;
      const double low = static_cast<double>(band) / 10;
      const Fill fill = low >= high_confidence - 1e-9     ? Fill::green
                        : low >= medium_confidence - 1e-9 ? Fill::yellow
                                                          : Fill::red;
      cells.blank(CellStyle{});
      cells.own(fmt::format("{:.1f}–{:.1f}", low, low + 0.1), style::filled(fill));
      cells.number(static_cast<double>(book.totals.bands[band]),
                   style::number(NumberFormat::integer));
    }
    book.sink->row(cells.cells());
  }
  const auto last = static_cast<std::uint32_t>(first + book.totals.bands.size());
  const std::string& sheet = book.sheet_of.at("Summary");
  ports::BarChart chart;
  chart.title = "Mappings by confidence";
  chart.categories = range_of(sheet, first + 1, 3, last, 3);
  chart.values = range_of(sheet, first + 1, 4, last, 4);
  chart.value_name = "Mappings";
  chart.row = first;
  chart.column = 6;
  book.sink->chart(chart);
}

// What a reader should know before anything else, in one sentence.
std::string headline_of(const Book& book) {
  const Figures& total = book.totals;
  std::string text = fmt::format(
      "{}: {} of {} have a target or a decision ({}).", counted(book.entries.size(), "pair"),
      with_thousands(static_cast<std::int64_t>(total.decided)),
      counted(total.source_fields, "source column"), percent(total.coverage()));
  std::vector<std::string> open;
  const auto failed = static_cast<std::size_t>(
      std::count_if(book.entries.begin(), book.entries.end(),
                    [](const PairEntry& entry) { return entry.status == "failed"; }));
  if (failed > 0) {
    open.push_back(fmt::format("{} that failed", counted(failed, "pair")));
  }
  if (total.required_unmapped > 0) {
    open.push_back(fmt::format("{} without source",
                               counted(total.required_unmapped, "required target column")));
  }
  if (total.lossy > 0) {
    open.push_back(fmt::format("{} that may lose values", counted(total.lossy, "mapping")));
  }
  if (total.unmapped > 0) {
    open.push_back(fmt::format("{} without target", counted(total.unmapped, "source column")));
  }
  if (total.proposed > 0) {
    open.push_back(fmt::format("{} to review", counted(total.proposed, "proposed mapping")));
  }
  return open.empty() ? text + " Nothing is open." : text + " Open: " + join(open, ", ") + ".";
}

void put_pair(const Book& book, Cells& cells, const PairEntry& entry) {
  cells.link(entry.sheets.front(), book.link_to_pair(entry.sheets.front()), style::link());
  cells.own(fmt::format("{}: {}", entry.source_endpoint, entry.source), style::cell());
  cells.own(fmt::format("{}: {}", entry.target_endpoint, entry.target), style::cell());
  cells.text(entry.status, style::filled(entry.status == "failed"    ? Fill::red
                                         : entry.status == "skipped" ? Fill::grey
                                                                     : Fill::none));
  put_figures(cells, entry.figures, entry.issues, false);
}

void finish_summary(Book& book, std::uint32_t header, std::uint32_t last) {
  ports::SheetSink& sink = *book.sink;
  sink.filter(header, 0, last, static_cast<std::uint16_t>(summary_titles.size() - 1));
  const std::uint32_t first = header + 1;
  if (last < first) {
    return;
  }
  const std::string cell = fmt::format("${}{}", column_letters(confidence_column), first + 1);
  const auto rule = [&](std::uint16_t column, std::string formula, Fill fill) {
    sink.fill_when({first, last, column, column, std::move(formula), fill, false, false});
  };
  const auto sure = [&](const char* comparison, double bound) {
    return fmt::format("=AND(ISNUMBER({0}),{0}{1}{2})", cell, comparison, bound);
  };
  rule(confidence_column, sure(">=", high_confidence), Fill::green);
  rule(confidence_column, sure(">=", medium_confidence), Fill::yellow);
  rule(confidence_column, sure("<", medium_confidence), Fill::red);
  const std::string coverage = fmt::format("${}{}", column_letters(coverage_column), first + 1);
  rule(coverage_column, fmt::format("=AND(ISNUMBER({0}),{0}<0.5)", coverage), Fill::amber);
  rule(10, fmt::format("=$K{}>0", first + 1), Fill::red);
  rule(11, fmt::format("=$L{}>0", first + 1), Fill::amber);
}

}  // namespace

void write_summary(Book& book) {
  constexpr std::uint32_t top_rows = 17;  // title, headline, figures, an empty line
  Cells cells;
  std::size_t next = 0;
  for (std::size_t piece = 1; piece == 1 || next < book.entries.size(); ++piece) {
    const std::string& name = book.sheet_of.at("Summary");
    ports::SheetOptions options;
    options.name = piece == 1 ? name : book.names.take_continuation(name, piece);
    for (const double width : summary_widths) {
      options.columns.push_back({width, false, 0, {}});
    }
    options.grid = false;
    options.tab = Fill::header;
    options.frozen_columns = 1;
    options.header_row = piece == 1 ? top_rows : 0;
    if (piece > 1) {
      options.frozen_rows = 1;
    }
    book.begin_sheet(options);
    if (piece == 1) {
      cells.clear();
      cells.own(book.run.name.empty() ? "Summary" : fmt::format("Summary of {}", book.run.name),
                style::title());
      book.sink->row(cells.cells(), 26);
      cells.clear();
      cells.own(headline_of(book), style::value());
      book.sink->row(cells.cells());
      cells.clear();
      cells.own(fmt::format("tenant {} · generated {} · run {}", book.run.tenant.text,
                            to_iso8601_seconds(book.run.generated_at), book.run.run.text),
                style::subtitle());
      book.sink->row(cells.cells());
      book.sink->skip_rows(1);
      write_dashboard(book);
      book.sink->skip_rows(top_rows - book.sink->next_row());
    }
    const std::uint32_t header = book.sink->next_row();
    cells.clear();
    for (const char* title : summary_titles) {
      cells.text(title, style::header());
    }
    book.sink->row(cells.cells(), 30);
    // One row is kept for the totals.
    while (next < book.entries.size() && book.sink->next_row() + 1 < book.options.sheet_rows) {
      cells.clear();
      put_pair(book, cells, book.entries[next++]);
      book.sink->row(cells.cells());
    }
    finish_summary(book, header, book.sink->next_row() - 1);
  }
  cells.clear();
  CellStyle bold = style::label();
  cells.text("All pairs", bold);
  cells.own(fmt::format("{} pairs", book.entries.size()), bold);
  cells.blank(bold);
  cells.blank(bold);
  put_figures(cells, book.totals,
              book.issue_counts[0] + book.issue_counts[1] + book.issue_counts[2], true);
  book.sink->row(cells.cells());
}

void write_issues(Book& book) {
  constexpr double what_width = 64, what_to_do_width = 60;
  TableSpec spec;
  spec.sheet = book.sheet_of.at("Issues");
  spec.title = "Issues";
  spec.subtitle = fmt::format("{}, {}, {}; errors first", counted(book.issue_counts[0], "error"),
                              counted(book.issue_counts[1], "warning"),
                              counted(book.issue_counts[2], "open question"));
  spec.back_link = book.sheet_of.at("Summary");
  spec.columns = {{"Severity", 12}, {"Where", 38},        {"What", 64},     {"What to do", 60},
                  {"Link", 34},     {"Answer", 36, true}, {"Who", 16, true}};
  spec.tab = book.issue_counts[0] > 0 ? Fill::red : Fill::none;
  spec.frozen_columns = 2;
  TableWriter table{book, spec};
  Cells cells;
  const auto add = [&](const Issue& issue, const PairEntry* entry) {
    const Fill fill = issue.severity == Severity::error     ? Fill::red
                      : issue.severity == Severity::warning ? Fill::amber
                                                            : Fill::blue;
    cells.clear();
    cells.text(to_string(issue.severity), style::filled(fill));
    cells.text(issue.subject, style::cell());
    cells.text(issue.message, style::wrapped());
    cells.text(issue.hint, style::wrapped());
    if (entry == nullptr) {
      cells.blank(style::cell());
    } else if (issue.line) {
      const TablePlace place = place_of_line(book, *entry, *issue.line);
      cells.link(place.sheet, book.link_to_pair(place.sheet, place.row, 1), style::link());
    } else {
      cells.link(entry->sheets.front(), book.link_to_pair(entry->sheets.front()), style::link());
    }
    cells.blank(style::editable());
    cells.blank(style::editable());
    table.write(cells, std::max(wrapped_height(issue.message, what_width),
                                wrapped_height(issue.hint, what_to_do_width)));
  };
  for (const Severity severity : {Severity::error, Severity::warning, Severity::question}) {
    const auto level = static_cast<std::size_t>(severity);
    if (book.issue_counts[level] == 0) {
      continue;
    }
    for (const Issue& issue : book.run.issues) {
      if (issue.severity == severity) {
        add(issue, nullptr);
      }
    }
    book.pairs.rewind();
    for (const PairEntry& entry : book.entries) {
      const PairReport* pair = book.pairs.next();
      if (pair == nullptr || entry.severities[level] == 0) {
        continue;
      }
      book.check_stop();
      const PairLines lines{book.run, *pair};
      for (const Issue& issue : issues_of(*pair, lines.rows, lines.unmapped)) {
        if (issue.severity == severity) {
          add(issue, &entry);
        }
      }
    }
  }
  if (book.issue_counts[0] + book.issue_counts[1] + book.issue_counts[2] == 0) {
    cells.clear();
    cells.text("none", style::cell());
    cells.text("no issue was found", style::cell());
    table.write(cells);
  }
  table.finish();
}

}  // namespace mapctl::report
