// SPDX-License-Identifier: Apache-2.0
#include "cli/catalog_cache.hpp"
#include "cli/catalog_printer.hpp"
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/endpoint_control.hpp"
#include "cli/endpoint_names.hpp"
#include "cli/kept_catalog.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/catalog/diff.hpp"
#include "core/catalog/profiler.hpp"
#include "core/registry/registry.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace {

using catalog::Catalog;
using catalog::NamePattern;

// Names and comments are compared without case and accents.
bool contains_folded(std::string_view text, const std::string& wanted) {
  return fold(text).find(wanted) != std::string::npos;
}

// Keeps the tables whose name or comment has the text, and of the others the columns that have it.
void keep_matches(Catalog& catalog, std::string_view text) {
  const std::string wanted = fold(text);
  for (catalog::Schema& schema : catalog.schemas) {
    std::erase_if(schema.tables, [&](catalog::Table& table) {
      if (contains_folded(table.name.text, wanted) || contains_folded(table.comment, wanted)) {
        return false;
      }
      std::erase_if(table.columns, [&](const catalog::Column& column) {
        return !contains_folded(column.name.text, wanted) &&
               !contains_folded(column.comment, wanted);
      });
      return table.columns.empty();
    });
  }
  std::erase_if(catalog.schemas,
                [](const catalog::Schema& schema) { return schema.tables.empty(); });
}

void detect_personal(Catalog& catalog) {
  for (catalog::Schema& schema : catalog.schemas) {
    for (catalog::Table& table : schema.tables) {
      for (catalog::Column& column : table.columns) {
        if (!column.personal) {
          column.personal = catalog::detect_personal_data(column, table.name);
        }
      }
    }
  }
}

class DiscoverCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "discover"; }
  std::string_view summary() const noexcept override {
    return "Read the tables, columns, keys and statistics of a system";
  }
  std::string_view example() const noexcept override {
    return "# tables and columns of a folder of CSV files, with statistics\n"
           "mapctl discover file:exports --stats\n"
           "# where does anything about invoices stand\n"
           "mapctl discover crm --search invoice\n"
           "# what has changed since the last look, for a script\n"
           "mapctl discover crm --diff --format json\n";
  }

  void declare(CLI::App& app) override {
    app.add_option("endpoint", endpoint_, "Profile, location or 'canonical'")
        ->required()
        ->type_name("EP");
    app.add_option("--schema", schema_, "Only schemas that match")->type_name("GLOB");
    app.add_option("--table", table_, "Only tables that match, by name or schema.name")
        ->type_name("GLOB");
    app.add_option("--search", search_, "Only what has this text in its name or comment")
        ->type_name("TEXT");
    app.add_flag("--stats", stats_, "Read rows too: nulls, distinct values, ranges, patterns");
    CLI::Option* pii = app.add_flag("--pii", pii_, "List the columns that look personal, and why");
    CLI::Option* diff = app.add_flag("--diff", diff_, "Show what changed since the last snapshot");
    diff->excludes(pii);
    app.add_flag("--allow-stale", allow_stale_,
                 "Show the last snapshot, with its age, when the system does not answer")
        ->excludes(diff);
    app.add_flag("--refresh", refresh_,
                 "Read anew what limits.catalog_lifetime lets serve; with --diff: keep what was "
                 "found as the new snapshot");
  }

  ExitCode run(CommandContext& context) override {
    endpoint_ = name_endpoint(context, endpoint_);
    const ProfileName profile{endpoint_};
    if (allow_stale_) {
      endpoint_control(context).allow_stale();
    }
    if (diff_) {
      endpoint_control(context).catalog_cache().switch_off();
    } else if (refresh_) {
      endpoint_control(context).catalog_cache().refresh();
    }
    std::optional<registry::Registry> registry;
    if (diff_ || context.has_registry()) {
      registry = context.open_registry();  // without one --diff has nothing to compare with
    }
    std::optional<Catalog> before;
    if (diff_) {
      before = load_before(*registry, profile);
    }
    Catalog found = discover(context);
    for (const auto& warning : found.warnings) {
      context.reporter().warning(fmt::format("{}: {}", warning.object, warning.message),
                                 warning.hint);
    }
    // A part of a system is no snapshot of it.
    const bool is_whole = schema_.empty() && table_.empty();
    if (is_kept(context)) {
      // It is there already, and its age would be lost.
    } else if (registry && is_whole && (!diff_ || refresh_)) {
      keep(context, *registry, profile, found);
    } else if (registry && !is_whole && (!diff_ || refresh_)) {
      context.reporter().info("only a part was read, so no snapshot is kept");
    } else if (!registry) {
      context.reporter().info("there is no registry, so no snapshot is kept",
                              "make one with 'mapctl init'");
    }
    if (diff_) {
      keep_scope(*before, schema_pattern(), table_pattern());
      if (!search_.empty()) {
        keep_matches(*before, search_);
        keep_matches(found, search_);
      }
      print_changes(context, endpoint_, *before, found);
      return ExitCode::done;
    }
    if (!search_.empty()) {
      keep_matches(found, search_);
      if (found.schemas.empty()) {
        context.reporter().info(fmt::format("nothing has '{}' in its name or comment", search_));
      }
    }
    if (pii_) {
      detect_personal(found);
      print_personal(context, endpoint_, found);
    } else {
      print_catalog(context, endpoint_, found, stats_);
    }
    return ExitCode::done;
  }

 private:
  NamePattern schema_pattern() const {
    return schema_.empty() ? NamePattern{} : NamePattern{schema_};
  }
  NamePattern table_pattern() const { return table_.empty() ? NamePattern{} : NamePattern{table_}; }

  Catalog load_before(registry::Registry& registry, const ProfileName& profile) const {
    const auto snapshot = registry.latest_snapshot(profile);
    if (!snapshot) {
      throw Error{ErrorCode::not_found, fmt::format("there is no snapshot of '{}' yet", endpoint_),
                  fmt::format("make one with 'mapctl discover {}'", endpoint_)};
    }
    return registry.load_snapshot(snapshot->id);
  }

  // Who may only look, or has a registry that can only be read, still sees what was found.
  void keep(CommandContext& context, registry::Registry& registry, const ProfileName& profile,
            const Catalog& found) const {
    try {
      registry.store_snapshot(profile, found);
    } catch (const Error& problem) {
      const bool is_asked_for = diff_ && refresh_;
      if (problem.code() != ErrorCode::denied || is_asked_for) {
        throw;
      }
      context.reporter().warning(fmt::format("no snapshot is kept: {}", problem.what()),
                                 problem.facts().hint);
    }
  }

  // Whether what was found is a snapshot already.
  bool is_kept(CommandContext& context) const {
    EndpointControl& control = endpoint_control(context);
    return control.was_stale(endpoint_) ||
           (!stats_ && !pii_ && control.catalog_cache().is_kept(endpoint_));
  }

  Catalog discover(CommandContext& context) const {
    const auto connector = context.open_endpoint(endpoint_);
    ports::DiscoveryScope scope;
    scope.schemas = schema_pattern();
    scope.tables = table_pattern();
    scope.statistics = (stats_ || pii_) && connector->capabilities().discovers_statistics;
    if (stats_ && !scope.statistics) {
      context.reporter().info(
          fmt::format("'{}' has no rows, so there are no statistics", endpoint_));
    }
    Catalog found = connector->discover(scope, context.stop());
    if (!is_kept(context)) {
      found.taken_at = context.clock().now();
    }
    if (found.tables().empty() && found.warnings.empty()) {
      fail_empty(*connector, context);
    }
    return found;
  }

  // Says which names there are, when a pattern was too narrow.
  void fail_empty(ports::Connector& connector, CommandContext& context) const {
    if (schema_.empty() && table_.empty()) {
      context.reporter().info(fmt::format("'{}' has no tables", endpoint_));
      return;
    }
    const Catalog whole = connector.discover({}, context.stop());
    std::vector<std::string> known;
    for (const Catalog::Entry& entry : whole.tables()) {
      if (schema_pattern().matches(entry.ref.schema.text, whole.names_ignore_case)) {
        known.push_back(entry.ref.table.text);
      }
    }
    if (known.empty()) {
      for (const catalog::Schema& schema : whole.schemas) {
        if (!schema.name.text.empty()) {
          known.push_back(schema.name.text);
        }
      }
      throw Error{ErrorCode::not_found,
                  fmt::format("no schema of '{}' matches '{}'", endpoint_, schema_),
                  known.empty() ? "its tables are in no schema: leave --schema out"
                                : suggestion(schema_, known)};
    }
    throw Error{ErrorCode::not_found,
                fmt::format("no table of '{}' matches '{}'", endpoint_, table_),
                suggestion(table_, known)};
  }

  std::string endpoint_, schema_, table_, search_;
  bool stats_ = false;
  bool pii_ = false;
  bool diff_ = false;
  bool refresh_ = false;
  bool allow_stale_ = false;
};

}  // namespace

std::unique_ptr<Command> make_discover_command() {
  return std::make_unique<DiscoverCommand>();
}

}  // namespace mapctl::cli
