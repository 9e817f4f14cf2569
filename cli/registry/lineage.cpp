// SPDX-License-Identifier: Apache-2.0
#include "core/registry/lineage.hpp"

#include "cli/options/choice.hpp"
#include "cli/registry/parts.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <span>
#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

class LineageSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "lineage"; }
  std::string_view summary() const noexcept override {
    return "Which source field feeds which target: search, filter, sort, page";
  }
  std::string_view example() const noexcept override {
    return "mapctl registry lineage --search 'customer email' --sort -confidence_score\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("--search", search_, "Words that all occur in a row")->type_name("TEXT");
    app.add_option("--where", where_,
                   "COLUMN=VALUE, also != < <= > >= ~; several must all hold, within one "
                   "' or ' gives a choice")
        ->type_name("CONDITION")
        ->allow_extra_args(false);
    app.add_option("--sort", sort_, "Columns, with '-' before one for falling: -confidence_score")
        ->type_name("COLUMN,...");
    between(app.add_option("--limit", limit_, "Rows a page (default 100; 0: all)"), 0,
            1'000'000'000)
        ->type_name("N");
    between(app.add_option("--page", page_, "Which page (default 1)"), 1, 1'000'000'000)
        ->type_name("N");
    app.add_flag("--sql", sql_, "Print SQL that makes a table of the rows");
    app.add_flag("--refresh", refresh_, "First bring the grid up to date (PostgreSQL)");
  }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    if (refresh_) {
      registry::refresh_lineage(registry);
    }
    registry::LineageQuery query;
    query.search = search_;
    for (const std::string& group : where_) {
      std::vector<registry::LineageTerm> any_of;
      std::size_t from = 0;
      while (from <= group.size()) {
        const std::size_t to = std::min(group.find(" or ", from), group.size());
        any_of.push_back(
            registry::parse_lineage_term(std::string_view{group}.substr(from, to - from)));
        from = to + 4;
      }
      query.all_of.push_back(std::move(any_of));
    }
    for (const std::string_view key : split(sort_, ',')) {
      if (!trim(key).empty()) {
        query.sort.emplace_back(trim(key));
      }
    }
    query.limit = limit_;
    query.offset = (page_ - 1) * limit_;
    if (sql_) {
      print_sql(context, registry, query);
      return ExitCode::done;
    }
    // A terminal shows what fits and matters; data formats carry every column.
    const bool whole = context.format() != Format::table;
    std::vector<std::size_t> shown;
    std::vector<TableColumn> columns;
    for (std::size_t i = 0; i < registry::lineage_columns().size(); ++i) {
      const registry::LineageColumn& column = registry::lineage_columns()[i];
      const bool in_table = (i >= 1 && i <= 5) || column.name == "confidence_score" ||
                            column.name == "status" || column.name == "updated_at";
      if (whole || in_table) {
        shown.push_back(i);
        columns.push_back({std::string{column.name}, replace_all(column.name, "_", " "),
                           column.kind == registry::LineageKind::number, true});
      }
    }
    TablePrinter table{columns};
    registry::for_each_lineage_row(registry, query, [&](std::span<const std::string> row) {
      std::vector<std::string> cells;
      for (const std::size_t i : shown) {
        cells.push_back(whole || registry::lineage_columns()[i].name != "confidence_score"
                            ? row[i]
                            : two_decimals(row[i]));
      }
      table.add(std::move(cells));
    });
    print_rows(context, table,
               Json{{"schema", "mapctl.lineage/1"},
                    {"tenant", context.tenant().text},
                    {"page", page_},
                    {"limit", limit_}},
               "rows");
    if (table.size() == 0 && search_.empty() && where_.empty() && page_ == 1) {
      tell_why_empty(context, registry);
    }
    return ExitCode::done;
  }

 private:
  // On a server the grid is kept, and as old as its last refresh.
  static void tell_why_empty(CommandContext& context, registry::Registry& registry) {
    if (registry.status().mappings > 0) {
      context.reporter().info("the grid is older than the mappings",
                              "bring it up to date with: mapctl registry lineage --refresh");
    }
  }

  // For people; data formats keep every digit.
  static std::string two_decimals(const std::string& number) {
    double value = 0;
    const char* end = number.data() + number.size();
    return std::from_chars(number.data(), end, value).ec == std::errc{}
               ? fmt::format("{:.2f}", value)
               : number;
  }

  void print_sql(CommandContext& context, registry::Registry& registry,
                 const registry::LineageQuery& query) const {
    std::string names;
    std::string types;
    for (const registry::LineageColumn& column : registry::lineage_columns()) {
      const bool number = column.kind == registry::LineageKind::number;
      names += fmt::format("{}{}", names.empty() ? "" : ", ", column.name);
      types += fmt::format("{}{} {}", types.empty() ? "" : ", ", column.name,
                           number ? "double precision" : "text");
    }
    context.out().line(fmt::format("CREATE TABLE mapping_lineage ({});", types));
    registry::for_each_lineage_row(registry, query, [&](std::span<const std::string> row) {
      std::string values;
      for (std::size_t i = 0; i < row.size(); ++i) {
        const bool number = registry::lineage_columns()[i].kind == registry::LineageKind::number;
        values += values.empty() ? "" : ", ";
        values += row[i].empty() ? "NULL"
                  : number       ? row[i]
                                 : "'" + replace_all(row[i], "'", "''") + "'";
      }
      context.out().line(
          fmt::format("INSERT INTO mapping_lineage ({}) VALUES ({});", names, values));
    });
  }

  std::string search_, sort_;
  std::vector<std::string> where_;
  std::size_t limit_ = 100;
  std::size_t page_ = 1;
  bool sql_ = false;
  bool refresh_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_lineage() {
  return std::make_unique<LineageSubcommand>();
}

}  // namespace mapctl::cli
