// SPDX-License-Identifier: Apache-2.0
#include "cli/registry/parts.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/base/error.hpp"
#include "core/registry/audit.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

class VerifySubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "verify"; }
  std::string_view summary() const noexcept override {
    return "Prove that nothing was changed in or removed from the audit trail";
  }
  std::string_view example() const noexcept override { return "mapctl registry verify\n"; }

  void declare(CLI::App& app) override { static_cast<void>(app); }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    const registry::AuditVerification verified =
        registry::verify_audit(registry, context.signing_key(), context.stop());
    try {
      registry::remember_verification(registry, verified);
    } catch (const Error& problem) {
      if (problem.code() == ErrorCode::cancelled) {
        throw;
      }
      // What was found holds all the same: a registry may be held by others, or be read only.
      context.reporter().warning(
          fmt::format("this verification is not kept for 'registry status': {}", problem.what()));
    }
    TablePrinter table{{{"kind", "What", false, false},
                        {"position", "Row", true, false},
                        {"last_position", "To row", true, false},
                        {"id", "Id", false, true},
                        {"detail", "Why", false, true}}};
    for (const registry::AuditFinding& finding : verified.findings) {
      table.add(std::vector<std::string>{
          std::string{to_string(finding.kind)}, fmt::format("{}", finding.position),
          fmt::format("{}", finding.last_position), finding.id, finding.detail});
    }
    if (context.format() != Format::table || !verified.intact()) {
      print_rows(context, table,
                 Json{{"schema", "mapctl.verification/1"},
                      {"tenant", context.tenant().text},
                      {"intact", verified.intact()},
                      {"rows", verified.rows},
                      {"first_position", verified.first_position},
                      {"last_position", verified.last_position},
                      {"erased_rows", verified.erased_rows},
                      {"checkpoints", verified.checkpoints},
                      {"head", verified.head}},
                 "findings");
    } else {
      context.out().line(fmt::format("{} rows of tenant '{}' are intact, head {}", verified.rows,
                                     context.tenant().text,
                                     verified.head.empty() ? "none yet" : verified.head));
    }
    return verified.intact() ? ExitCode::done : ExitCode::gate_missed;
  }
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_verify() {
  return std::make_unique<VerifySubcommand>();
}

}  // namespace mapctl::cli
