// SPDX-License-Identifier: Apache-2.0
#include "cli/options/choice.hpp"
#include "cli/registry/parts.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/base/error.hpp"
#include "core/registry/history.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

class RollbackSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "rollback"; }
  std::string_view summary() const noexcept override {
    return "Bring back earlier versions, as new ones";
  }
  std::string_view example() const noexcept override {
    return "# after a wrong import: what would come back, then the change\n"
           "mapctl registry rollback --all --to-time 2h --reason \"a wrong import\" --dry-run\n"
           "mapctl registry rollback --all --to-time 2h --reason \"a wrong import\"\n";
  }

  void declare(CLI::App& app) override {
    auto* mapping =
        app.add_option("MAPPING", mapping_, "Mapping, by id or its first six characters");
    auto* connector =
        app.add_option("--connector", connector_, "All mappings of a connector")->type_name("NAME");
    auto* tenant = app.add_flag("--all", tenant_, "All mappings of the tenant");
    mapping->excludes(connector)->excludes(tenant);
    connector->excludes(tenant);
    auto* version = between(app.add_option("--to-version", version_, "Version to go back to"), 1)
                        ->type_name("N");
    app.add_option("--to-time", time_, "What was in force then: 2026-01-31T08:00:00Z, 2h")
        ->type_name("TIME")
        ->excludes(version);
    app.add_option("--reason", reason_, "Why; kept with each version")->type_name("TEXT");
    app.add_flag("--dry-run", dry_run_, "Only show what would come back");
  }

  ExitCode run(CommandContext& context) override {
    if (mapping_.empty() && connector_.empty() && !tenant_) {
      throw Error{ErrorCode::usage, "nothing to roll back is named",
                  "give a mapping's id, --connector NAME or --all"};
    }
    registry::Registry registry = context.open_registry();
    registry::RollbackScope scope;
    if (!mapping_.empty()) {
      scope.mapping = registry::mapping_named(registry, mapping_);
    }
    if (!connector_.empty()) {
      scope.connector = mapping::ConnectorName{connector_};
    }
    registry::RollbackGoal goal;
    if (version_ > 0) {
      goal.version = version_;
    }
    goal.moment = time_.empty() ? "" : moment_of(time_, context.clock(), "--to-time");
    const registry::RollbackResult result =
        registry::roll_back(registry, scope, goal, reason_, dry_run_);
    TablePrinter table{{{"mapping", "Mapping", false, true},
                        {"source_table", "Source table", false, true},
                        {"source_field", "Source field", false, true},
                        {"entity", "Entity", false, true},
                        {"field", "Field", false, true},
                        {"version", "Version", true, false},
                        {"to_version", "Back to", true, false},
                        {"action", "Action", false, false}}};
    for (const registry::RollbackStep& step : result.steps) {
      const mapping::MappingKey& key = step.mapping.key;
      table.add(std::vector<std::string>{
          step.mapping.id.text, key.source_table.text, key.source_field.text, key.entity.text,
          key.field.text, fmt::format("{}", step.mapping.version),
          fmt::format("{}", step.to_version), step.to_version == 0 ? "deprecated" : "rolled_back"});
    }
    print_rows(context, table,
               Json{{"schema", "mapctl.rollback/1"},
                    {"dry_run", dry_run_},
                    {"changed", result.steps.size()},
                    {"unchanged", result.unchanged}},
               "mappings");
    return ExitCode::done;
  }

 private:
  std::string mapping_, connector_, time_, reason_;
  bool tenant_ = false;
  bool dry_run_ = false;
  int version_ = 0;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_rollback() {
  return std::make_unique<RollbackSubcommand>();
}

}  // namespace mapctl::cli
