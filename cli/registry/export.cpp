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

class ExportSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "export"; }
  std::string_view summary() const noexcept override {
    return "Write all rows of the tenant as lines of JSON";
  }
  std::string_view example() const noexcept override {
    return "mapctl registry export rows.jsonl\n"
           "# into another registry\n"
           "mapctl registry export | mapctl --registry postgresql://db.example.com/maps registry "
           "import -\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("FILE", file_, "Where to write (default: standard output)");
    app.add_flag("--all-tenants", all_, "All tenants of the registry");
    app.add_flag("--force", force_, "Overwrite the file");
  }

  ExitCode run(CommandContext& context) override {
    write_registry_file(context, file_, all_, force_);
    return ExitCode::done;
  }

 private:
  std::string file_ = "-";
  bool all_ = false;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_export() {
  return std::make_unique<ExportSubcommand>();
}

}  // namespace mapctl::cli
