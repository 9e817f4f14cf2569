// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/postgres/source.hpp"
#include "core/catalog/table.hpp"
#include "core/ports/connector.hpp"

#include <stop_token>
#include <string>
#include <vector>

namespace mapctl::connectors::postgres {

// How a column comes from the server: as `type` below domains, whose pg_type.typtype is `kind`.
struct ReadColumn {
  catalog::ColumnName name{};
  Oid type = 0;
  char kind = 'b';
};

// A table on its way into the catalog, with what the catalog does not keep.
struct Relation {
  Oid oid = 0;
  catalog::SchemaName schema{};
  catalog::Table table{};
  char kind = 'r';  // pg_class.relkind; 'x' for an external table
  bool has_children = false;
  bool schema_is_open = true;         // USAGE
  bool is_readable = true;            // SELECT
  bool is_partly_readable = true;     // SELECT of a column at least
  std::vector<ReadColumn> reading{};  // as table.columns

  catalog::TableRef ref() const { return {schema, table.name}; }
};

struct Discovered {
  std::vector<Relation> relations{};  // by schema and name
  std::vector<catalog::DiscoveryWarning> warnings{};
};

// What of a scope the server can look up itself; the globs are matched here.
struct ScopeFilter {
  ScopeFilter(const ports::DiscoveryScope& scope, const catalog::NamePattern& schemas_of_profile);
  bool matches(const catalog::SchemaName& schema, const catalog::TableName& table) const;
  catalog::NamePattern schemas{};
  catalog::NamePattern tables{};
};

// Every table, view and foreign table of the scope with its structure, in a number of queries that
// does not depend on how many there are. Partitions are folded into their parent.
Discovered read_postgres(Connection& connection, const Source& source, const ScopeFilter& scope,
                         const std::stop_token& stop);
// The same of Redshift, through its SVV views.
Discovered read_redshift(Connection& connection, const Source& source, const ScopeFilter& scope,
                         const std::stop_token& stop);

// What ports::ChangeMarked wants, of the whole database in one query. PostgreSQL only.
std::string change_mark(Connection& connection, const Source& source, const std::stop_token& stop);

// What the role lacks, with the GRANT that would help: a warning a schema, or a table where it is
// one.
std::vector<catalog::DiscoveryWarning> missing_privileges(Connection& connection,
                                                          const std::vector<Relation>& relations);

// Throws Error::cancelled once a stop was requested.
void check_stop(const Connection& connection, const std::stop_token& stop);

}  // namespace mapctl::connectors::postgres
