// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/catalog.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <map>
#include <string_view>

namespace mapctl::connectors::postgres {
namespace {

constexpr std::size_t shown_names = 5;

std::string list_of(const std::vector<const Relation*>& relations) {
  std::string text;
  for (std::size_t i = 0; i < relations.size() && i < shown_names; ++i) {
    text += fmt::format("{}'{}'", i == 0 ? "" : ", ", relations[i]->table.name.text);
  }
  return relations.size() > shown_names
             ? fmt::format("{} and {} more", text, relations.size() - shown_names)
             : text;
}

catalog::DiscoveryWarning unreadable(const std::vector<const Relation*>& relations,
                                     std::string_view role, std::string_view grantee) {
  const Relation& first = *relations.front();
  if (relations.size() == 1) {
    return {fmt::format("table '{}'", catalog::to_string(first.ref())),
            first.is_partly_readable
                ? fmt::format("role '{}' may read only some of its columns", role)
                : fmt::format("role '{}' may not read its rows", role),
            fmt::format("GRANT SELECT ON {} TO {}", shown_table(first.ref()), grantee)};
  }
  return {fmt::format("schema '{}'", first.schema.text),
          fmt::format("role '{}' may not read the rows of {} tables: {}", role, relations.size(),
                      list_of(relations)),
          fmt::format("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}",
                      shown_identifier(first.schema.text), grantee)};
}

}  // namespace

std::vector<catalog::DiscoveryWarning> missing_privileges(Connection& connection,
                                                          const std::vector<Relation>& relations) {
  std::map<catalog::SchemaName, std::vector<const Relation*>> closed;
  std::map<catalog::SchemaName, std::vector<const Relation*>> unread;
  for (const Relation& relation : relations) {
    if (!relation.schema_is_open) {
      closed[relation.schema].push_back(&relation);
    } else if (!relation.is_readable) {
      unread[relation.schema].push_back(&relation);
    }
  }
  std::vector<catalog::DiscoveryWarning> warnings;
  if (closed.empty() && unread.empty()) {
    return warnings;
  }
  const std::string role = PQuser(connection.raw());
  const std::string grantee = shown_identifier(role);
  for (const auto& [schema, members] : closed) {
    const std::string name = shown_identifier(schema.text);
    warnings.push_back(
        {fmt::format("schema '{}'", schema.text),
         fmt::format("role '{}' may not use it, so the rows of {} cannot be read", role,
                     list_of(members)),
         fmt::format("GRANT USAGE ON SCHEMA {0} TO {1}; GRANT SELECT ON ALL TABLES IN SCHEMA {0} "
                     "TO {1}",
                     name, grantee)});
  }
  for (const auto& [schema, members] : unread) {
    warnings.push_back(unreadable(members, role, grantee));
  }
  return warnings;
}

}  // namespace mapctl::connectors::postgres
