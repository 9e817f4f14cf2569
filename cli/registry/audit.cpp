// SPDX-License-Identifier: Apache-2.0
#include "core/registry/audit.hpp"

#include "cli/options/choice.hpp"
#include "cli/registry/parts.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

Json to_json(const registry::AuditRow& row) {
  const auto text = [](const std::string& value) { return value.empty() ? Json{} : Json(value); };
  return Json{{"position", row.position},
              {"id", row.id},
              {"created_at", row.created_at},
              {"user", text(row.changed_by)},
              {"action", row.action},
              {"mapping", text(row.mapping)},
              {"field", text(row.field_changed)},
              {"old_value", text(row.old_value)},
              {"new_value", text(row.new_value)},
              {"reason", text(row.reason)},
              {"confidence_delta", row.confidence_delta ? Json(*row.confidence_delta) : Json{}},
              {"trace_id", text(row.trace_id)},
              {"erased", row.erased}};
}

class AuditSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "audit"; }
  std::string_view summary() const noexcept override {
    return "Who changed what and when, newest first";
  }
  std::string_view example() const noexcept override {
    return "# what a person did in the last month\n"
           "mapctl registry audit --user ada@example.com --since 30d\n"
           "mapctl registry audit --report\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("--mapping", mapping_, "Rows about one mapping")->type_name("ID");
    app.add_option("--action", action_, "created, updated, approved, rejected, rolled_back ...")
        ->type_name("ACTION");
    app.add_option("--user", user_, "Rows of one user")->type_name("NAME");
    app.add_option("--trace", trace_, "Rows of one run of the program")->type_name("ID");
    app.add_option("--since", since_, "From this moment on: 2026-01-31, 30d, 12h")
        ->type_name("TIME");
    app.add_option("--until", until_, "Before this moment")->type_name("TIME");
    between(app.add_option("--limit", limit_, "How many (default 1000; 0: all)"), 0, 1'000'000'000)
        ->type_name("N");
    app.add_flag("--report", report_, "Counts by action and user instead of rows");
  }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    registry::AuditFilter filter;
    if (!mapping_.empty()) {
      filter.mapping = registry::mapping_named(registry, mapping_);
    }
    filter.action = action_;
    filter.user = user_;
    filter.trace = trace_;
    filter.since = since_.empty() ? "" : moment_of(since_, context.clock(), "--since");
    filter.until = until_.empty() ? "" : moment_of(until_, context.clock(), "--until");
    if (report_) {
      report(context, registry, filter);
      return ExitCode::done;
    }
    filter.limit = limit_;
    TablePrinter table{{{"position", "Row", true, false},
                        {"created_at", "When", false, false},
                        {"user", "User", false, true},
                        {"action", "Action", false, false},
                        {"mapping", "Mapping", false, true},
                        {"field", "Field", false, true},
                        {"old_value", "Before", false, true},
                        {"new_value", "After", false, true},
                        {"reason", "Reason", false, true},
                        {"trace_id", "Trace", false, true}}};
    const bool lines = context.format() == Format::jsonl;
    registry::for_each_audit_row(registry, filter, [&](const registry::AuditRow& row) {
      if (lines) {
        context.out().json_line(to_json(row));
        return;
      }
      table.add(std::vector<std::string>{fmt::format("{}", row.position), row.created_at,
                                         row.changed_by, row.action, row.mapping, row.field_changed,
                                         row.old_value, row.new_value, row.reason, row.trace_id});
    });
    if (!lines) {
      print_rows(context, table,
                 Json{{"schema", "mapctl.audit/1"}, {"tenant", context.tenant().text}}, "rows");
    }
    return ExitCode::done;
  }

 private:
  void report(CommandContext& context, registry::Registry& registry,
              const registry::AuditFilter& filter) const {
    TablePrinter table{{{"action", "Action", false, false},
                        {"user", "User", false, true},
                        {"count", "Changes", true, false},
                        {"first", "First", false, false},
                        {"last", "Last", false, false}}};
    for (const registry::AuditCount& count : registry::audit_report(registry, filter)) {
      table.add(std::vector<std::string>{count.action, count.user, fmt::format("{}", count.count),
                                         count.first, count.last});
    }
    print_rows(context, table,
               Json{{"schema", "mapctl.audit-report/1"},
                    {"tenant", context.tenant().text},
                    {"since", filter.since},
                    {"until", filter.until}},
               "counts");
  }

  std::string mapping_, action_, user_, since_, until_, trace_;
  std::size_t limit_ = 1000;
  bool report_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_audit() {
  return std::make_unique<AuditSubcommand>();
}

}  // namespace mapctl::cli
