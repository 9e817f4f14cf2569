// SPDX-License-Identifier: Apache-2.0
#include "cli/registry/parts.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/base/error.hpp"
#include "core/registry/history.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

class DiffSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "diff"; }
  std::string_view summary() const noexcept override {
    return "What differs between two versions of a mapping";
  }
  std::string_view example() const noexcept override {
    return "# the version in force and the one before\n"
           "mapctl registry diff --connector hubspot --table contacts --field jobtitle\n";
  }

  void declare(CLI::App& app) override {
    choice_.declare(app);
    app.add_option("--from", from_, "Version (default: the one before)")->type_name("N");
    app.add_option("--to", to_, "Version (default: the one in force)")->type_name("N");
  }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    const mapping::MappingId id = choice_.find(registry);
    const int newest = registry::history(registry, id).back().mapping.version;
    const int to = to_ != 0 ? to_ : newest;
    const int from = from_ != 0 ? from_ : to - 1;
    if (from < 1) {
      throw Error{ErrorCode::usage, fmt::format("mapping '{}' has one version", id.text),
                  "there is nothing to compare yet"};
    }
    TablePrinter table{{{"field", "Field", false, false},
                        {"before", "Before", false, true},
                        {"after", "After", false, true}}};
    for (const registry::Difference& difference :
         registry::differences(registry::version_of(registry, id, from).mapping,
                               registry::version_of(registry, id, to).mapping)) {
      table.add(std::vector<std::string>{std::string{difference.field}, difference.before,
                                         difference.after});
    }
    print_rows(context, table,
               Json{{"schema", "mapctl.diff/1"}, {"mapping", id.text}, {"from", from}, {"to", to}},
               "differences");
    return ExitCode::done;
  }

 private:
  MappingChoice choice_;
  int from_ = 0;
  int to_ = 0;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_diff() {
  return std::make_unique<DiffSubcommand>();
}

}  // namespace mapctl::cli
