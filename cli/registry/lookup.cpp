// SPDX-License-Identifier: Apache-2.0
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/jobs/yaml_migration.hpp"
#include "core/mapping/mapping.hpp"
#include "core/registry/registry.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

Json to_json(const jobs::ServedMapping& served) {
  const mapping::FieldMapping& mapping = served.mapping;
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
              {"updated_at", mapping.updated_at},
              {"served_from", served.from_yaml    ? "yaml"
                              : served.from_share ? "share"
                                                  : "registry"}};
}

class LookupSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "lookup"; }
  std::string_view summary() const noexcept override {
    return "Active mappings of a source table or field";
  }
  std::string_view example() const noexcept override {
    return "# which canonical field an approved mapping feeds\n"
           "mapctl registry lookup --connector hubspot --table contacts --field jobtitle\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("--connector", connector_, "Profile of the source")
        ->required()
        ->type_name("NAME");
    app.add_option("--table", table_, "Source table")->required()->type_name("NAME");
    app.add_option("--field", field_, "Source field (default: all)")->type_name("NAME");
    app.add_option("--for", subject_, "For whom, where a share sees another version (default: you)")
        ->type_name("NAME");
  }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    const mapping::ConnectorName connector{connector_};
    const catalog::TableName source_table{table_};
    std::optional<mapping::FieldPath> field;
    if (!field_.empty()) {
      field = mapping::FieldPath{field_};
    }
    const jobs::ServedLookup served =
        jobs::look_up(registry, connector, source_table, field, subject_);
    report(context, served);
    std::vector<mapping::FieldMapping> mappings;
    for (const jobs::ServedMapping& one : served.mappings) {
      mappings.push_back(one.mapping);
    }
    if (context.format() == Format::json) {
      Json document{{"schema", "mapctl.lookup/1"},
                    {"connector", connector_},
                    {"table", table_},
                    {"mappings", Json::array()}};
      for (const jobs::ServedMapping& one : served.mappings) {
        document["mappings"].push_back(to_json(one));
      }
      context.out().document(document);
    } else if (context.format() == Format::jsonl) {
      for (const jobs::ServedMapping& one : served.mappings) {
        context.out().json_line(to_json(one));
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
  // What a migration of mapping files has to say about the answer.
  static void report(CommandContext& context, const jobs::ServedLookup& served) {
    if (!served.note.empty()) {
      context.reporter().warning(served.note);
    }
    if (served.discrepancies > 0) {
      context.reporter().warning(
          fmt::format("files and registry differ in {} of the answers; answered from the file",
                      served.discrepancies),
          "bring them together with: mapctl migrate-yaml DIR --phase shadow");
    }
  }

  std::string connector_, table_, field_, subject_;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_lookup() {
  return std::make_unique<LookupSubcommand>();
}

}  // namespace mapctl::cli
