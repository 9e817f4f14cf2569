// SPDX-License-Identifier: Apache-2.0
#include "cli/registry/parts.hpp"

#include "core/base/error.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <chrono>
#include <utility>

namespace mapctl::cli {

void print_rows(CommandContext& context, const TablePrinter& table, Json members,
                std::string_view key) {
  if (context.format() == Format::json) {
    members[std::string{key}] = table.to_json();
    context.out().document(members);
  } else {
    print(context, table);
  }
}

void MappingChoice::declare(CLI::App& app) {
  app.add_option("MAPPING", id, "Mapping, by id or its first six characters");
  app.add_option("--connector", connector, "Profile of the source")->type_name("NAME");
  app.add_option("--table", table, "Source table")->type_name("NAME");
  app.add_option("--field", field, "Source field")->type_name("NAME");
}

mapping::MappingId MappingChoice::find(registry::Registry& registry) const {
  if (!id.empty()) {
    return registry::mapping_named(registry, id);
  }
  if (connector.empty() || table.empty() || field.empty()) {
    throw Error{ErrorCode::usage, "no mapping is named",
                "give its id, or --connector, --table and --field of its source"};
  }
  const auto found = registry::mappings_of(registry, mapping::ConnectorName{connector},
                                           catalog::TableName{table}, mapping::FieldPath{field});
  if (found.empty()) {
    throw Error{ErrorCode::not_found,
                fmt::format("field '{}' of '{}' in '{}' has no mapping", field, table, connector),
                "see what is mapped with: mapctl registry lineage"};
  }
  if (found.size() > 1) {
    std::string ids;
    for (const mapping::FieldMapping& mapping : found) {
      ids += fmt::format("{}{} ({}.{})", ids.empty() ? "" : ", ", mapping.id.text,
                         mapping.key.entity.text, mapping.key.field.text);
    }
    throw Error{ErrorCode::usage, fmt::format("field '{}' has {} mappings", field, found.size()),
                "give the id of one: " + ids};
  }
  return found.front().id;
}

std::string moment_of(const std::string& text, const Clock& clock, std::string_view option) {
  long long count = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, count);
  if (problem == std::errc{} && rest + 1 == end && count >= 0 && count < 1'000'000) {
    std::chrono::minutes span{count};
    if (*rest == 'd' || *rest == 'h' || *rest == 'm') {
      span = *rest == 'd'   ? std::chrono::hours{24 * count}
             : *rest == 'h' ? std::chrono::hours{count}
                            : span;
      return to_iso8601(clock.now() - span);
    }
  }
  const std::string_view shape = "dddd-dd-ddTdd:dd:dd.dddZ";
  bool fits = text.size() == 10 || text.size() == 20 || text.size() == 24;
  for (std::size_t i = 0; fits && i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    fits = (i + 1 == text.size() && text.size() > 10) ? text[i] == 'Z'
           : shape[i] == 'd'                          ? digit
                                                      : text[i] == shape[i];
  }
  if (!fits) {
    throw Error{ErrorCode::usage, fmt::format("{} '{}' is no moment", option, text),
                "write 2026-01-31, 2026-01-31T08:05:00Z, or how long ago: 30d, 12h, 90m"};
  }
  if (text.size() == 10) {
    return text + "T00:00:00.000Z";
  }
  return text.size() == 20 ? text.substr(0, 19) + ".000Z" : text;
}

}  // namespace mapctl::cli
