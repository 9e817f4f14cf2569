// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"
#include "core/ports/sql_session.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::registry {

// One step of the schema, with its way back. Statements are separated by semicolons. `up` and
// `down` hold for both dialects: type words in braces ("{id}", "{json}") are spelled for each.
// What only one dialect has stands beside them and runs after `up`, before `down`. On PostgreSQL
// every new table with a tenant_id gets row-level security by itself.
struct Migration {
  struct Extra {
    std::string_view up{};
    std::string_view down{};
  };
  int version = 0;  // 1, 2, 3 ... without gaps
  std::string_view name{};
  std::string_view up{};
  std::string_view down{};
  Extra sqlite{};
  Extra postgresql{};
  // What statements alone cannot do to rows that are there: `convert` runs after all of the way up,
  // `convert_back` before all of the way down, in their transaction.
  void (*convert)(ports::SqlSession& session) = nullptr;
  void (*convert_back)(ports::SqlSession& session) = nullptr;
};

std::span<const Migration> migrations() noexcept;
int newest_schema_version() noexcept;

// True in SQL of PostgreSQL for rows of the session's tenant, and for all during upkeep. The
// setting is read once a query, not once a row.
inline constexpr std::string_view tenant_condition =
    "((SELECT current_setting('mapctl.tenant', true)) = '*' OR tenant_id = "
    "(SELECT nullif(nullif(current_setting('mapctl.tenant', true), ''), '*')::uuid))";

// The statements of one migration for a dialect.
std::string sql_up(const Migration& migration, ports::SqlDialect dialect);
std::string sql_down(const Migration& migration, ports::SqlDialect dialect);

// 0 when there is no registry yet.
int schema_version(ports::SqlSession& session);

// One migration on the way from the registry's version to another, as it would run now.
struct PlannedMigration {
  int version = 0;
  std::string_view name{};
  bool back = false;
  std::string sql{};
  bool converts = false;  // rows are rewritten too, which no statement shows
};
// What migrate() would do; changes nothing. Throws what it throws.
std::vector<PlannedMigration> plan_migration(ports::SqlSession& session,
                                             std::optional<int> target = {});

struct MigrationReport {
  int from = 0;
  int to = 0;
  std::vector<std::string> applied{};  // "2 runs", in the order in which they ran
};

// Goes forward or back to `target`, the newest by default; each migration is one transaction, so
// two processes at once each find a step done or do it. Throws Error::configuration when the
// registry is newer than this program, when the database holds somebody else's tables, and for a
// version that does not exist.
MigrationReport migrate(ports::SqlSession& session, const Clock& clock,
                        std::optional<int> target = {});

}  // namespace mapctl::registry
