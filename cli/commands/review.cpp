// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/review/subcommands.hpp"
#include "cli/subcommand.hpp"

#include <memory>
#include <vector>

namespace mapctl::cli {
namespace {

std::vector<std::unique_ptr<Subcommand>> review_subcommands() {
  std::vector<std::unique_ptr<Subcommand>> list;
#define MAPCTL_ADD_SUBCOMMAND(name) list.push_back(make_review_##name());
  MAPCTL_FOR_EACH_REVIEW_SUBCOMMAND(MAPCTL_ADD_SUBCOMMAND)
#undef MAPCTL_ADD_SUBCOMMAND
  return list;
}

class ReviewCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "review"; }
  std::string_view summary() const noexcept override {
    return "Decide about proposed mappings, here or in a workbook that comes back";
  }
  std::string_view example() const noexcept override {
    return "mapctl review list --status proposed --min-confidence 0.9\n"
           "mapctl review approve --connector crm --min-confidence 0.95\n"
           "# what an edited workbook would change, then the change itself\n"
           "mapctl review import mappings.xlsx\n"
           "mapctl review import mappings.xlsx --apply\n"
           "# the same decisions with the keyboard\n"
           "mapctl review tui --connector crm\n"
           "mapctl review\n";
  }

  void declare(CLI::App& app) override { subcommands_.declare(app, "tui"); }
  ExitCode run(CommandContext& context) override { return subcommands_.run(context); }

 private:
  Subcommands subcommands_{review_subcommands()};
};

}  // namespace

std::unique_ptr<Command> make_review_command() {
  return std::make_unique<ReviewCommand>();
}

}  // namespace mapctl::cli
