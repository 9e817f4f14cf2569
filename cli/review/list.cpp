// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/options/choice.hpp"
#include "cli/review/selection.hpp"
#include "cli/review/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/base/text.hpp"
#include "core/registry/registry.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace mapctl::cli {
namespace {

using mapping::ReviewStatus;

constexpr ReviewStatus counted_statuses[] = {ReviewStatus::proposed,   ReviewStatus::approved,
                                             ReviewStatus::rejected,   ReviewStatus::flagged,
                                             ReviewStatus::needs_info, ReviewStatus::not_used};

class ListSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "list"; }
  std::string_view summary() const noexcept override {
    return "Mappings with status, confidence and assignee";
  }
  std::string_view example() const noexcept override {
    return "mapctl review list --status proposed --min-confidence 0.9\n";
  }
  void declare(CLI::App& app) override {
    selection_.declare_filters(app);
    between(app.add_option("--limit", limit_, "At most so many (default: all)"), 0, 1'000'000'000)
        ->type_name("N");
  }
  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    std::vector<review::Item> items = review::load_items(registry, selection_.filter());
    const std::size_t found = items.size();
    if (limit_ > 0 && items.size() > limit_) {
      items.resize(limit_);
    }
    if (context.format() == Format::json) {
      Json document{{"schema", "mapctl.review/1"},
                    {"action", "list"},
                    {"found", found},
                    {"items", Json::array()}};
      for (const review::Item& item : items) {
        document["items"].push_back(item_to_json(item));
      }
      context.out().document(document);
    } else if (context.format() == Format::jsonl) {
      for (const review::Item& item : items) {
        context.out().json_line(item_to_json(item));
      }
    } else {
      TablePrinter table = item_table();
      for (const review::Item& item : items) {
        add_item(table, item);
      }
      print(context, table);
    }
    return ExitCode::done;
  }

 private:
  ReviewSelection selection_{};
  std::size_t limit_ = 0;
};

class StatsSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "stats"; }
  std::string_view summary() const noexcept override { return "How far the review has come"; }
  std::string_view example() const noexcept override {
    return "mapctl review stats --by assignee\n";
  }
  void declare(CLI::App& app) override {
    selection_.declare_filters(app);
    choices(app.add_option("--by", by_, "A line for each of these (default: connector)"),
            {"connector", "table", "entity", "assignee"});
  }
  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    const std::vector<review::Item> items = review::load_items(registry, selection_.filter());
    const review::GroupBy group = by_ == "table"      ? review::GroupBy::table
                                  : by_ == "entity"   ? review::GroupBy::entity
                                  : by_ == "assignee" ? review::GroupBy::assignee
                                                      : review::GroupBy::connector;
    const auto groups = review::progress_by(items, group);
    review::Progress total;
    for (const review::Item& item : items) {
      if (item.status != ReviewStatus::deprecated) {
        total.add(item);
      }
    }
    if (context.format() == Format::json) {
      Json document{{"schema", "mapctl.review/1"}, {"action", "stats"}, {"by", by_}};
      document["total"] = to_json(total);
      document["groups"] = Json::array();
      for (const auto& [name, progress] : groups) {
        Json line = to_json(progress);
        line["name"] = name;
        document["groups"].push_back(std::move(line));
      }
      context.out().document(document);
      return ExitCode::done;
    }
    TablePrinter table{{{by_, by_, false, true},
                        {"total", "Mappings", true, false},
                        {"proposed", "Proposed", true, false},
                        {"approved", "Approved", true, false},
                        {"rejected", "Rejected", true, false},
                        {"flagged", "Flagged", true, false},
                        {"needs_info", "Needs info", true, false},
                        {"not_used", "Not used", true, false},
                        {"decided", "Decided %", true, false}}};
    for (const auto& [name, progress] : groups) {
      add(table, name.empty() ? "(nobody)" : name, progress);
    }
    if (groups.size() != 1) {
      add(table, "total", total);
    }
    print(context, table);
    return ExitCode::done;
  }

 private:
  static Json to_json(const review::Progress& progress) {
    Json line{
        {"total", progress.total}, {"decided", progress.decided()}, {"share", progress.share()}};
    for (const ReviewStatus status : counted_statuses) {
      line[replace_all(to_string(status), " ", "_")] = progress.count(status);
    }
    return line;
  }
  static void add(TablePrinter& table, const std::string& name, const review::Progress& progress) {
    std::vector<std::string> cells{name, fmt::format("{}", progress.total)};
    for (const ReviewStatus status : counted_statuses) {
      cells.push_back(fmt::format("{}", progress.count(status)));
    }
    cells.push_back(fmt::format("{:.1f}", 100 * progress.share()));
    table.add(std::move(cells));
  }

  ReviewSelection selection_{};
  std::string by_ = "connector";
};

}  // namespace

std::unique_ptr<Subcommand> make_review_list() {
  return std::make_unique<ListSubcommand>();
}

std::unique_ptr<Subcommand> make_review_stats() {
  return std::make_unique<StatsSubcommand>();
}

}  // namespace mapctl::cli
