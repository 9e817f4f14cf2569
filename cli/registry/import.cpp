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

class ImportSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "import"; }
  std::string_view summary() const noexcept override {
    return "Read what registry export wrote, also from another kind of database";
  }
  std::string_view example() const noexcept override {
    return "mapctl registry import rows.jsonl\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("FILE", file_, "File of registry export ('-': standard input)")->required();
  }

  ExitCode run(CommandContext& context) override {
    read_registry_file(context, file_, false);
    return ExitCode::done;
  }

 private:
  std::string file_;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_import() {
  return std::make_unique<ImportSubcommand>();
}

}  // namespace mapctl::cli
