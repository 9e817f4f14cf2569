// SPDX-License-Identifier: Apache-2.0
#include "core/registry/migrations.hpp"

#include "tests/support/catch.hpp"

using namespace mapctl;
using namespace mapctl::registry;
using Catch::Matchers::ContainsSubstring;
using ports::SqlDialect;

TEST_CASE("migrations are numbered from 1 without gaps", "[registry]") {
  int expected = 1;
  for (const Migration& migration : migrations()) {
    CHECK(migration.version == expected++);
    CHECK_FALSE(migration.name.empty());
  }
  CHECK(newest_schema_version() == expected - 1);
}

TEST_CASE("each dialect spells the types its own way and nothing is left unspelled", "[registry]") {
  for (const Migration& migration : migrations()) {
    for (const auto dialect : {SqlDialect::sqlite, SqlDialect::postgresql}) {
      for (const std::string& sql : {sql_up(migration, dialect), sql_down(migration, dialect)}) {
        CHECK_FALSE(sql.empty());
        CHECK(sql.find('{') == sql.npos);
      }
    }
  }
  const Migration& first = migrations().front();
  CHECK_THAT(sql_up(first, SqlDialect::sqlite), ContainsSubstring("id TEXT PRIMARY KEY"));
  CHECK_THAT(sql_up(first, SqlDialect::postgresql), ContainsSubstring("id uuid PRIMARY KEY"));
  CHECK_THAT(sql_up(first, SqlDialect::postgresql), ContainsSubstring("metadata jsonb"));
  CHECK_THAT(sql_up(first, SqlDialect::postgresql),
             ContainsSubstring("created_at timestamptz NOT NULL"));
}

TEST_CASE("the lineage view is materialized on PostgreSQL only", "[registry]") {
  const Migration& lineage = migrations()[2];
  REQUIRE(lineage.name == "lineage");
  CHECK_THAT(sql_up(lineage, SqlDialect::sqlite),
             ContainsSubstring("CREATE VIEW mv_mapping_lineage_grid"));
  CHECK_THAT(sql_up(lineage, SqlDialect::postgresql),
             ContainsSubstring("CREATE MATERIALIZED VIEW mv_mapping_lineage_grid"));
  CHECK_THAT(sql_down(lineage, SqlDialect::postgresql),
             ContainsSubstring("DROP MATERIALIZED VIEW"));
}
