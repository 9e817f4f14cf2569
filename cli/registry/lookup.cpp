// SPDX-License-Identifier: Apache-2.0
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/mapping/mapping.hpp"
#include "core/registry/registry.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

Json to_json(const mapping::FieldMapping& mapping) {
  return Json{{"id", mapping.id.text},
              {"connector", mapping.key.connector.text},
              {"source_table", mapping.key.source_table.text},
              {"source_field", mapping.key.source_field.text},
              {"entity", mapping.key.entity.text},
              {"field", mapping.key.field.text},
              {"source_data_type", mapping.source_data_type},
              {"canonical_data_type", mapping.canonical_data_type},
              {"mapping_type", to_string(mapping.mapping_type)},
              {"transformation", mapping::to_json(mapping.transformation)},
              {"confidence", mapping.confidence},
              {"status", to_string(mapping.status)},
              {"source", to_string(mapping.source)},
              {"version", mapping.version},
              {"updated_at", mapping.updated_at}};
}

class LookupSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "lookup"; }
  std::string_view summary() const noexcept override {
    return "Active mappings of a source table or field";
  }

  void declare(CLI::App& app) override {
    app.add_option("--connector", connector_, "Profile of the source")
        ->required()
        ->type_name("NAME");
    app.add_option("--table", table_, "Source table")->required()->type_name("NAME");
    app.add_option("--field", field_, "Source field (default: all)")->type_name("NAME");
  }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    const mapping::ConnectorName connector{connector_};
    const catalog::TableName source_table{table_};
    const auto mappings =
        field_.empty() ? registry.lookup(connector, source_table)
                       : registry.lookup(connector, source_table, mapping::FieldPath{field_});
    if (context.format() == Format::json) {
      Json document{{"schema", "mapctl.lookup/1"},
                    {"connector", connector_},
                    {"table", table_},
                    {"mappings", Json::array()}};
      for (const mapping::FieldMapping& mapping : mappings) {
        document["mappings"].push_back(to_json(mapping));
      }
      context.out().document(document);
    } else if (context.format() == Format::jsonl) {
      for (const mapping::FieldMapping& mapping : mappings) {
        context.out().json_line(to_json(mapping));
      }
    } else {
      TablePrinter table{{{"source_field", "Source field", false, true},
                          {"entity", "Entity", false, true},
                          {"field", "Field", false, true},
                          {"transformation", "Transformation", false, true},
                          {"confidence", "Confidence", true, false},
                          {"version", "Version", true, false}}};
      for (const mapping::FieldMapping& mapping : mappings) {
        table.add(std::vector<std::string>{
            mapping.key.source_field.text, mapping.key.entity.text, mapping.key.field.text,
            mapping.transformation.is_direct() ? "" : mapping::describe(mapping.transformation),
            fmt::format("{:.2f}", mapping.confidence), fmt::format("{}", mapping.version)});
      }
      context.format() == Format::csv ? table.print_csv(context.out())
                                      : table.print_table(context.out(), context.stdout_terminal());
    }
    if (mappings.empty()) {
      context.reporter().info(
          fmt::format("no active mapping of '{}'", field_.empty() ? table_ : field_),
          "proposals become active when they are approved; mapctl export shows them all");
    }
    return ExitCode::done;
  }

 private:
  std::string connector_, table_, field_;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_lookup() {
  return std::make_unique<LookupSubcommand>();
}

}  // namespace mapctl::cli
