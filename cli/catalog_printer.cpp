// SPDX-License-Identifier: Apache-2.0
#include "cli/catalog_printer.hpp"

#include "cli/catalog_cache.hpp"
#include "cli/command.hpp"
#include "cli/endpoint_control.hpp"
#include "core/base/text.hpp"
#include "core/catalog/diff.hpp"
#include "core/catalog/snapshot.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace {

using catalog::Catalog;
using catalog::Column;
using catalog::ColumnStatistics;
using catalog::Table;

std::string key_of(const Table& table, const Column& column) {
  std::string text;
  if (table.in_primary_key(column.name)) {
    text = "primary";
  } else if (column.unique) {
    text = "unique";
  }
  if (const catalog::ForeignKey* key = table.foreign_key_of(column.name)) {
    std::string target = catalog::to_string(key->references);
    for (std::size_t i = 0; i < key->columns.size(); ++i) {
      if (key->columns[i] == column.name && i < key->referenced_columns.size()) {
        target += "." + key->referenced_columns[i].text;
      }
    }
    text += fmt::format("{}-> {}", text.empty() ? "" : ", ", target);
  }
  return text;
}

std::string percent(double share) {
  if (share > 0 && share < 0.001) {
    return "<0.1%";
  }
  return share == 0 || share == 1 ? fmt::format("{:.0f}%", share * 100)
                                  : fmt::format("{:.1f}%", share * 100);
}

std::string patterns_of(const ColumnStatistics& statistics) {
  std::string text;
  int shown = 0;
  for (const catalog::PatternShare& pattern : statistics.patterns) {
    if (++shown > 2) {
      break;
    }
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", catalog::to_string(pattern.pattern),
                        percent(pattern.share));
  }
  return text;
}

std::string range_of(const ColumnStatistics& statistics) {
  if (!statistics.minimum && !statistics.maximum) {
    return {};
  }
  return fmt::format("{} .. {}", statistics.minimum.value_or(""), statistics.maximum.value_or(""));
}

std::string title_of(const catalog::TableRef& ref, const Table& table) {
  std::string text =
      fmt::format("{}  ({}", catalog::to_string(ref), catalog::to_string(table.kind));
  if (!table.version.empty()) {
    text += " " + table.version;
  }
  if (table.row_count) {
    text += fmt::format(", {}{} {}", table.row_count_is_estimate ? "about " : "",
                        with_thousands(*table.row_count), *table.row_count == 1 ? "row" : "rows");
  }
  text += fmt::format(", {} {}", table.columns.size(),
                      table.columns.size() == 1 ? "column" : "columns");
  for (const catalog::Property& property : table.properties) {
    text += fmt::format(", {}: {}", property.name, property.value);
  }
  text += ")";
  if (!table.comment.empty()) {
    text += "  " + table.comment;
  }
  return printable(text);
}

TablePrinter column_table(const Table& table, bool statistics) {
  std::vector<TableColumn> columns{{"position", "#", true},
                                   {"column", "Column", false, true},
                                   {"type", "Type"},
                                   {"null", "Null"},
                                   {"key", "Key", false, true}};
  if (statistics) {
    columns.push_back({"null_share", "Nulls", true});
    columns.push_back({"distinct", "Distinct", true});
    columns.push_back({"range", "Range", false, true});
    columns.push_back({"patterns", "Patterns", false, true});
  } else {
    columns.push_back({"comment", "Comment", false, true});
  }
  TablePrinter printer{std::move(columns)};
  for (const Column& column : table.columns) {
    std::vector<TableCell> row{
        {fmt::format("{}", column.position), Style::dim},
        {column.name.text, Style::plain},
        {column.type.native.empty() ? std::string{catalog::to_string(column.type.logical)}
                                    : column.type.native,
         Style::plain},
        {column.nullable ? "yes" : "no", Style::plain},
        {key_of(table, column), Style::plain}};
    if (statistics && column.statistics) {
      const ColumnStatistics& found = *column.statistics;
      row.push_back({percent(found.null_share), Style::plain});
      row.push_back({with_thousands(found.distinct), Style::plain});
      row.push_back({range_of(found), Style::plain});
      row.push_back({patterns_of(found), Style::plain});
    } else if (statistics) {
      row.resize(row.size() + 4);
    } else {
      row.push_back({column.comment, Style::plain});
    }
    printer.add(std::move(row));
  }
  return printer;
}

