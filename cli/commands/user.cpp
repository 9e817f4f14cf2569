// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/options/choice.hpp"
#include "cli/registry/parts.hpp"
#include "core/base/error.hpp"
#include "core/registry/tenants.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

class UserCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "user"; }
  std::string_view summary() const noexcept override {
    return "Users of a tenant and what they may do";
  }
  std::string_view example() const noexcept override {
    return "mapctl user add ada@example.com --role approver --full-name 'Ada Example'\n"
           "mapctl user list\n"
           "# take a person's data out; the audit trail stays provable\n"
           "mapctl user erase ada@example.com --yes\n";
  }

  void declare(CLI::App& app) override {
    app.require_subcommand(1);
    add_ = app.add_subcommand("add", "Add a user, or give one another role");
    add_->footer("mapctl user add ada@example.com --role approver --full-name 'Ada Example'\n");
    add_->add_option("NAME", name_, "E-mail address or login, as --user gives it")->required();
    choices(add_->add_option("--role", role_, "What the user may do"),
            {"viewer", "analyst", "approver", "admin"})
        ->required();
    add_->add_option("--full-name", full_name_, "Name of the person")->type_name("TEXT");
    app.add_subcommand("list", "Show the users and their roles")->footer("mapctl user list\n");
    erase_ = app.add_subcommand("erase", "Take a person's data out of the tenant");
    erase_->footer("mapctl user erase ada@example.com --yes\n");
    erase_->add_option("NAME", name_, "E-mail address or login")->required();
    erase_->add_flag("--yes", yes_, "Do it: there is no way back");
  }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    if (erase_->parsed()) {
      erase(context, registry);
      return ExitCode::done;
    }
    if (add_->parsed()) {
      const bool was_open = registry::users(registry).empty();
      registry::add_user(registry, UserName{name_}, *registry::role_from(role_), full_name_);
      if (was_open && name_ != context.user().text) {
        context.reporter().info(
            fmt::format("the tenant has roles from now on, and '{}' is its admin",
                        context.user().text),
            "others need a role: mapctl user add NAME --role ROLE");
      }
    }
    TablePrinter table{{{"name", "User", false, true},
                        {"full_name", "Name", false, true},
                        {"role", "Role", false, false},
                        {"status", "Status", false, false},
                        {"created_at", "Since", false, false}}};
    for (const registry::UserRecord& user : registry::users(registry)) {
      table.add(std::vector<std::string>{user.name.text, user.display_name,
                                         std::string{to_string(user.role)}, user.status,
                                         user.created_at});
    }
    print_rows(context, table,
               Json{{"schema", "mapctl.users/1"}, {"tenant", context.tenant().text}}, "users");
    return ExitCode::done;
  }

 private:
  void erase(CommandContext& context, registry::Registry& registry) const {
    if (!yes_) {
      throw Error{ErrorCode::usage, fmt::format("the data of '{}' would be gone for good", name_),
                  "say that you mean it with --yes"};
    }
    const registry::Erasure erasure = registry::erase_user(registry, UserName{name_});
    TablePrinter table{{{"alias", "Known as", false, false},
                        {"audit_rows", "Audit rows blanked", true, false},
                        {"other_texts", "Other texts", true, false}}};
    table.add(std::vector<std::string>{erasure.alias, fmt::format("{}", erasure.audit_rows),
                                       fmt::format("{}", erasure.other_texts)});
    print_rows(context, table,
               Json{{"schema", "mapctl.erasure/1"}, {"tenant", context.tenant().text}}, "erased");
  }

  CLI::App* add_ = nullptr;
  CLI::App* erase_ = nullptr;
  std::string name_, role_, full_name_;
  bool yes_ = false;
};

}  // namespace

std::unique_ptr<Command> make_user_command() {
  return std::make_unique<UserCommand>();
}

}  // namespace mapctl::cli
