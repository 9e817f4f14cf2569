// SPDX-License-Identifier: Apache-2.0
#include "cli/registry/parts.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/registry/transfer_files.hpp"
#include "cli/subcommand.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

class RestoreSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "restore"; }
  std::string_view summary() const noexcept override {
    return "Bring a backup back into a new or empty registry";
  }
  std::string_view example() const noexcept override {
    return "mapctl --registry sqlite:restored.db registry restore registry-backup.db\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("FILE", file_, "File of registry backup")->required();
  }

  ExitCode run(CommandContext& context) override {
    read_registry_file(context, file_, true);
    return ExitCode::done;
  }

 private:
  std::string file_;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_restore() {
  return std::make_unique<RestoreSubcommand>();
}

}  // namespace mapctl::cli
