// SPDX-License-Identifier: Apache-2.0
#include "cli/registry/parts.hpp"
#include "cli/registry/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/mapping/transform_text.hpp"
#include "core/registry/shares.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace mapctl::cli {
namespace {

class ShareSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "share"; }
  std::string_view summary() const noexcept override {
    return "Another version of a mapping for a share of look-ups: list, set, stop";
  }
  std::string_view example() const noexcept override { return "mapctl registry share list\n"; }

  void declare(CLI::App& app) override {
    app.require_subcommand(1);
    app.add_subcommand("list", "Show the shares that are served")
        ->footer("mapctl registry share list\n");
    set_ = app.add_subcommand("set", "Serve another version to a share of who looks up");
    set_->footer(
        "# one in ten look-ups sees the field trimmed\n"
        "mapctl registry share set 6f1c0a52-9d3e-5b8a-8f27-1c4e5d6a7b80 --percent 10 "
        "--rule trim\n");
    set_->add_option("MAPPING", id_, "Active mapping, by id or its first six characters")
        ->required();
    set_->add_option("--percent", percent_, "How many of a hundred see it")->type_name("N");
    has_rule_ = set_->add_option("--rule", rule_,
                                 "The other rule, as mapping files write it; '' for a copy")
                    ->type_name("TEXT");
    has_type_ =
        set_->add_option("--type", type_, "The other data type of the target")->type_name("TYPE");
    has_note_ = set_->add_option("--note", note_, "The other note")->type_name("TEXT");
    stop_ = app.add_subcommand("stop", "Serve the version in force to all again");
    stop_->footer("mapctl registry share stop 6f1c0a52-9d3e-5b8a-8f27-1c4e5d6a7b80\n");
    stop_->add_option("MAPPING", id_, "Mapping, by id or its first six characters")->required();
    for (CLI::App* const change : {set_, stop_}) {
      change->add_option("--reason", reason_, "Why; kept in the audit trail")->type_name("TEXT");
    }
  }

  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    if (set_->parsed()) {
      registry::MappingEdit edit;
      if (has_rule_->count() > 0) {
        edit.transformation =
            rule_.empty() ? mapping::Transformation{} : mapping::transformation_from_text(rule_);
      }
      if (has_type_->count() > 0) {
        edit.canonical_data_type = type_;
      }
      if (has_note_->count() > 0) {
        edit.notes = note_;
      }
      registry::set_share(registry, {registry::mapping_named(registry, id_), 0}, edit, percent_,
                          reason_);
    } else if (stop_->parsed()) {
      if (!registry::stop_share(registry, registry::mapping_named(registry, id_), reason_)) {
        context.reporter().info(fmt::format("mapping '{}' has no share", id_));
      }
    }
    TablePrinter table{{{"mapping", "Mapping", false, true},
                        {"connector", "Connector", false, true},
                        {"source_table", "Source table", false, true},
                        {"source_field", "Source field", false, true},
                        {"entity", "Entity", false, true},
                        {"field", "Field", false, true},
                        {"percent", "Percent", true, false},
                        {"rule", "Rule", false, true},
                        {"since", "Since", false, false},
                        {"by", "By", false, true},
                        {"reason", "Reason", false, true}}};
    for (const registry::MappingShare& share : registry::shares(registry)) {
      const mapping::MappingKey& key = share.mapping.key;
      table.add(std::vector<std::string>{
          share.mapping.id.text, key.connector.text, key.source_table.text, key.source_field.text,
          key.entity.text, key.field.text, fmt::format("{}", share.percent),
          mapping::to_text(share.mapping.transformation), share.created_at, share.created_by,
          share.reason});
    }
    print_rows(context, table,
               Json{{"schema", "mapctl.shares/1"}, {"tenant", context.tenant().text}}, "shares");
    return ExitCode::done;
  }

 private:
  CLI::App* set_ = nullptr;
  CLI::App* stop_ = nullptr;
  CLI::Option* has_rule_ = nullptr;
  CLI::Option* has_type_ = nullptr;
  CLI::Option* has_note_ = nullptr;
  std::string id_, rule_, type_, note_, reason_;
  int percent_ = 0;
};

}  // namespace

std::unique_ptr<Subcommand> make_registry_share() {
  return std::make_unique<ShareSubcommand>();
}

}  // namespace mapctl::cli
