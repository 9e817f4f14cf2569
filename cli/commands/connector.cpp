// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/wiring.hpp"

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
  Json json = {{"name", entry.info.name},
               {"kind", entry.info.kind},
               {"description", entry.info.description},
               {"availability", to_string(entry.availability)}};
  if (entry.availability == Wiring::Availability::left_out) {
    json["build_option"] = entry.build_option;
  }
  for (const CapabilityColumn& column : capability_columns) {
    json["capabilities"][column.name] = entry.info.capabilities.*column.member;
  }
  json["options"] = Json::array();
  for (const ports::OptionSpec& option : entry.info.options) {
    json["options"].push_back({{"name", option.name},
                               {"description", option.description},
                               {"required", option.required}});
  }
  return json;
}

class ConnectorCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "connector"; }
  std::string_view summary() const noexcept override {
    return "Show the kinds of systems that mapctl reads";
  }
  std::string_view example() const noexcept override {
    return "# what each connector can do\n"
           "mapctl connector list\n"
           "# the options that a profile may set\n"
           "mapctl connector list --options\n";
  }

  void declare(CLI::App& app) override {
    app.require_subcommand(1);
    CLI::App* list = app.add_subcommand("list", "Show every connector with its capabilities");
    list->add_flag("--options", options_, "Show the options of profiles instead");
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
    print(context, options_ ? option_table(entries) : capability_table(entries));
    return ExitCode::done;
  }

 private:
  static TablePrinter capability_table(const std::vector<Wiring::Entry>& entries) {
    std::vector<TableColumn> columns{{"name", "Connector"}, {"kind", "Kind"}};
    for (const CapabilityColumn& column : capability_columns) {
      columns.push_back({column.name, column.title});
    }
    columns.push_back({"availability", "In this build"});
    columns.push_back({"description", "Description", false, true});
    TablePrinter table{std::move(columns)};
    for (const Wiring::Entry& entry : entries) {
      std::vector<std::string> row{entry.info.name, entry.info.kind};
      for (const CapabilityColumn& column : capability_columns) {
        row.emplace_back(entry.info.capabilities.*column.member ? "yes" : "no");
      }
      row.emplace_back(to_string(entry.availability));
      row.push_back(entry.info.description);
      table.add(std::move(row));
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
};

}  // namespace

std::unique_ptr<Command> make_connector_command() {
  return std::make_unique<ConnectorCommand>();
}

}  // namespace mapctl::cli
