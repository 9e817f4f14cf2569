// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.hpp"
#include "core/report/book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

// The first pass: what the sheets in front must know of the pairs behind them.
namespace mapctl::report {
namespace {

std::string status_word(const PairReport& pair) {
  const bool failed = pair.outcome.status == batch::JobStatus::failed || pair.outcome.error;
  return failed ? "failed" : std::string{batch::to_string(pair.outcome.status)};
}

std::size_t profiled_columns(const PairSide& side, std::set<std::string>& seen) {
  if (!seen.insert(fmt::format("{}\x1f{}", side.endpoint, catalog::to_string(side.ref))).second) {
    return 0;
  }
  return static_cast<std::size_t>(
      std::count_if(side.table.columns.begin(), side.table.columns.end(),
                    [](const catalog::Column& column) { return column.statistics.has_value(); }));
}

void note_target(Book& book, const PairReport& pair, const PairEntry& entry) {
  TargetEntry& target = book.targets[entry.target];
  if (target.title.empty()) {
    target.title = entry.target;
    target.kind = std::string{catalog::to_string(pair.target.table.kind)};
    target.domain = pair.target.table.domain;
    for (const catalog::ColumnName& column : pair.target.table.primary_key) {
      target.key.push_back(column.text);
    }
    for (const catalog::ForeignKey& key : pair.target.table.foreign_keys) {
      target.references.push_back(catalog::to_string(key.references));
    }
  }
  target.sources.push_back(fmt::format("{}: {}", entry.source_endpoint, entry.source));
  target.sheets.push_back(entry.sheets.front());
  target.required_open += entry.figures.required_unmapped;
}

PairEntry make_entry(Book& book, const PairReport& pair, const PairLines& lines) {
  PairEntry entry;
  entry.title = title_of(pair);
  entry.source = catalog::to_string(pair.source.ref);
  entry.target = catalog::to_string(pair.target.ref);
  entry.source_endpoint = pair.source.endpoint;
  entry.target_endpoint = pair.target.endpoint;
  entry.status = status_word(pair);
  if (pair.outcome.error) {
    entry.error = pair.outcome.error->message;
  }
  entry.figures = figures_of(pair, lines.rows, lines.unmapped);
  entry.lines = lines.size();
  const std::size_t number = pair.number == 0 ? book.entries.size() + 1 : pair.number;
  if (book.is_index) {
    entry.sheets.push_back(pair_file_name(pair, number));
    return entry;
  }
  entry.sheets.push_back(
      book.names.take_pair(number, pair.source.ref.table.text, pair.target.ref.table.text));
  const std::uint32_t room = book.capacity(pair_facts);
  for (std::size_t covered = room; covered < entry.lines; covered += room) {
    entry.sheets.push_back(
        book.names.take_continuation(entry.sheets.front(), entry.sheets.size() + 1));
  }
  return entry;
}

void take_sheet(Book& book, const std::string& name, std::string content) {
  std::string taken = book.names.take(name);
  book.contents.emplace_back(taken, std::move(content));
  book.sheet_of.emplace(name, std::move(taken));
}

bool has_load_plan(const Book& book) {
  return book.targets.size() > 1 ||
         std::any_of(book.targets.begin(), book.targets.end(),
                     [](const auto& target) { return !target.second.references.empty(); });
}

}  // namespace

void scan(Book& book) {
  take_sheet(book, "Read Me", "what this is, what the colours mean, how to send it back");
  take_sheet(book, "Summary", "one line a pair, with figures and links");
  take_sheet(book, "Issues", "every error, warning and open question, with links");
  for (const Issue& issue : book.run.issues) {
    ++book.issue_counts[static_cast<std::size_t>(issue.severity)];
  }
  Sha256 digest, code_digest;
  std::set<std::string> profiled;
  book.pairs.rewind();
  while (const PairReport* pair = book.pairs.next()) {
    book.check_stop();
    const PairLines lines{book.run, *pair};
    PairEntry entry = make_entry(book, *pair, lines);
    for (const Issue& issue : issues_of(*pair, lines.rows, lines.unmapped)) {
      ++book.issue_counts[static_cast<std::size_t>(issue.severity)];
      ++entry.issues;
      ++entry.severities[static_cast<std::size_t>(issue.severity)];
    }
    for (std::size_t at = 0; at < lines.size(); ++at) {
      mapping::add_to_digest(digest,
                             review_line(*pair, lines.at(at), book.options.cell_characters));
    }
    book.unmapped_sources += static_cast<std::size_t>(std::count_if(
        lines.rows.begin(), lines.rows.end(),
        [](const MappingRow& row) { return row.target.empty() && row.input_of.empty(); }));
    book.unmapped_targets += lines.unmapped.size();
    for (const catalog::Column& column : pair->source.table.columns) {
      book.has_source_comments |= !column.comment.empty();
      book.has_nested_columns |= column.statistics && column.statistics->presence;
    }
    for (const CodeRow& code : code_rows(book.options.minimum_count, lines.rows)) {
      mapping::add_to_digest(code_digest, code_line(*pair, code));
      ++book.code_rows;
    }
    book.rule_rows += rules_of(*pair, lines.rows).size();
    book.profile_rows += profiled_columns(pair->source, profiled);
    book.profile_rows += profiled_columns(pair->target, profiled);
    book.totals += entry.figures;
    note_target(book, *pair, entry);
    book.entries.push_back(std::move(entry));
  }
  if (book.code_rows > 0) {
    digest.add_field(code_digest.finish());
  }
  book.digest = digest.finish();

  const bool has_pairs = !book.is_index;
  if (has_pairs && book.unmapped_sources > 0) {
    take_sheet(book, "Unmapped source", "source columns without target, for a decision");
  }
  if (has_pairs && book.unmapped_targets > 0) {
    take_sheet(book, "Unmapped target", "target columns that nothing feeds, required ones first");
  }
  if (has_pairs && book.code_rows > 0) {
    take_sheet(book, "Code lists", "source values and the codes they become");
  }
  if (has_load_plan(book)) {
    take_sheet(book, "Load plan", "in which order to load the target tables");
  }
  if (has_pairs && book.profile_rows > 0) {
    take_sheet(book, "Profiles", "statistics of the columns");
  }
  if (has_pairs && book.rule_rows > 0) {
    take_sheet(book, "Rules and checks", "what loaded rows must satisfy");
  }
  take_sheet(book, "Sign-off", "who agreed to what");
  for (const char* hidden : {"_lists", "_baseline", "_meta"}) {
    book.sheet_of.emplace(hidden, book.names.take(hidden));
  }
  if (has_pairs && book.code_rows > 0) {
    book.sheet_of.emplace("_baseline (codes)", book.names.take("_baseline (codes)"));
  }
}

}  // namespace mapctl::report
