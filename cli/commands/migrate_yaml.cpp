// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/options/choice.hpp"
#include "core/base/text.hpp"
#include "core/jobs/yaml_migration.hpp"
#include "core/registry/registry.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace {

using Action = jobs::SyncChange::Action;

Json difference_json(const jobs::MappingDifference& about) {
  Json json{{"connector", about.key.connector.text},
            {"entity", about.key.entity.text},
            {"source_field", about.key.source_field.text},
            {"field", about.key.field.text},
            {"file", about.file}};
  if (about.line > 0) {
    json["line"] = about.line;
    json["column"] = about.column;
  }
  json["in_yaml"] = about.in_yaml.empty() ? Json(nullptr) : Json(about.in_yaml);
  json["in_registry"] = about.in_registry.empty() ? Json(nullptr) : Json(about.in_registry);
  return json;
}

std::string place_of(const jobs::MappingDifference& about) {
  return about.line == 0 ? about.file
                         : fmt::format("{}:{}:{}", about.file, about.line, about.column);
}

// New mappings are the bulk of a migration: a plan lists them, a phase that wrote them counts them.
bool is_listed(const jobs::MigrationReport& report, const jobs::SyncChange& change) {
  return report.step == jobs::MigrationStep::plan || change.action != Action::create;
}

Json to_json(const jobs::MigrationReport& report, const std::string& tenant) {
  const auto count = [&](Action action) { return report.count(action); };
  Json problems = Json::array();
  std::size_t errors = 0;
  for (const mapping::Finding& finding : report.findings) {
    errors += finding.severity == mapping::Severity::error ? 1 : 0;
    problems.push_back({{"severity", to_string(finding.severity)},
                        {"file", finding.file},
                        {"line", finding.line},
                        {"column", finding.column},
                        {"message", finding.message},
                        {"hint", finding.hint}});
  }
  Json document{{"schema", "mapctl.migration/1"},
                {"directory", report.folder},
                {"tenant", tenant},
                {"phase", to_string(report.step)},
                {"state", report.state},
                {"passed", report.passed},
                {"counts",
                 {{"files", report.files.size()},
                  {"mappings", report.mappings},
                  {"discrepancies", report.discrepancies.size()},
                  {"problems", errors},
                  {"unchanged", report.unchanged},
                  {"created", count(Action::create)},
                  {"updated", count(Action::update)},
                  {"deprecated", count(Action::deprecate)},
                  {"written_to_yaml", count(Action::add_to_yaml) + count(Action::change_in_yaml) +
                                          count(Action::remove_from_yaml)},
                  {"conflicts", count(Action::conflict)},
                  {"registry_inactive", report.inactive},
                  {"registry_other_tables", report.other_tables}}}};
  if (!report.passed) {
    document["refusal"] = report.refusal;
    document["hint"] = report.hint;
  }
  if (report.step == jobs::MigrationStep::canary) {
    document["canary"] = {{"percent", report.percent},
                          {"from_registry", report.from_registry},
                          {"from_yaml", report.from_yaml}};
  }
  if (!report.archive.empty()) {
    document["archive"] = {{"path", report.archive}, {"keep_until", report.keep_until}};
  }
  document["files"] = Json::array();
  for (const registry::YamlFileRecord& file : report.files) {
    document["files"].push_back({{"name", file.name},
                                 {"connector", file.connector.text},
                                 {"sha256", file.sha256},
                                 {"mappings", file.mappings}});
  }
  document["problems"] = std::move(problems);
  document["changes"] = Json::array();
  for (const jobs::SyncChange& change : report.changes) {
    if (is_listed(report, change)) {
      Json json{{"action", to_string(change.action)}};
      json.update(difference_json(change.about));
      document["changes"].push_back(std::move(json));
    }
  }
  document["discrepancies"] = Json::array();
  for (const jobs::MappingDifference& found : report.discrepancies) {
    Json json{{"kind", to_string(found.kind)}};
    json.update(difference_json(found));
    document["discrepancies"].push_back(std::move(json));
  }
  return document;
}

class MigrateYamlCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "migrate-yaml"; }
  std::string_view summary() const noexcept override {
    return "Move a folder of YAML mapping files into the registry, in phases that can be undone";
  }
  std::string_view example() const noexcept override {
    return "# what would change, and every problem of the files\n"
           "mapctl migrate-yaml mappings --phase plan\n"
           "# registry and files side by side, then every mapping compared\n"
           "mapctl migrate-yaml mappings --phase shadow\n"
           "mapctl migrate-yaml mappings --phase validate\n"
           "# a share of the look-ups from the registry, then all of them\n"
           "mapctl migrate-yaml mappings --phase canary --percent 25\n"
           "mapctl migrate-yaml mappings --phase cutover\n"
           "# the same files again, byte for byte\n"
           "mapctl migrate-yaml mappings --phase rollback\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("directory", folder_, "Folder of the mapping files, one a connector")
        ->required()
        ->type_name("DIR");
    choices(app.add_option("--phase", phase_, "What to do; phases come in this order")->required(),
            {"plan", "shadow", "validate", "canary", "cutover", "rollback"});
    between(app.add_option("--percent", percent_, "Of canary: look-ups that the registry answers"),
            0, 100)
        ->type_name("N");
    app.add_option("--archive", archive_,
                   "Of cutover: where the files go (default: DIR_archive/TIME)")
        ->type_name("PATH");
    choices(app.add_option("--prefer", prefer_,
                           "Who is right where both sides changed (default: nobody)"),
            {"yaml", "registry"});
    auto* first = app.add_flag("--export-first", export_first_,
                               "Of rollback: write the registry's newer state to the files");
    app.add_flag("--discard", discard_,
                 "Of rollback: take the registry back to the state of the files")
        ->excludes(first);
    percent_option_ = app.get_option("--percent");
  }

  ExitCode run(CommandContext& context) override {
    jobs::MigrationOptions options;
    options.folder = folder_;
    options.step = *jobs::migration_step_from(phase_);
    options.archive = archive_;
    options.export_first = export_first_;
    options.discard = discard_;
    options.prefer = prefer_ == "yaml"       ? jobs::Preference::yaml
                     : prefer_ == "registry" ? jobs::Preference::registry
                                             : jobs::Preference::none;
    if (percent_option_->count() > 0) {
      options.percent = percent_;
    }
    check(options);
    std::optional<registry::Registry> registry;
    if (options.step != jobs::MigrationStep::plan || context.has_registry()) {
      registry = context.open_registry();
    }
    const jobs::MigrationReport report = jobs::migrate_yaml(
        registry ? &*registry : nullptr, options, context.clock(), context.stop());
    print(context, report);
    if (report.passed) {
      return ExitCode::done;
    }
    context.reporter().error({ErrorCode::conflict, report.refusal, report.hint, {}, Retry::never});
    return ExitCode::gate_missed;
  }

 private:
  // An option of another phase would be ignored silently.
  void check(const jobs::MigrationOptions& options) const {
    const auto belongs = [&](bool is_given, const char* option, jobs::MigrationStep step) {
      if (is_given && options.step != step) {
        throw Error{
            ErrorCode::usage,
            fmt::format("{} belongs to phase '{}', not '{}'", option, to_string(step), phase_),
            "leave it out"};
      }
    };
    belongs(options.percent.has_value(), "--percent", jobs::MigrationStep::canary);
    belongs(!archive_.empty(), "--archive", jobs::MigrationStep::cutover);
    belongs(export_first_, "--export-first", jobs::MigrationStep::rollback);
    belongs(discard_, "--discard", jobs::MigrationStep::rollback);
    if (!prefer_.empty() && options.step != jobs::MigrationStep::plan) {
      belongs(true, "--prefer", jobs::MigrationStep::shadow);
    }
  }

  static void print(CommandContext& context, const jobs::MigrationReport& report) {
    if (context.format() == Format::json) {
      context.out().document(to_json(report, context.tenant().text));
    } else if (context.format() == Format::jsonl) {
      context.out().json_line(to_json(report, context.tenant().text));
    } else if (context.format() == Format::csv) {
      file_table(report).print_csv(context.out());
    } else {
      print_tables(context, report);
    }
  }

  static TablePrinter file_table(const jobs::MigrationReport& report) {
    struct Counts {
      std::size_t created = 0, changed = 0, to_yaml = 0, differ = 0;
    };
    std::map<std::string, Counts> counts;
    for (const jobs::SyncChange& change : report.changes) {
      Counts& file = counts[change.about.file];
      switch (change.action) {
        case Action::create: ++file.created; break;
        case Action::update:
        case Action::deprecate: ++file.changed; break;
        case Action::add_to_yaml:
        case Action::change_in_yaml:
        case Action::remove_from_yaml: ++file.to_yaml; break;
        case Action::conflict: break;
      }
    }
    for (const jobs::MappingDifference& found : report.discrepancies) {
      ++counts[found.file].differ;
    }
    TablePrinter table{{{"file", "File", false, true},
                        {"connector", "Connector", false, true},
                        {"mappings", "Mappings", true, false},
                        {"created", "New", true, false},
                        {"changed", "Changed", true, false},
                        {"to_yaml", "To YAML", true, false},
                        {"discrepancies", "Differ", true, false}}};
    for (const registry::YamlFileRecord& file : report.files) {
      const Counts& found = counts[file.name];
      table.add(std::vector<std::string>{
          file.name, file.connector.text, fmt::format("{}", file.mappings),
          fmt::format("{}", found.created), fmt::format("{}", found.changed),
          fmt::format("{}", found.to_yaml), fmt::format("{}", found.differ)});
    }
    return table;
  }

  static void print_tables(CommandContext& context, const jobs::MigrationReport& report) {
    const auto show = [&](const TablePrinter& table) {
      table.print_table(context.out(), context.stdout_terminal());
      context.out().write("\n");
    };
    if (!report.findings.empty()) {
      TablePrinter table{{{"severity", "Severity", false, false},
                          {"place", "Place", false, false},
                          {"problem", "Problem", false, true},
                          {"next", "What to do", false, true}}};
      for (const mapping::Finding& finding : report.findings) {
        table.add(std::vector<std::string>{
            std::string{to_string(finding.severity)},
            fmt::format("{}:{}:{}", finding.file, finding.line, finding.column), finding.message,
            finding.hint});
      }
      show(table);
    }
    TablePrinter changes{{{"action", "Change", false, false},
                          {"place", "Place", false, false},
                          {"entity", "Entity", false, true},
                          {"source_field", "Source field", false, true},
                          {"field", "Field", false, true},
                          {"in_yaml", "In YAML", false, true},
                          {"in_registry", "In registry", false, true}}};
    bool has_changes = false;
    const auto add = [&](std::string_view action, const jobs::MappingDifference& about) {
      has_changes = true;
      changes.add(std::vector<std::string>{replace_all(action, "_", " "), place_of(about),
                                           about.key.entity.text, about.key.source_field.text,
                                           about.key.field.text, about.in_yaml, about.in_registry});
    };
    for (const jobs::SyncChange& change : report.changes) {
      if (change.action != Action::create && change.action != Action::conflict) {
        add(to_string(change.action), change.about);
      }
    }
    for (const jobs::MappingDifference& found : report.discrepancies) {
      add(to_string(found.kind), found);
    }
    if (has_changes) {
      show(changes);
    }
    show(file_table(report));
    context.out().write(summary(report) + "\n");
  }

  static std::string summary(const jobs::MigrationReport& report) {
    const auto number = [](std::size_t value) {
      return with_thousands(static_cast<long long>(value));
    };
    std::string text =
        fmt::format("{}: {} mappings in {} files, {} discrepancies; phase in force: {}",
                    to_string(report.step), number(report.mappings), number(report.files.size()),
                    number(report.discrepancies.size()), report.state);
    if (report.step == jobs::MigrationStep::canary) {
      text += fmt::format("\n{} look-ups from the registry ({}%), {} from the files",
                          number(report.from_registry), report.percent, number(report.from_yaml));
    }
    if (!report.archive.empty()) {
      text += fmt::format("\narchive: {}, kept until {}", report.archive, report.keep_until);
    }
    return text;
  }

  std::string folder_, phase_, archive_, prefer_;
  int percent_ = 0;
  CLI::Option* percent_option_ = nullptr;
  bool export_first_ = false;
  bool discard_ = false;
};

}  // namespace

std::unique_ptr<Command> make_migrate_yaml_command() {
  return std::make_unique<MigrateYamlCommand>();
}

}  // namespace mapctl::cli
