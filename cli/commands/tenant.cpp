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

std::string limit_text(const std::optional<std::int64_t>& limit) {
  return limit ? fmt::format("{}", *limit) : "";
}

class TenantCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "tenant"; }
  std::string_view summary() const noexcept override {
    return "Tenants of the registry, their policy and quotas";
  }
  std::string_view example() const noexcept override {
    return "mapctl tenant add acme\n"
           "# who proposed a mapping cannot approve it\n"
           "mapctl tenant policy --second-person on\n"
           "mapctl tenant quota --mappings 50000 --runs-a-day 100\n"
           "mapctl tenant quota --llm-tokens-a-day 200000 --llm-cost-a-month 20\n";
  }

  void declare(CLI::App& app) override {
    app.require_subcommand(1);
    add_ = app.add_subcommand("add", "Make a tenant");
    add_->footer("mapctl tenant add acme\n");
    add_->add_option("NAME", name_, "Name of the new tenant")->required();
    app.add_subcommand("list", "Show the tenants")->footer("mapctl tenant list\n");
    policy_ = app.add_subcommand("policy", "Show or change what the tenant asks of approvals");
    policy_->footer(
        "# who proposed a mapping cannot approve it\n"
        "mapctl tenant policy --second-person on\n");
    choices(policy_->add_option("--second-person", second_person_, "Who proposed cannot approve"),
            {"on", "off"});
    quota_ = app.add_subcommand("quota", "Show or change the tenant's limits");
    quota_->footer("mapctl tenant quota --mappings 50000 --runs-a-day 100\n");
    quota_->add_option("--mappings", mappings_, "Most mappings kept ('none': no limit)")
        ->type_name("N");
    quota_->add_option("--runs-a-day", runs_, "Most runs in 24 hours ('none': no limit)")
        ->type_name("N");
    quota_
        ->add_option("--llm-tokens-a-day", llm_tokens_,
                     "Most tokens of language models in a day ('none': no limit)")
        ->type_name("N");
    quota_
        ->add_option("--llm-cost-a-month", llm_cost_,
                     "Most that language models may cost in a month ('none': no limit)")
        ->type_name("N");
  }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    if (policy_->parsed()) {
      print_policy(context, registry);
    } else if (quota_->parsed()) {
      print_quota(context, registry);
    } else {
      if (add_->parsed()) {
        registry::add_tenant(registry, TenantName{name_});
      }
      print_tenants(context, registry);
    }
    return ExitCode::done;
  }

 private:
  static void print_tenants(CommandContext& context, registry::Registry& registry) {
    TablePrinter table{{{"name", "Tenant", false, true},
                        {"status", "Status", false, false},
                        {"created_at", "Made", false, false}}};
    for (const registry::TenantRecord& tenant : registry::visible_tenants(registry)) {
      table.add(std::vector<std::string>{tenant.name.text, tenant.status, tenant.created_at});
    }
    print_rows(context, table, Json{{"schema", "mapctl.tenants/1"}}, "tenants");
  }

  void print_policy(CommandContext& context, registry::Registry& registry) const {
    if (!second_person_.empty()) {
      registry::set_policy(registry, {second_person_ == "on"});
    }
    TablePrinter table{{{"name", "Policy", false, false}, {"value", "Value", false, false}}};
    table.add(std::vector<std::string>{"second_person",
                                       registry::policy(registry).second_person ? "on" : "off"});
    print_rows(context, table,
               Json{{"schema", "mapctl.policy/1"}, {"tenant", context.tenant().text}}, "policy");
  }

  void print_quota(CommandContext& context, registry::Registry& registry) const {
    registry::Quotas quotas = registry::quotas(registry);
    if (!(mappings_ + runs_ + llm_tokens_ + llm_cost_).empty()) {
      read_limit(mappings_, quotas.mappings, "--mappings");
      read_limit(runs_, quotas.runs_a_day, "--runs-a-day");
      read_limit(llm_tokens_, quotas.llm_tokens_a_day, "--llm-tokens-a-day");
      read_limit(llm_cost_, quotas.llm_cost_a_month, "--llm-cost-a-month");
      registry::set_quotas(registry, quotas);
    }
    TablePrinter table{{{"name", "Quota", false, false}, {"limit", "Limit", true, false}}};
    table.add(std::vector<std::string>{"mappings", limit_text(quotas.mappings)});
    table.add(std::vector<std::string>{"runs_a_day", limit_text(quotas.runs_a_day)});
    table.add(std::vector<std::string>{"llm_tokens_a_day", limit_text(quotas.llm_tokens_a_day)});
    table.add(std::vector<std::string>{"llm_cost_a_month", limit_text(quotas.llm_cost_a_month)});
    print_rows(context, table,
               Json{{"schema", "mapctl.quotas/1"}, {"tenant", context.tenant().text}}, "quotas");
  }

  static void read_limit(const std::string& text, std::optional<std::int64_t>& limit,
                         std::string_view option) {
    if (text.empty()) {
      return;
    }
    if (text == "none") {
      limit.reset();
      return;
    }
    std::int64_t value = 0;
    if (!CLI::detail::lexical_cast(text, value)) {
      throw Error{ErrorCode::usage, fmt::format("{} '{}' is no whole number", option, text),
                  "give a number, or 'none' for no limit"};
    }
    limit = value;
  }

  CLI::App* add_ = nullptr;
  CLI::App* policy_ = nullptr;
  CLI::App* quota_ = nullptr;
  std::string name_, second_person_, mappings_, runs_, llm_tokens_, llm_cost_;
};

}  // namespace

std::unique_ptr<Command> make_tenant_command() {
  return std::make_unique<TenantCommand>();
}

}  // namespace mapctl::cli