// One row a column, for csv and jsonl.
TablePrinter flat_table(const Catalog& catalog, bool statistics) {
  std::vector<TableColumn> columns{{"schema"},      {"table"},
                                   {"kind"},        {"row_count", {}, true},
                                   {"column"},      {"position", {}, true},
                                   {"native_type"}, {"type"},
                                   {"nullable"},    {"key"},
                                   {"default"},     {"comment"}};
  if (statistics) {
    for (const char* name : {"rows", "null_share", "distinct"}) {
      columns.push_back({name, {}, true});
    }
    for (const char* name : {"minimum", "maximum", "patterns", "personal"}) {
      columns.push_back({name});
    }
  }
  TablePrinter printer{std::move(columns)};
  for (const Catalog::Entry& entry : catalog.tables()) {
    const Table& table = *entry.table;
    for (const Column& column : table.columns) {
      std::vector<std::string> row{entry.ref.schema.text,
                                   entry.ref.table.text,
                                   std::string{catalog::to_string(table.kind)},
                                   table.row_count ? fmt::format("{}", *table.row_count) : "",
                                   column.name.text,
                                   fmt::format("{}", column.position),
                                   column.type.native,
                                   std::string{catalog::to_string(column.type.logical)},
                                   column.nullable ? "yes" : "no",
                                   key_of(table, column),
                                   column.default_value.value_or(""),
                                   column.comment};
      if (statistics && column.statistics) {
        const ColumnStatistics& found = *column.statistics;
        row.push_back(fmt::format("{}", found.rows));
        row.push_back(fmt::format("{}", found.null_share));
        row.push_back(fmt::format("{}", found.distinct));
        row.push_back(found.minimum.value_or(""));
        row.push_back(found.maximum.value_or(""));
        row.push_back(patterns_of(found));
        row.push_back(column.personal ? column.personal->kind : "");
      } else if (statistics) {
        row.resize(row.size() + 7);
      }
      printer.add(std::move(row));
    }
  }
  return printer;
}

}  // namespace

void print_catalog(CommandContext& context, const std::string& endpoint, const Catalog& catalog,
                   bool statistics) {
  Output& out = context.out();
  switch (context.format()) {
    case Format::json: {
      Json document = catalog::to_json(catalog, endpoint);
      EndpointControl& control = endpoint_control(context);
      const bool is_stale = control.was_stale(endpoint);
      if (is_stale || control.catalog_cache().was_taken(endpoint)) {
        const auto age = context.clock().now() - catalog.taken_at;
        document[is_stale ? "stale" : "cached"] = true;
        document["age_seconds"] = std::chrono::duration<double>(age).count();
      }
      out.document(document);
      return;
    }
    case Format::jsonl: flat_table(catalog, statistics).print_jsonl(out); return;
    case Format::csv: flat_table(catalog, statistics).print_csv(out); return;
    case Format::table: break;
  }
  bool is_first = true;
  for (const Catalog::Entry& entry : catalog.tables()) {
    if (!std::exchange(is_first, false)) {
      out.line("");
    }
    out.line(styled(title_of(entry.ref, *entry.table), Style::bold, context.stdout_terminal()));
    column_table(*entry.table, statistics).print_table(out, context.stdout_terminal());
    if (out.closed()) {
      return;
    }
  }
}

void print_personal(CommandContext& context, const std::string& endpoint, const Catalog& catalog) {
  TablePrinter printer{{{"schema", "Schema"},
                        {"table", "Table"},
                        {"column", "Column"},
                        {"kind", "Kind"},
                        {"likelihood", "Likelihood", true},
                        {"reason", "Reason", false, true}}};
  for (const Catalog::Entry& entry : catalog.tables()) {
    for (const Column& column : entry.table->columns) {
      if (column.personal) {
        printer.add(std::vector<std::string>{
            entry.ref.schema.text, entry.ref.table.text, column.name.text, column.personal->kind,
            fmt::format("{:.2f}", column.personal->likelihood), column.personal->reason});
      }
    }
  }
  if (context.format() == Format::json) {
    context.out().document(
        {{"schema", "mapctl.personal/1"}, {"profile", endpoint}, {"columns", printer.to_json()}});
    return;
  }
  print(context, printer);
}

void print_changes(CommandContext& context, const std::string& endpoint, const Catalog& before,
                   const Catalog& after) {
  TablePrinter printer{{{"kind", "Change"},
                        {"schema", "Schema"},
                        {"table", "Table"},
                        {"column", "Column"},
                        {"before", "Before", false, true},
                        {"after", "After", false, true},
                        {"likelihood", "Likelihood", true}}};
  for (const catalog::Change& change : catalog::diff(before, after)) {
    printer.add(std::vector<std::string>{std::string{catalog::to_string(change.kind)},
                                         change.table.schema.text, change.table.table.text,
                                         change.column, change.before, change.after,
                                         change.kind == catalog::ChangeKind::column_renamed
                                             ? fmt::format("{:.2f}", change.likelihood)
                                             : std::string{}});
  }
  if (context.format() == Format::json) {
    context.out().document(
        {{"schema", "mapctl.changes/1"},
         {"profile", endpoint},
         {"before",
          {{"taken_at", to_iso8601(before.taken_at)},
           {"fingerprint", catalog::fingerprint(before)}}},
         {"after",
          {{"taken_at", to_iso8601(after.taken_at)}, {"fingerprint", catalog::fingerprint(after)}}},
         {"changes", printer.to_json()}});
    return;
  }
  print(context, printer);
  if (printer.size() == 0) {
    context.reporter().info(
        fmt::format("nothing has changed since {}", to_iso8601_seconds(before.taken_at)));
  }
}

}  // namespace mapctl::cli
