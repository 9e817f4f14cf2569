// SPDX-License-Identifier: Apache-2.0
#include "cli/review/selection.hpp"

#include "cli/command.hpp"
#include "cli/options/choice.hpp"
#include "core/base/text.hpp"
#include "core/registry/registry.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace mapctl::cli {
namespace {

constexpr std::size_t shown_id = 8;

mapping::ReviewStatus status_from(const std::string& word) {
  if (const auto status = mapping::review_status_from(word)) {
    return *status;
  }
  if (const auto stored = mapping::mapping_status_from(word)) {
    return mapping::review_status_of(*stored);
  }
  const std::vector<std::string> known = {"proposed",   "approved", "rejected",  "flagged",
                                          "needs_info", "not_used", "deprecated"};
  throw Error{ErrorCode::usage, fmt::format("'{}' is no status", word), suggestion(word, known)};
}

}  // namespace

void ReviewSelection::declare_filters(CLI::App& app) {
  app.add_option("--connector", connector, "Only of this source")->type_name("GLOB");
  app.add_option("--table", table, "Only of this source table")->type_name("GLOB");
  app.add_option("--entity", entity, "Only to this target entity")->type_name("GLOB");
  app.add_option("--status", statuses,
                 "Only of this status: proposed, approved, rejected, flagged, needs_info, "
                 "not_used, deprecated")
      ->delimiter(',')
      ->type_name("STATUS");
  between(app.add_option("--min-confidence", min_confidence, "Only at least this sure"), 0, 1)
      ->type_name("SHARE");
  between(app.add_option("--max-confidence", max_confidence, "Only at most this sure"), 0, 1)
      ->type_name("SHARE");
  auto* named =
      app.add_option("--assignee", assignee, "Only assigned to this person")->type_name("NAME");
  app.add_flag("--unassigned", unassigned, "Only assigned to nobody")->excludes(named);
  app.add_option("--search", search, "Only with this text in a name or comment")->type_name("TEXT");
}

void ReviewSelection::declare_ids(CLI::App& app) {
  app.add_option("id", ids, "Mappings, by id or its first six characters")->type_name("ID");
  app.add_flag("--all", all, "Every mapping, where no id or filter is given");
}

review::ItemFilter ReviewSelection::filter() const {
  review::ItemFilter filter;
  filter.connector = connector;
  filter.entity = entity;
  filter.table = table;
  for (const std::string& word : statuses) {
    filter.statuses.push_back(status_from(word));
  }
  if (min_confidence >= 0) {
    filter.min_confidence = min_confidence;
  }
  if (max_confidence >= 0) {
    filter.max_confidence = max_confidence;
  }
  if (unassigned || !assignee.empty()) {
    filter.assignee = assignee;
  }
  filter.ids = ids;
  filter.search = search;
  return filter;
}

std::vector<review::Item> ReviewSelection::items(
    registry::Registry& registry, const std::vector<mapping::ReviewStatus>& usual) const {
  review::ItemFilter chosen = filter();
  if (chosen.is_empty() && !all) {
    throw Error{ErrorCode::usage, "no mapping is chosen",
                "give ids, a filter such as --connector, or --all"};
  }
  // Who names a mapping means it, whatever its status.
  if (chosen.statuses.empty() && chosen.ids.empty()) {
    chosen.statuses = usual;
  }
  return review::load_items(registry, chosen);
}

std::string short_id(const review::Item& item) {
  return item.mapping.id.text.substr(0, shown_id);
}

Json item_to_json(const review::Item& item) {
  const mapping::FieldMapping& mapping = item.mapping;
  return Json{{"id", mapping.id.text},
              {"connector", mapping.key.connector.text},
              {"source_table", mapping.key.source_table.text},
              {"source_field", mapping.key.source_field.text},
              {"entity", mapping.key.entity.text},
              {"field", mapping.key.field.text},
              {"status", replace_all(to_string(item.status), " ", "_")},
              {"confidence", mapping.confidence},
              {"transformation", mapping::describe(mapping.transformation)},
              {"assignee", item.assignee},
              {"reason_code", item.reason_code},
              {"comment", item.comment},
              {"version", mapping.version}};
}

TablePrinter item_table() {
  return TablePrinter{{{"id", "Id", false, false},
                       {"connector", "Source", false, true},
                       {"source_table", "Table", false, true},
                       {"source_field", "Field", false, true},
                       {"entity", "Entity", false, true},
                       {"field", "Target", false, true},
                       {"confidence", "Confidence", true, false},
                       {"status", "Status", false, false},
                       {"assignee", "Assignee", false, true}}};
}

void add_item(TablePrinter& table, const review::Item& item) {
  const mapping::MappingKey& key = item.mapping.key;
  table.add(std::vector<std::string>{short_id(item), key.connector.text, key.source_table.text,
                                     key.source_field.text, key.entity.text, key.field.text,
                                     fmt::format("{:.2f}", item.mapping.confidence),
                                     std::string{to_string(item.status)}, item.assignee});
}

registry::ReviewOrigin origin_of(std::string_view action) {
  return {fmt::format("review {}", action), {}};
}

void apply_and_print(CommandContext& context, registry::Registry& registry,
                     const std::vector<review::Item>& items,
                     const std::vector<registry::ReviewChange>& changes, std::string_view action,
                     bool dry_run) {
  registry::ReviewCounts counts;
  if (!dry_run && !changes.empty()) {
    counts = registry::Reviews{registry}.apply(changes, origin_of(action));
  }
  if (context.format() == Format::json) {
    Json document{{"schema", "mapctl.review/1"}, {"action", action},
                  {"dry_run", dry_run},          {"chosen", changes.size()},
                  {"changed", counts.lines},     {"items", Json::array()}};
    for (const review::Item& item : items) {
      document["items"].push_back(item_to_json(item));
    }
    context.out().document(document);
    return;
  }
  if (context.format() == Format::table && !dry_run) {
    context.out().line(fmt::format("{} of {} chosen changed", counts.lines, changes.size()));
    return;
  }
  TablePrinter table = item_table();
  for (const review::Item& item : items) {
    add_item(table, item);
  }
  print(context, table);
}

}  // namespace mapctl::cli
