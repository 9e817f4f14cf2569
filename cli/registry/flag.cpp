// SPDX-License-Identifier: Apache-2.0
#include "cli/registry/parts.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/registry/tenants.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

class FlagSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "flag"; }
  std::string_view summary() const noexcept override {
    return "Switches of the tenant: list, set, unset";
  }
  std::string_view example() const noexcept override {
    return "mapctl registry flag list\n"
           "mapctl registry flag set auto_approve 0.85\n";
  }

  void declare(CLI::App& app) override {
    app.require_subcommand(1);
    app.add_subcommand("list", "Show the flags that are set")
        ->footer("mapctl registry flag list\n");
    set_ = app.add_subcommand("set", "Set a flag: auto_approve, use_llm, canary_percent ...");
    set_->footer("mapctl registry flag set auto_approve 0.85\n");
    set_->add_option("NAME", name_, "Name of the flag")->required();
    set_->add_option("VALUE", value_, "Its value")->required();
    unset_ = app.add_subcommand("unset", "Take a flag away");
    unset_->footer("mapctl registry flag unset auto_approve\n");
    unset_->add_option("NAME", name_, "Name of the flag")->required();
  }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    if (set_->parsed()) {
      registry::set_flag(registry, name_, value_);
      if (const auto meant = registry::flag_meant_by(name_)) {
        context.reporter().warning(fmt::format("no command reads the flag '{}'", name_),
                                   fmt::format("did you mean '{}'?", *meant));
      }
    } else if (unset_->parsed()) {
      registry::unset_flag(registry, name_);
    }
    TablePrinter table{{{"name", "Flag", false, false},
                        {"value", "Value", false, true},
                        {"updated_at", "Since", false, false},
                        {"updated_by", "By", false, true}}};
    for (const registry::Flag& flag : registry::flags(registry)) {
      table.add(std::vector<std::string>{flag.name, flag.value, flag.updated_at, flag.updated_by});
    }
    print_rows(context, table,
               Json{{"schema", "mapctl.flags/1"}, {"tenant", context.tenant().text}}, "flags");
    return ExitCode::done;
  }

 private:
  CLI::App* set_ = nullptr;
  CLI::App* unset_ = nullptr;
  std::string name_, value_;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_flag() {
  return std::make_unique<FlagSubcommand>();
}

}  // namespace mapctl::cli
