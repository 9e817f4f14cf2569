// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/review/worklist.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace mapctl::cli {

class CommandContext;
class TablePrinter;

// Options that choose mappings: filters, and ids where the subcommand acts on them.
struct ReviewSelection {
  std::vector<std::string> ids{}, statuses{};
  std::string connector{}, entity{}, table{}, assignee{}, search{};
  double min_confidence = -1, max_confidence = -1;
  bool unassigned = false, all = false;

  void declare_filters(CLI::App& app);
  void declare_ids(CLI::App& app);  // with --all
  // Throws Error::usage for a word that is no status.
  review::ItemFilter filter() const;
  // The mappings chosen, of these statuses when the command line names none. Throws Error::usage
  // when nothing at all is chosen, lest everything is changed by accident.
  std::vector<review::Item> items(registry::Registry& registry,
                                  const std::vector<mapping::ReviewStatus>& usual = {}) const;
};

Json item_to_json(const review::Item& item);
TablePrinter item_table();
void add_item(TablePrinter& table, const review::Item& item);
std::string short_id(const review::Item& item);

// How decisions of the command line are called in the audit trail.
registry::ReviewOrigin origin_of(std::string_view action);

// Applies the changes and prints what happened as mapctl.review/1 or in a sentence.
void apply_and_print(CommandContext& context, registry::Registry& registry,
                     const std::vector<review::Item>& items,
                     const std::vector<registry::ReviewChange>& changes, std::string_view action,
                     bool dry_run);

}  // namespace mapctl::cli
