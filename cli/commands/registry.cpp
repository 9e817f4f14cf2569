// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"

#include <memory>
#include <vector>

namespace mapctl::cli {
namespace {

std::vector<std::unique_ptr<Subcommand>> registry_subcommands() {
  std::vector<std::unique_ptr<Subcommand>> list;
#define MAPCTL_ADD_SUBCOMMAND(name) list.push_back(make_registry_##name());
  MAPCTL_FOR_EACH_REGISTRY_SUBCOMMAND(MAPCTL_ADD_SUBCOMMAND)
#undef MAPCTL_ADD_SUBCOMMAND
  return list;
}

class RegistryCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "registry"; }
  std::string_view summary() const noexcept override {
    return "The registry: look-up, history and roll-back, audit trail, flags";
  }
  std::string_view example() const noexcept override {
    return "mapctl registry status\n"
           "mapctl registry runs --format json\n"
           "# which canonical field an approved mapping feeds\n"
           "mapctl registry lookup --connector hubspot --table contacts --field jobtitle\n";
  }

  void declare(CLI::App& app) override { subcommands_.declare(app); }
  ExitCode run(CommandContext& context) override { return subcommands_.run(context); }

 private:
  Subcommands subcommands_{registry_subcommands()};
};

}  // namespace

std::unique_ptr<Command> make_registry_command() {
  return std::make_unique<RegistryCommand>();
}

}  // namespace mapctl::cli
