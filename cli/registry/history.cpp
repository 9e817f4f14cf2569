// SPDX-License-Identifier: Apache-2.0
#include "core/registry/history.hpp"

#include "cli/registry/parts.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/mapping/transformation.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

class HistorySubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "history"; }
  std::string_view summary() const noexcept override { return "All versions of a mapping"; }
  std::string_view example() const noexcept override {
    return "mapctl registry history --connector hubspot --table contacts --field jobtitle\n";
  }

  void declare(CLI::App& app) override { choice_.declare(app); }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    const mapping::MappingId id = choice_.find(registry);
    const auto versions = registry::history(registry, id);
    TablePrinter table{{{"version", "Version", true, false},
                        {"active", "In force", false, false},
                        {"status", "Status", false, false},
                        {"created_at", "Since", false, false},
                        {"created_by", "By", false, true},
                        {"approved_by", "Approved by", false, true},
                        {"confidence", "Confidence", true, false},
                        {"transformation", "Transformation", false, true},
                        {"notes", "Notes", false, true},
                        {"reason", "Reason", false, true}}};
    for (const registry::MappingVersion& version : versions) {
      const mapping::FieldMapping& mapping = version.mapping;
      table.add(std::vector<std::string>{
          fmt::format("{}", mapping.version), version.active ? "yes" : "no",
          std::string{to_string(mapping.status)}, version.created_at, version.created_by,
          version.approved_by, fmt::format("{:.2f}", mapping.confidence),
          mapping.transformation.is_direct() ? "" : mapping::describe(mapping.transformation),
          mapping.notes, version.reason});
    }
    const mapping::MappingKey& key = versions.back().mapping.key;
    print_rows(context, table,
               Json{{"schema", "mapctl.history/1"},
                    {"mapping", id.text},
                    {"connector", key.connector.text},
                    {"source_table", key.source_table.text},
                    {"source_field", key.source_field.text},
                    {"entity", key.entity.text},
                    {"field", key.field.text}},
               "versions");
    return ExitCode::done;
  }

 private:
  MappingChoice choice_;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_history() {
  return std::make_unique<HistorySubcommand>();
}

}  // namespace mapctl::cli
