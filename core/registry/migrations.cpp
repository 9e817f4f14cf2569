// SPDX-License-Identifier: Apache-2.0
#include "core/registry/migrations.hpp"

#include "core/base/error.hpp"
#include "core/registry/all_tenants.hpp"

#include <fmt/format.h>

#include <array>

namespace mapctl::registry {
namespace {

using ports::SqlDialect;
using ports::SqlSession;
using ports::Transaction;

struct TypeWord {
  std::string_view word{};
  std::string_view sqlite{};
  std::string_view postgresql{};
};

constexpr std::array type_words{
    TypeWord{"{id}", "TEXT", "uuid"},
    // Bytes are compared, so that the order is the same in every registry.
    TypeWord{"{text}", "TEXT", "text COLLATE \"C\""},
    TypeWord{"{json}", "TEXT", "jsonb"},
    // JSON that is read back as a whole and as it was written.
    TypeWord{"{document}", "TEXT", "json"},
    TypeWord{"{time}", "TEXT", "timestamptz"},
    TypeWord{"{integer}", "INTEGER", "bigint"},
    TypeWord{"{real}", "REAL", "double precision"},
    TypeWord{"{flag}", "INTEGER", "boolean"},
    TypeWord{"{bytes}", "BLOB", "bytea"},
};

// The owner is held to the policies too, as it is often the role that mapctl runs as.
const std::string& row_security() {
  static const std::string sql = fmt::format(R"sql(
DO $row_security$
DECLARE
  new_table record;
BEGIN
  FOR new_table IN
    SELECT c.relname, a.attnotnull
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
    WHERE n.nspname = current_schema() AND c.relkind = 'r' AND NOT c.relrowsecurity
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', new_table.relname);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', new_table.relname);
    EXECUTE format('CREATE POLICY tenant_rows ON %I USING (%s)', new_table.relname,
      CASE WHEN new_table.attnotnull THEN '' ELSE 'tenant_id IS NULL OR ' END ||
      $condition${}$condition$);
  END LOOP;
END
$row_security$;
)sql",
                                             tenant_condition);
  return sql;
}

std::string spell(std::string_view text, SqlDialect dialect) {
  std::string sql;
  sql.reserve(text.size());
  while (!text.empty()) {
    const std::size_t brace = text.find('{');
    sql += text.substr(0, brace);
    if (brace == text.npos) {
      break;
    }
    text.remove_prefix(brace);
    const std::size_t end = text.find('}');
    const std::string_view word = text.substr(0, end == text.npos ? end : end + 1);
    bool known = false;
    for (const TypeWord& type : type_words) {
      if (type.word == word) {
        sql += dialect == SqlDialect::sqlite ? type.sqlite : type.postgresql;
        known = true;
      }
    }
    if (!known) {
      throw Error{ErrorCode::internal, fmt::format("no type word '{}' in a migration", word)};
    }
    text.remove_prefix(word.size());
  }
  return sql;
}

const Migration::Extra& extra(const Migration& migration, SqlDialect dialect) noexcept {
  return dialect == SqlDialect::sqlite ? migration.sqlite : migration.postgresql;
}

bool has_row(SqlSession& session, std::string_view sql) {
  const auto statement = session.prepare(sql);
  return statement->step();
}

bool has_version_table(SqlSession& session) {
  return has_row(session, session.dialect() == SqlDialect::sqlite
                              ? "SELECT 1 FROM sqlite_schema WHERE name = 'mapctl_schema_version'"
                              : "SELECT 1 FROM pg_catalog.pg_class WHERE oid = "
                                "to_regclass('mapctl_schema_version')");
}

// Any other object means that the database is somebody else's.
bool is_empty(SqlSession& session) {
  return !has_row(session,
                  session.dialect() == SqlDialect::sqlite
                      ? "SELECT 1 FROM sqlite_schema"
                      : "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
                        "ON n.oid = c.relnamespace WHERE n.nspname = current_schema()");
}

int recorded_version(SqlSession& session) {
  const auto statement =
      session.prepare("SELECT coalesce(max(version), 0) FROM mapctl_schema_version");
  statement->step();
  return static_cast<int>(statement->integer(0));
}

