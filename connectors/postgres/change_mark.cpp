// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/catalog.hpp"

#include <fmt/format.h>

namespace mapctl::connectors::postgres {
namespace {

// Every row of a system catalog tells by xmin which transaction wrote it; vacuuming and counting
// rows write none anew. Sums of hashes need no order. Temporary tables come and go, and are none of
// ours.
constexpr std::string_view marks_sql =
    "WITH spaces AS MATERIALIZED (SELECT oid, xmin FROM pg_catalog.pg_namespace "
    "WHERE nspname !~ '^pg_(temp|toast)'), "
    "tables AS MATERIALIZED (SELECT oid, xmin FROM pg_catalog.pg_class "
    "WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'i', 'I') AND oid >= 16384 "
    "AND relnamespace IN (SELECT oid FROM spaces)), "
    "marks (part, id, written) AS ("
    "SELECT 1, oid::bigint, xmin FROM spaces "
    "UNION ALL SELECT 2, oid::bigint, xmin FROM tables "
    "UNION ALL SELECT 3, attrelid::bigint * 2048 + attnum, xmin FROM pg_catalog.pg_attribute "
    "WHERE attnum > 0 AND attrelid IN (SELECT oid FROM tables) "
    "UNION ALL SELECT 4, oid::bigint, xmin FROM pg_catalog.pg_attrdef "
    "WHERE adrelid IN (SELECT oid FROM tables) "
    "UNION ALL SELECT 5, oid::bigint, xmin FROM pg_catalog.pg_constraint WHERE oid >= 16384 "
    "AND connamespace IN (SELECT oid FROM spaces) "
    "UNION ALL SELECT 6, indexrelid::bigint, xmin FROM pg_catalog.pg_index "
    "WHERE indexrelid IN (SELECT oid FROM tables) "
    "UNION ALL SELECT 7, objoid::bigint * 2048 + objsubid, xmin FROM pg_catalog.pg_description "
    "WHERE objoid >= 16384 "
    "UNION ALL SELECT 8, oid::bigint, xmin FROM pg_catalog.pg_type WHERE oid >= 16384 "
    "AND typnamespace IN (SELECT oid FROM spaces) "
    "UNION ALL SELECT 9, oid::bigint, xmin FROM pg_catalog.pg_enum "
    "UNION ALL SELECT 10, inhrelid::bigint, xmin FROM pg_catalog.pg_inherits "
    "UNION ALL SELECT 11, ftrelid::bigint, xmin FROM pg_catalog.pg_foreign_table "
    "UNION ALL SELECT 12, oid::bigint, xmin FROM pg_catalog.pg_foreign_server "
    "UNION ALL SELECT 13, roleid::bigint, xmin FROM pg_catalog.pg_auth_members "
    "UNION ALL SELECT 14, oid::bigint, xmin FROM pg_catalog.pg_database "
    "WHERE datname = pg_catalog.current_database()) "
    "SELECT pg_catalog.concat_ws(' ', pg_catalog.current_database(), current_user, "
    "pg_catalog.current_setting('server_version'), count(*), "
    "sum(pg_catalog.hashint8(id * 16 + part)::bigint * written::text::bigint)) FROM marks";

}  // namespace

std::string change_mark(Connection& connection, const Source& source, const std::stop_token& stop) {
  check_stop(connection, stop);
  connection.watch(stop);
  ReadTransaction transaction{connection, source.begin(connection, {})};
  // MATERIALIZED is known from version 12 on, and was the only way before.
  std::string text{marks_sql};
  if (PQserverVersion(connection.raw()) < 120000) {
    for (std::size_t at = 0; (at = text.find(" MATERIALIZED", at)) != std::string::npos;) {
      text.erase(at, std::string_view{" MATERIALIZED"}.size());
    }
  }
  std::string mark;
  {
    const Answer rows{connection, text};
    mark = rows.string(0, 0);
  }
  transaction.commit();
  return mark;
}

}  // namespace mapctl::connectors::postgres
