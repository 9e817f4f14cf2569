// SPDX-License-Identifier: Apache-2.0
#include "cli/options/choice.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/registry/registry.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

class RunsSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "runs"; }
  std::string_view summary() const noexcept override { return "Runs, newest first"; }
  std::string_view example() const noexcept override {
    return "mapctl registry runs --limit 10 --format json\n";
  }

  void declare(CLI::App& app) override {
    between(app.add_option("--limit", limit_, "How many (default 50)"), 0, 1'000'000'000)
        ->type_name("N");
  }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    TablePrinter table{{{"run_id", "Run", false, false},
                        {"name", "Plan", false, true},
                        {"status", "Status", false, false},
                        {"started_at", "Started", false, false},
                        {"jobs", "Pairs", true, false},
                        {"done", "Done", true, false},
                        {"failed", "Failed", true, false},
                        {"source_fields", "Fields", true, false},
                        {"mapped", "Mapped", true, false}}};
    for (const registry::RunRecord& run : registry.runs(limit_)) {
      table.add(std::vector<std::string>{
          run.id.text, run.name, std::string{to_string(run.status)}, run.started_at,
          fmt::format("{}", run.totals.jobs), fmt::format("{}", run.totals.done),
          fmt::format("{}", run.totals.failed), fmt::format("{}", run.totals.source_fields),
          fmt::format("{}", run.totals.mapped)});
    }
    switch (context.format()) {
      case Format::json:
        context.out().document(Json{{"schema", "mapctl.runs/1"}, {"runs", table.to_json()}});
        break;
      case Format::jsonl: table.print_jsonl(context.out()); break;
      case Format::csv: table.print_csv(context.out()); break;
      case Format::table: table.print_table(context.out(), context.stdout_terminal());
    }
    return ExitCode::done;
  }

 private:
  std::size_t limit_ = 50;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_runs() {
  return std::make_unique<RunsSubcommand>();
}

}  // namespace mapctl::cli