void refuse_newer(int version) {
  if (version > newest_schema_version()) {
    throw Error{ErrorCode::configuration,
                fmt::format("the registry has schema version {}, this program knows up to {}",
                            version, newest_schema_version()),
                "use the newer mapctl that made it, or another registry"};
  }
}

int goal_of(std::optional<int> target) {
  const int goal = target.value_or(newest_schema_version());
  if (goal < 0 || goal > newest_schema_version()) {
    throw Error{ErrorCode::configuration, fmt::format("there is no schema version {}", goal),
                fmt::format("name one from 0 to {}", newest_schema_version())};
  }
  return goal;
}

void refuse_foreign(SqlSession& session) {
  if (!is_empty(session)) {
    throw Error{ErrorCode::configuration, "the database holds tables that are not a registry's",
                "name another file or schema with --registry"};
  }
}

int open_version_table(SqlSession& session) {
  if (!has_version_table(session)) {
    refuse_foreign(session);
    session.execute(
        spell("CREATE TABLE mapctl_schema_version (version {integer} PRIMARY KEY, "
              "name {text} NOT NULL, applied_at {time} NOT NULL)",
              session.dialect()));
  }
  return recorded_version(session);
}

void step_up(SqlSession& session, const Clock& clock, const Migration& migration) {
  session.execute(sql_up(migration, session.dialect()));
  if (migration.convert != nullptr) {
    migration.convert(session);
  }
  const auto record = session.prepare(
      "INSERT INTO mapctl_schema_version (version, name, applied_at) VALUES ($1, $2, $3)");
  record->bind(1, migration.version);
  record->bind(2, migration.name);
  record->bind(3, to_iso8601(clock.now()));
  record->step();
}

void step_down(SqlSession& session, const Migration& migration) {
  if (migration.convert_back != nullptr) {
    migration.convert_back(session);
  }
  session.execute(sql_down(migration, session.dialect()));
  const auto record = session.prepare("DELETE FROM mapctl_schema_version WHERE version = $1");
  record->bind(1, migration.version);
  record->step();
}

}  // namespace

int newest_schema_version() noexcept {
  return migrations().back().version;
}

std::string sql_up(const Migration& migration, SqlDialect dialect) {
  std::string sql = spell(migration.up, dialect) + spell(extra(migration, dialect).up, dialect);
  if (dialect == SqlDialect::postgresql) {
    sql += row_security();
  }
  return sql;
}

std::string sql_down(const Migration& migration, SqlDialect dialect) {
  return spell(extra(migration, dialect).down, dialect) + spell(migration.down, dialect);
}

int schema_version(SqlSession& session) {
  return has_version_table(session) ? recorded_version(session) : 0;
}

std::vector<PlannedMigration> plan_migration(SqlSession& session, std::optional<int> target) {
  const int goal = goal_of(target);
  int version = schema_version(session);
  refuse_newer(version);
  if (version == 0 && !has_version_table(session)) {
    refuse_foreign(session);
  }
  std::vector<PlannedMigration> steps;
  while (version != goal) {
    const bool back = version > goal;
    const Migration& migration =
        migrations()[static_cast<std::size_t>(back ? version - 1 : version)];
    steps.push_back(
        {migration.version, migration.name, back,
         back ? sql_down(migration, session.dialect()) : sql_up(migration, session.dialect()),
         (back ? migration.convert_back : migration.convert) != nullptr});
    version += back ? -1 : 1;
  }
  return steps;
}

MigrationReport migrate(SqlSession& session, const Clock& clock, std::optional<int> target) {
  const int goal = goal_of(target);
  const AllTenants all{session};
  MigrationReport report;
  for (bool first = true;; first = false) {
    Transaction transaction{session, SqlSession::Access::write};
    const int version = open_version_table(session);
    refuse_newer(version);
    if (first) {
      report.from = version;
    }
    report.to = version;
    if (version == goal) {
      transaction.commit();
      return report;
    }
    // Versions have no gaps: entry n - 1 of the list leads from n - 1 to n.
    const auto index = static_cast<std::size_t>(version < goal ? version : version - 1);
    const Migration& migration = migrations()[index];
    if (version < goal) {
      step_up(session, clock, migration);
    } else {
      step_down(session, migration);
    }
    transaction.commit();
    report.applied.push_back(fmt::format("{} {}", migration.version, migration.name));
  }
}

}  // namespace mapctl::registry
