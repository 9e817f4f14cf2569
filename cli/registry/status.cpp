// SPDX-License-Identifier: Apache-2.0
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/base/text.hpp"
#include "core/registry/audit.hpp"
#include "core/registry/language_model.hpp"
#include "core/registry/registry.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace {

Json usage_json(registry::Registry& registry) {
  const registry::ModelUsage usage = registry::model_usage_since(registry, {});
  Json days = Json::array();
  for (const registry::ModelUsageDay& day : registry::model_usage(registry)) {
    days.push_back({{"day", day.day},
                    {"model", day.model},
                    {"requests", day.usage.requests},
                    {"failed", day.usage.failed},
                    {"prompt_tokens", day.usage.prompt_tokens},
                    {"answer_tokens", day.usage.answer_tokens},
                    {"cost", static_cast<double>(day.usage.cost) / 1e6},
                    {"refused", day.usage.refused}});
  }
  return {{"requests", usage.requests},
          {"failed", usage.failed},
          {"prompt_tokens", usage.prompt_tokens},
          {"answer_tokens", usage.answer_tokens},
          {"cost", static_cast<double>(usage.cost) / 1e6},
          {"refused", usage.refused},
          {"kept_answers", registry::kept_answers(registry)},
          {"days", std::move(days)}};
}

class StatusSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "status"; }
  std::string_view summary() const noexcept override {
    return "Size, schema version, counts by status and the state of the audit chain";
  }
  std::string_view example() const noexcept override { return "mapctl registry status\n"; }

  void declare(CLI::App&) override {}

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    const registry::RegistryStatus status = registry.status();
    const registry::AuditChain chain = registry::audit_chain(registry);
    Json by_status = Json::object();
    for (const registry::StatusCount& count : status.by_status) {
      by_status[std::string{to_string(count.status)}] = count.count;
    }
    const std::string path = context.settings().registry().shown;
    const Json document{{"schema", "mapctl.registry/1"},
                        {"registry", path},
                        {"tenant", context.tenant().text},
                        {"schema_version", status.schema_version},
                        {"size_bytes", status.size_bytes},
                        {"counts",
                         {{"connectors", status.connectors},
                          {"entities", status.entities},
                          {"snapshots", status.snapshots},
                          {"runs", status.runs},
                          {"mappings", status.mappings},
                          {"audit_rows", status.audit_rows}}},
                        {"by_status", by_status},
                        {"llm", usage_json(registry)},
                        {"audit_chain", to_json(chain)}};
    if (context.format() == Format::json) {
      context.out().document(document);
      return ExitCode::done;
    }
    if (context.format() == Format::jsonl) {
      context.out().json_line(document);
      return ExitCode::done;
    }
    TablePrinter table{{{"name", "Registry", false, false}, {"value", "Value", false, true}}};
    table.add(std::vector<std::string>{"registry", path});
    table.add(std::vector<std::string>{"tenant", context.tenant().text});
    table.add(std::vector<std::string>{"schema version", fmt::format("{}", status.schema_version)});
    table.add(
        std::vector<std::string>{"size", human_bytes(static_cast<double>(status.size_bytes))});
    for (const auto& [key, value] : document.at("counts").items()) {
      table.add(std::vector<std::string>{replace_all(key, "_", " "),
                                         with_thousands(value.get<long long>())});
    }
    for (const registry::StatusCount& count : status.by_status) {
      table.add(std::vector<std::string>{fmt::format("mappings {}", to_string(count.status)),
                                         with_thousands(count.count)});
    }
    if (const Json& usage = document.at("llm"); usage.at("requests") != 0) {
      table.add(std::vector<std::string>{"language model requests",
                                         with_thousands(usage.at("requests").get<long long>())});
      table.add(std::vector<std::string>{
          "language model tokens", with_thousands(usage.at("prompt_tokens").get<long long>() +
                                                  usage.at("answer_tokens").get<long long>())});
      table.add(std::vector<std::string>{"language model cost",
                                         fmt::format("{:.2f}", usage.at("cost").get<double>())});
    }
    table.add(std::vector<std::string>{"audit chain", std::string{to_string(chain.state)}});
    if (chain.position > 0) {
      table.add(std::vector<std::string>{
          "audit head", fmt::format("row {}, {}", with_thousands(chain.position), chain.head)});
    }
    table.add(std::vector<std::string>{"last verified", words_of(chain)});
    context.format() == Format::csv ? table.print_csv(context.out())
                                    : table.print_table(context.out(), context.stdout_terminal());
    return ExitCode::done;
  }

 private:
  static Json to_json(const registry::AuditChain& chain) {
    Json last;
    if (chain.last_verified) {
      last = Json{{"at", chain.last_verified->at},
                  {"by", chain.last_verified->by},
                  {"position", chain.last_verified->position},
                  {"findings", chain.last_verified->findings}};
    }
    return Json{{"state", to_string(chain.state)},
                {"position", chain.position},
                {"head", chain.head.empty() ? Json{} : Json(chain.head)},
                {"checkpoints", chain.checkpoints},
                {"last_verified", last}};
  }

  static std::string words_of(const registry::AuditChain& chain) {
    if (!chain.last_verified) {
      return "never";
    }
    const auto& last = *chain.last_verified;
    return fmt::format("{}{}, up to row {}{}", last.at, last.by.empty() ? "" : " by " + last.by,
                       with_thousands(last.position),
                       last.findings == 0 ? "" : fmt::format(", {} findings", last.findings));
  }
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_status() {
  return std::make_unique<StatusSubcommand>();
}

}  // namespace mapctl::cli
