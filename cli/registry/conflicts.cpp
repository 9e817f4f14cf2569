// SPDX-License-Identifier: Apache-2.0
#include "cli/registry/parts.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/registry/history.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

class ConflictsSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "conflicts"; }
  std::string_view summary() const noexcept override {
    return "Active mappings that contradict each other";
  }
  std::string_view example() const noexcept override {
    return "# as a gate of a pipeline\n"
           "mapctl registry conflicts --fail-on-conflict\n";
  }

  void declare(CLI::App& app) override {
    app.add_flag("--fail-on-conflict", fail_, "Exit with 4 when there is one");
  }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    TablePrinter table{{{"conflict", "Conflict", true, false},
                        {"kind", "Kind", false, false},
                        {"connector", "Connector", false, true},
                        {"source_table", "Source table", false, true},
                        {"source_field", "Source field", false, true},
                        {"entity", "Entity", false, true},
                        {"field", "Field", false, true},
                        {"mapping", "Mapping", false, true}}};
    int number = 0;
    for (const registry::MappingConflict& conflict : registry::find_conflicts(registry)) {
      ++number;
      for (const mapping::FieldMapping& mapping : conflict.mappings) {
        const mapping::MappingKey& key = mapping.key;
        table.add(std::vector<std::string>{
            fmt::format("{}", number), std::string{to_string(conflict.kind)}, key.connector.text,
            key.source_table.text, key.source_field.text, key.entity.text, key.field.text,
            mapping.id.text});
      }
    }
    print_rows(
        context, table,
        Json{
            {"schema", "mapctl.conflicts/1"}, {"tenant", context.tenant().text}, {"count", number}},
        "conflicts");
    return fail_ && number > 0 ? ExitCode::gate_missed : ExitCode::done;
  }

 private:
  bool fail_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_conflicts() {
  return std::make_unique<ConflictsSubcommand>();
}

}  // namespace mapctl::cli
