// SPDX-License-Identifier: Apache-2.0
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/registry/migrations.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

class MigrateSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "migrate"; }
  std::string_view summary() const noexcept override {
    return "Bring the registry to this program's schema version, or to another one";
  }
  std::string_view example() const noexcept override {
    return "# the SQL first, then the change\n"
           "mapctl registry migrate --dry-run\n"
           "mapctl registry migrate\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("--to", target_, "Schema version to go to, forward or back (default: newest)")
        ->type_name("N");
    app.add_flag("--dry-run", dry_run_, "Print the SQL and change nothing");
  }

  ExitCode run(CommandContext& context) override {
    const auto session = context.open_registry_session(false);
    if (dry_run_) {
      print_plan(context, registry::plan_migration(*session, target_));
      return ExitCode::done;
    }
    const registry::MigrationReport report = registry::migrate(*session, context.clock(), target_);
    const Json document{{"schema", "mapctl.migrate/1"},
                        {"from", report.from},
                        {"to", report.to},
                        {"applied", report.applied}};
    switch (context.format()) {
      case Format::json: context.out().document(document); break;
      case Format::jsonl: context.out().json_line(document); break;
      case Format::table:
      case Format::csv: print_report(context, report);
    }
    return ExitCode::done;
  }

 private:
  static void print_plan(CommandContext& context,
                         const std::vector<registry::PlannedMigration>& steps) {
    if (context.format() == Format::json || context.format() == Format::jsonl) {
      Json document{{"schema", "mapctl.migrate/1"}, {"dry_run", true}, {"steps", Json::array()}};
      for (const registry::PlannedMigration& step : steps) {
        document["steps"].push_back({{"version", step.version},
                                     {"name", step.name},
                                     {"back", step.back},
                                     {"converts_rows", step.converts},
                                     {"sql", step.sql}});
      }
      context.format() == Format::json ? context.out().document(document)
                                       : context.out().json_line(document);
      return;
    }
    if (context.format() == Format::csv) {
      print_csv(context, steps);
      return;
    }
    for (const registry::PlannedMigration& step : steps) {
      context.out().line(
          fmt::format("-- {} {}{}", step.version, step.name, step.back ? ", back" : ""));
      if (step.converts) {
        context.out().line("-- mapctl rewrites rows in this step, beside the statements");
      }
      context.out().line(step.sql);
    }
    if (steps.empty()) {
      context.reporter().info("the registry is there already", {});
    }
  }

  static void print_csv(CommandContext& context,
                        const std::vector<registry::PlannedMigration>& steps) {
    TablePrinter table{{{"version", "Version", true, true},
                        {"name", "Name", false, true},
                        {"back", "Back", false, true},
                        {"converts_rows", "Rewrites rows", false, true},
                        {"sql", "SQL", false, true}}};
    for (const registry::PlannedMigration& step : steps) {
      table.add(std::vector<std::string>{std::to_string(step.version), std::string{step.name},
                                         step.back ? "true" : "false",
                                         step.converts ? "true" : "false", step.sql});
    }
    table.print_csv(context.out());
  }

  static void print_report(CommandContext& context, const registry::MigrationReport& report) {
    TablePrinter table{{{"applied", "Applied", false, true}}};
    for (const std::string& step : report.applied) {
      table.add(std::vector<std::string>{step});
    }
    context.format() == Format::csv ? table.print_csv(context.out())
                                    : table.print_table(context.out(), context.stdout_terminal());
    context.reporter().info(
        report.applied.empty()
            ? fmt::format("the registry has schema version {} already", report.to)
            : fmt::format("the registry went from schema version {} to {}", report.from, report.to),
        {});
  }

  std::optional<int> target_{};
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_migrate() {
  return std::make_unique<MigrateSubcommand>();
}

}  // namespace mapctl::cli
