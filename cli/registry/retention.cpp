// SPDX-License-Identifier: Apache-2.0
#include "cli/registry/parts.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/registry/audit.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

class RetentionSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "retention"; }
  std::string_view summary() const noexcept override {
    return "Remove old audit rows, leaving a signed checkpoint";
  }
  std::string_view example() const noexcept override {
    return "mapctl registry retention --keep 365d --dry-run\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("--keep", keep_, "How much to keep: 365d, or from a day on")
        ->required()
        ->type_name("TIME");
    app.add_flag("--dry-run", dry_run_, "Only say how many rows would go");
  }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    const std::string before = moment_of(keep_, context.clock(), "--keep");
    const registry::RetentionResult result =
        registry::apply_retention(registry, before, context.signing_key(), dry_run_);
    TablePrinter table{{{"removed", "Removed", true, false},
                        {"kept", "Kept", true, false},
                        {"before", "Older than", false, false},
                        {"checkpoint", "Checkpoint", true, false},
                        {"signed", "Signed", false, false}}};
    table.add(std::vector<std::string>{
        fmt::format("{}", result.removed), fmt::format("{}", result.kept), before,
        fmt::format("{}", result.checkpoint), result.is_signed ? "yes" : "no"});
    print_rows(context, table,
               Json{{"schema", "mapctl.retention/1"},
                    {"tenant", context.tenant().text},
                    {"dry_run", dry_run_}},
               "result");
    return ExitCode::done;
  }

 private:
  std::string keep_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_retention() {
  return std::make_unique<RetentionSubcommand>();
}

}  // namespace mapctl::cli
