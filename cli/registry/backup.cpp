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

class BackupSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "backup"; }
  std::string_view summary() const noexcept override {
    return "Write the whole registry to a file";
  }
  std::string_view example() const noexcept override {
    return "mapctl registry backup registry-backup.db\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("FILE", file_, "Where to write")->required();
    app.add_flag("--force", force_, "Overwrite the file");
  }

  ExitCode run(CommandContext& context) override {
    write_registry_file(context, file_, true, force_);
    return ExitCode::done;
  }

 private:
  std::string file_;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_backup() {
  return std::make_unique<BackupSubcommand>();
}

}  // namespace mapctl::cli
