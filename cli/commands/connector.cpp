// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/connector/subcommands.hpp"
#include "cli/subcommand.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace {

std::vector<std::unique_ptr<Subcommand>> connector_subcommands() {
  std::vector<std::unique_ptr<Subcommand>> list;
  list.push_back(make_connector_list());
  list.push_back(make_connector_new());
  list.push_back(make_connector_test());
  return list;
}

class ConnectorCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "connector"; }
  std::string_view summary() const noexcept override {
    return "Show, make and test connectors: the kinds of systems that mapctl reads";
  }
  std::string_view example() const noexcept override {
    return "# what each connector can do, and how well it is known to do it\n"
           "mapctl connector list\n"
           "mapctl connector list --why\n"
           "# the options that a profile may set\n"
           "mapctl connector list --options\n"
           "# a profile for a REST system from its OpenAPI description\n"
           "mapctl connector new crm --from-openapi openapi.json --set org=acme\n"
           "# does it connect, list, page, resume, refuse wrong credentials, keep the rate\n"
           "mapctl connector test crm\n";
  }

  void declare(CLI::App& app) override { subcommands_.declare(app); }
  ExitCode run(CommandContext& context) override { return subcommands_.run(context); }

 private:
  Subcommands subcommands_{connector_subcommands()};
};

}  // namespace

std::unique_ptr<Command> make_connector_command() {
  return std::make_unique<ConnectorCommand>();
}

}  // namespace mapctl::cli
