// SPDX-License-Identifier: Apache-2.0
#include "core/registry/registry.hpp"

#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "core/base/text.hpp"
#include "core/mapping/mapping.hpp"

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

class RegistryCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "registry"; }
  std::string_view summary() const noexcept override {
    return "Look into the registry: status, runs, look-up of mappings";
  }
  std::string_view example() const noexcept override {
    return "mapctl registry status\n"
           "mapctl registry runs --format json\n"
           "# which canonical field an approved mapping feeds\n"
           "mapctl registry lookup --connector hubspot --table contacts --field jobtitle\n";
  }

  void declare(CLI::App& app) override {
    app.require_subcommand(1);
    status_ = app.add_subcommand("status", "Size, schema version and counts by status");
    runs_ = app.add_subcommand("runs", "Runs, newest first");
    runs_->add_option("--limit", limit_, "How many (default 50)")->type_name("N");
    lookup_ = app.add_subcommand("lookup", "Active mappings of a source table or field");
    lookup_->add_option("--connector", connector_, "Profile of the source")
        ->required()
        ->type_name("NAME");
    lookup_->add_option("--table", table_, "Source table")->required()->type_name("NAME");
    lookup_->add_option("--field", field_, "Source field (default: all)")->type_name("NAME");
  }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    if (runs_->parsed()) {
      print_runs(context, registry);
    } else if (lookup_->parsed()) {
      return print_lookup(context, registry);
    } else {
      print_status(context, registry);
    }
    return ExitCode::done;
  }

 private:
  static void print_status(CommandContext& context, registry::Registry& registry) {
    const registry::RegistryStatus status = registry.status();
    Json by_status = Json::object();
    for (const registry::StatusCount& count : status.by_status) {
      by_status[std::string{to_string(count.status)}] = count.count;
    }
    const std::string path = context.settings().registry_path().string();
    const Json document{{"schema", "mapctl.registry/1"},
                        {"registry", path},
                        {"tenant", context.tenant().text},
                        {"schema_version", status.schema_version},
                        {"size_bytes", status.size_bytes},
                        {"counts",
                         {{"connectors", status.connectors},
                          {"entities", status.entities},
                          {"snapshots", status.snapshots},
                          {"runs", status.runs},
                          {"mappings", status.mappings},
                          {"audit_rows", status.audit_rows}}},
                        {"by_status", by_status}};
    if (context.format() == Format::json) {
      context.out().document(document);
      return;
    }
    if (context.format() == Format::jsonl) {
      context.out().json_line(document);
      return;
    }
    TablePrinter table{{{"name", "Registry", false, false}, {"value", "Value", false, true}}};
    table.add(std::vector<std::string>{"registry", path});
    table.add(std::vector<std::string>{"tenant", context.tenant().text});
    table.add(std::vector<std::string>{"schema version", fmt::format("{}", status.schema_version)});
    table.add(
        std::vector<std::string>{"size", human_bytes(static_cast<double>(status.size_bytes))});
    for (const auto& [key, value] : document.at("counts").items()) {
      table.add(std::vector<std::string>{replace_all(key, "_", " "),
                                         with_thousands(value.get<long long>())});
    }
    for (const registry::StatusCount& count : status.by_status) {
      table.add(std::vector<std::string>{fmt::format("mappings {}", to_string(count.status)),
                                         with_thousands(count.count)});
    }
    context.format() == Format::csv ? table.print_csv(context.out())
                                    : table.print_table(context.out(), context.stdout_terminal());
  }

  void print_runs(CommandContext& context, registry::Registry& registry) const {
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
  }

  ExitCode print_lookup(CommandContext& context, registry::Registry& registry) const {
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

  CLI::App* status_ = nullptr;
  CLI::App* runs_ = nullptr;
  CLI::App* lookup_ = nullptr;
  std::size_t limit_ = 50;
  std::string connector_, table_, field_;
};

}  // namespace

std::unique_ptr<Command> make_registry_command() {
  return std::make_unique<RegistryCommand>();
}

}  // namespace mapctl::cli
