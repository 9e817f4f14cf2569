// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/connector/subcommands.hpp"
#include "cli/connector_facts.hpp"
#include "cli/subcommand.hpp"
#include "cli/wiring.hpp"
#include "core/base/text.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace {

using ports::Capabilities;

struct CapabilityColumn {
  const char* name;
  const char* title;
  bool Capabilities::*member;
};

constexpr std::array capability_columns{
    CapabilityColumn{"discovers_keys", "Keys", &Capabilities::discovers_keys},
    CapabilityColumn{"discovers_statistics", "Statistics", &Capabilities::discovers_statistics},
    CapabilityColumn{"counts_rows", "Row counts", &Capabilities::counts_rows},
    CapabilityColumn{"reads_rows", "Reads", &Capabilities::reads_rows},
    CapabilityColumn{"writes_rows", "Writes", &Capabilities::writes_rows},
    CapabilityColumn{"has_schemas", "Schemas", &Capabilities::has_schemas},
};

std::string_view to_string(Wiring::Availability availability) {
  switch (availability) {
    case Wiring::Availability::linked: return "linked";
    case Wiring::Availability::module: return "module";
    case Wiring::Availability::left_out: return "not in this build";
  }
  return "";
}

Json to_json(const Wiring::Entry& entry) {
  const ports::ConnectorFacts facts = connector_facts(entry.info.name);
  Json json = {{"name", entry.info.name},
               {"kind", entry.info.kind},
               {"description", entry.info.description},
               {"approach", facts.approach},
               {"reason", facts.reason},
               {"authentication", facts.authentication},
               {"tested", facts.tested},
               {"availability", to_string(entry.availability)}};
  if (entry.availability == Wiring::Availability::left_out) {
    json["build_option"] = entry.build_option;
  }
  for (const CapabilityColumn& column : capability_columns) {
    json["capabilities"][column.name] = entry.info.capabilities.*column.member;
  }
  json["capabilities"]["reads_changes"] = facts.reads_changes;
  json["options"] = Json::array();
  for (const ports::OptionSpec& option : entry.info.options) {
    json["options"].push_back({{"name", option.name},
                               {"description", option.description},
                               {"required", option.required}});
  }
  return json;
}

class ConnectorListSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "list"; }
  std::string_view summary() const noexcept override {
    return "Show every connector with its capabilities";
  }
  std::string_view example() const noexcept override {
    return "mapctl connector list --why\n"
           "# the options that a profile may set\n"
           "mapctl connector list --options\n";
  }
  void declare(CLI::App& app) override {
    CLI::Option* options =
        app.add_flag("--options", options_, "Show the options of profiles instead");
    app.add_flag("--why", why_,
                 "Show instead how each knows its systems, how it signs in, and its tests")
        ->excludes(options);
  }

  ExitCode run(CommandContext& context) override {
    const std::vector<Wiring::Entry>& entries = context.wiring().connectors();
    if (context.format() == Format::json) {
      Json document = {{"schema", "mapctl.connectors/1"}, {"connectors", Json::array()}};
      for (const Wiring::Entry& entry : entries) {
        document["connectors"].push_back(to_json(entry));
      }
      context.out().document(document);
      return ExitCode::done;
    }
    print(context, options_ ? option_table(entries)
                   : why_   ? reason_table(entries)
                            : capability_table(entries));
    return ExitCode::done;
  }

 private:
  static TablePrinter capability_table(const std::vector<Wiring::Entry>& entries) {
    std::vector<TableColumn> columns{
        {"name", "Connector"}, {"kind", "Kind"}, {"approach", "Approach"}};
    for (const CapabilityColumn& column : capability_columns) {
      columns.push_back({column.name, column.title});
    }
    columns.push_back({"reads_changes", "Incremental"});
    columns.push_back({"availability", "In this build"});
    columns.push_back({"description", "Description", false, true});
    TablePrinter table{std::move(columns)};
    for (const Wiring::Entry& entry : entries) {
      const ports::ConnectorFacts facts = connector_facts(entry.info.name);
      std::vector<std::string> row{entry.info.name, entry.info.kind, facts.approach};
      for (const CapabilityColumn& column : capability_columns) {
        row.emplace_back(entry.info.capabilities.*column.member ? "yes" : "no");
      }
      row.emplace_back(facts.reads_changes ? "yes" : "no");
      row.emplace_back(to_string(entry.availability));
      row.push_back(entry.info.description);
      table.add(std::move(row));
    }
    return table;
  }

  static TablePrinter reason_table(const std::vector<Wiring::Entry>& entries) {
    TablePrinter table{{{"name", "Connector"},
                        {"approach", "Approach"},
                        {"reason", "Why", false, true},
                        {"authentication", "Authentication", false, true},
                        {"tested", "Tested with", false, true}}};
    for (const Wiring::Entry& entry : entries) {
      const ports::ConnectorFacts facts = connector_facts(entry.info.name);
      table.add(std::vector<std::string>{
          entry.info.name, facts.approach, facts.reason,
          facts.authentication.empty() ? "none" : join(facts.authentication, ", "), facts.tested});
    }
    return table;
  }

  static TablePrinter option_table(const std::vector<Wiring::Entry>& entries) {
    TablePrinter table{{{"connector", "Connector"},
                        {"option", "Option"},
                        {"required", "Required"},
                        {"description", "Description", false, true}}};
    for (const Wiring::Entry& entry : entries) {
      for (const ports::OptionSpec& option : entry.info.options) {
        table.add(std::vector<std::string>{entry.info.name, option.name,
                                           option.required ? "yes" : "no", option.description});
      }
    }
    return table;
  }

  bool options_ = false;
  bool why_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_connector_list() {
  return std::make_unique<ConnectorListSubcommand>();
}

}  // namespace mapctl::cli
