// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/session.hpp"
#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/registry/migrations.hpp"
#include "core/registry/registry.hpp"
#include "core/registry/transfer.hpp"
#include "tests/integration/postgres/one_value.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/postgres.hpp"

#include <unistd.h>

#include <memory>
#include <optional>
#include <string>

using namespace mapctl;
using namespace mapctl::registry;
using connectors::postgres::open_registry_session;
using ports::SqlSession;
using test::value;

namespace {

// A registry in a schema of its own with a connector for each of two tenants.
class TwoTenants {
 public:
  TwoTenants() {
    const auto session = open();
    initialise(*session, *clock, TenantName{"one"});
    add_tenant(*session, *clock, TenantName{"two"});
    for (const char* tenant : {"one", "two"}) {
      Registry registry{open(), *clock, {TenantName{tenant}, UserName{"ada"}}};
      registry.ensure_connector({mapping::ConnectorName{"crm"}, "database", tenant, ""});
      registry.ensure_entity({mapping::EntityName{"account"}, "1.0.0", "{}", "", true});
    }
  }
  ~TwoTenants() {
    try {
      open()->execute("DROP SCHEMA " + schema_ + " CASCADE");
    } catch (const Error&) {
      // The server goes away with everything.
    }
  }
  std::unique_ptr<SqlSession> open() const {
    return open_registry_session(
        {Secret{test::PostgresServer::shared().url("mapctl", "schema=" + schema_)}, true});
  }
  std::string id_of(const std::string& tenant) const {
    const auto session = open();
    const auto select = session->prepare("SELECT id FROM tenants WHERE name = $1");
    select->bind(1, tenant);
    REQUIRE(select->step());
    return std::string{select->text(0)};
  }

  const Clock* clock = &system_clock();

 private:
  std::string schema_ = "rows" + std::to_string(getpid());
};

}  // namespace

TEST_CASE("the server shows each tenant its own rows, whatever the query says", "[postgres]") {
  const TwoTenants world;
  const auto session = world.open();
  const std::string count = "SELECT count(*) FROM connector_definitions";
  CHECK(value(*session, count) == "0");
  session->use_tenant(world.id_of("one"));
  CHECK(value(*session, "SELECT description FROM connector_definitions") == "one");
  CHECK(value(*session, count) == "1");
  session->use_tenant(world.id_of("two"));
  CHECK(value(*session, "SELECT description FROM connector_definitions") == "two");
  CHECK(value(*session, "SELECT count(*) FROM entity_schemas") == "1");  // the shared one
  session->use_tenant(SqlSession::all_tenants);
  CHECK(value(*session, count) == "2");
}

TEST_CASE("the server refuses rows of another tenant", "[postgres]") {
  const TwoTenants world;
  const auto session = world.open();
  session->use_tenant(world.id_of("one"));
  const std::string other = world.id_of("two");
  const auto update = session->prepare("UPDATE connector_definitions SET description = 'x'");
  update->step();
  CHECK(session->changes() == 1);
  const auto insert = session->prepare(
      "INSERT INTO flags (tenant_id, name, value, updated_at) VALUES ($1, 'use_llm', 'on', now())");
  insert->bind(1, other);
  try {
    insert->step();
    FAIL("the row was taken");
  } catch (const Error& problem) {
    CHECK(problem.code() == ErrorCode::denied);
    CHECK(problem.facts().native_code == "42501");
  }
}

TEST_CASE("every table with a tenant is guarded, for its owner too", "[postgres]") {
  const TwoTenants world;
  const auto session = world.open();
  CHECK(value(*session,
              "SELECT count(*) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
              "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND "
              "a.attname = 'tenant_id' AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND "
              "EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))") == "0");
  CHECK(value(*session,
              "SELECT count(*) > 10 FROM pg_policies WHERE schemaname = current_schema()") == "1");
}

TEST_CASE("the schema goes back to nothing and forward again on PostgreSQL", "[postgres]") {
  const TwoTenants world;
  const auto session = world.open();
  const std::string objects =
      "SELECT string_agg(relname || relkind::text, ' ' ORDER BY relname) FROM pg_class WHERE "
      "relnamespace = current_schema()::regnamespace";
  const std::string before = value(*session, objects);
  migrate(*session, *world.clock, 0);
  CHECK(value(*session, objects) == "mapctl_schema_versionr mapctl_schema_version_pkeyi");
  CHECK(schema_version(*session) == 0);
  for (int version = 1; version <= newest_schema_version(); ++version) {
    migrate(*session, *world.clock, version);
    CHECK(schema_version(*session) == version);
  }
  CHECK(value(*session, objects) == before);
}

TEST_CASE("the server lets every tenant read the shared baseline and none write it", "[postgres]") {
  const TwoTenants world;
  const auto session = world.open();
  const std::string insert =
      "INSERT INTO baseline_embeddings VALUES ('m', 'shop', 't', 'f', 'account', 'name', 'f', "
      "'\\x00', 1, now())";
  session->use_tenant(SqlSession::all_tenants);
  session->execute(insert);
  for (const char* tenant : {"one", "two"}) {
    session->use_tenant(world.id_of(tenant));
    CHECK(value(*session, "SELECT source_field FROM baseline_embeddings") == "f");
    session->execute("UPDATE baseline_embeddings SET source_field = 'x'");
    CHECK(session->changes() == 0);
    session->execute("DELETE FROM baseline_embeddings");
    CHECK(session->changes() == 0);
    try {
      session->execute(
          "INSERT INTO baseline_embeddings SELECT 'n', connector_name, source_table, "
          "source_field, canonical_entity, canonical_field, embedding_text, "
          "embedding_vector, dimensions, created_at FROM baseline_embeddings");
      FAIL("the row was taken");
    } catch (const Error& problem) {
      CHECK(problem.facts().native_code == "42501");
    }
  }
  session->use_tenant({});
  CHECK(value(*session, "SELECT count(*) FROM baseline_embeddings") == "1");
}

TEST_CASE("upkeep that fails leaves the session without the sight of all tenants", "[postgres]") {
  const TwoTenants world;
  const auto session = world.open();
  const std::string count = "SELECT count(*) FROM connector_definitions";
  SECTION("a migration") {
    session->execute("INSERT INTO mapctl_schema_version VALUES (9999, 'of the future', now())");
    CHECK_THROWS_AS(migrate(*session, *world.clock, std::nullopt), Error);
  }
  SECTION("an import") {
    CHECK_THROWS_AS(import_registry(
                        *session,
                        [](std::string& line) {
                          line = "{\"schema\":\"something else\"}";
                          return true;
                        },
                        std::nullopt),
                    Error);
  }
  CHECK(value(*session, count) == "0");
}
