// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/registry/place.hpp"

#include "connectors/sqlite/session.hpp"
#include "core/base/file.hpp"
#if MAPCTL_TEST_WITH_POSTGRES
#include "connectors/postgres/session.hpp"
#include "tests/support/postgres.hpp"
#endif
#include "tests/support/catch.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <utility>

namespace mapctl::registry::test {
namespace {

std::string first_value(ports::SqlSession& session, const std::string& sql) {
  const auto statement = session.prepare(sql);
  return statement->step() ? std::string{statement->text(0)} : "no row";
}

class FilePlace final : public Place {
 public:
  std::unique_ptr<ports::SqlSession> open(bool create, SessionSettings settings) const override {
    using namespace connectors::sqlite;
    return open_registry_session(file(), create ? OpenMode::create : OpenMode::read_write,
                                 {settings.busy_timeout, std::move(settings.stop)});
  }
  std::unique_ptr<ports::SqlSession> open_behind() const override { return open(false, {}); }
  std::filesystem::path file() const override { return directory_.path() / "registry.db"; }
  std::string columns(const std::string& table) const override {
    return first_value(*open_behind(),
                       "SELECT group_concat(name, ' ') FROM (SELECT name FROM pragma_table_info('" +
                           table + "') ORDER BY cid)");
  }
  bool is_sound() const override {
    return first_value(*open_behind(), "PRAGMA integrity_check") == "ok";
  }

 private:
  TemporaryDirectory directory_{};
};

#if MAPCTL_TEST_WITH_POSTGRES

// Functions of SQLite that tests look with.
constexpr auto helpers = R"sql(
BEGIN;
SELECT pg_advisory_xact_lock(20260202);
CREATE SCHEMA IF NOT EXISTS test_helpers;
CREATE OR REPLACE FUNCTION test_helpers.joined(state text, item text) RETURNS text
  LANGUAGE sql IMMUTABLE AS $$SELECT coalesce(state || ',', '') || item$$;
CREATE OR REPLACE FUNCTION test_helpers.joined(state text, item text, separator text) RETURNS text
  LANGUAGE sql IMMUTABLE AS $$SELECT coalesce(state || separator, '') || item$$;
CREATE OR REPLACE FUNCTION test_helpers.json_valid(document text) RETURNS boolean
  LANGUAGE sql IMMUTABLE AS $$SELECT document::json IS NOT NULL$$;
CREATE OR REPLACE FUNCTION test_helpers.json_extract(document text, path text) RETURNS text
  LANGUAGE sql IMMUTABLE AS $$SELECT document::json #>> string_to_array(substr(path, 3), '.')$$;
CREATE OR REPLACE FUNCTION test_helpers.round(number double precision, digits integer)
  RETURNS numeric LANGUAGE sql IMMUTABLE AS $$SELECT trim_scale(round(number::numeric, digits))$$;
CREATE OR REPLACE FUNCTION test_helpers.zeroblob(size integer) RETURNS bytea
  LANGUAGE sql IMMUTABLE AS $$SELECT decode(repeat('00', size), 'hex')$$;
CREATE OR REPLACE AGGREGATE test_helpers.group_concat(text)
  (SFUNC = test_helpers.joined, STYPE = text);
CREATE OR REPLACE AGGREGATE test_helpers.group_concat(text, text)
  (SFUNC = test_helpers.joined, STYPE = text);
COMMIT;
)sql";

// A schema of its own on the server that all tests share.
class SchemaPlace final : public Place {
 public:
  SchemaPlace() {
    static std::atomic<int> number{0};
    schema_ = "t" + std::to_string(getpid()) + "_" + std::to_string(++number);
    static const bool once = (admin("test_helpers")->execute(helpers), true);
    static_cast<void>(once);
    admin(schema_)->execute("DROP SCHEMA IF EXISTS " + schema_ + " CASCADE; CREATE SCHEMA " +
                            schema_ + " AUTHORIZATION mapctl");
  }
  ~SchemaPlace() override {
    if (std::getenv("MAPCTL_KEEP_TEST_DB") != nullptr) {
      return;
    }
    try {
      admin(schema_)->execute("DROP SCHEMA IF EXISTS " + schema_ + " CASCADE");
    } catch (const std::exception&) {
      // The server goes away with everything.
    }
  }
  std::unique_ptr<ports::SqlSession> open(bool create, SessionSettings settings) const override {
    return connectors::postgres::open_registry_session(
        {Secret{server_.url("mapctl", "schema=" + schema_)}, create},
        {settings.busy_timeout, std::chrono::milliseconds{15'000}, std::move(settings.stop)});
  }
  std::unique_ptr<ports::SqlSession> open_behind() const override {
    auto session = admin(schema_);
    session->execute("SET search_path = " + schema_ + ", test_helpers");
    session->use_tenant(ports::SqlSession::all_tenants);
    return session;
  }
  void refresh_lineage() const override {
    open_behind()->execute("REFRESH MATERIALIZED VIEW mv_mapping_lineage_grid");
  }
  std::string columns(const std::string& table) const override {
    return first_value(*open_behind(),
                       "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE "
                       "attrelid = '" +
                           table + "'::regclass AND attnum > 0 AND NOT attisdropped");
  }
  bool is_sound() const override {
    return first_value(*open_behind(),
                       "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
                       "WHERE c.relnamespace = current_schema()::regnamespace AND NOT "
                       "(i.indisvalid AND i.indisready)") == "0";
  }

 private:
  std::unique_ptr<ports::SqlSession> admin(const std::string& schema) const {
    return connectors::postgres::open_registry_session(
        {Secret{server_.url("postgres", "schema=" + schema)}, false});
  }

  const mapctl::test::PostgresServer& server_ = mapctl::test::PostgresServer::shared();
  std::string schema_{};
};

#endif

}  // namespace

std::unique_ptr<Place> make_place() {
  const char* kind = std::getenv("MAPCTL_TEST_REGISTRY");
  if (kind == nullptr || std::string_view{kind} != "postgres") {
    return std::make_unique<FilePlace>();
  }
#if MAPCTL_TEST_WITH_POSTGRES
  return std::make_unique<SchemaPlace>();
#else
  mapctl::test::skip("postgres", "this build has no connector to PostgreSQL");
#endif
}

}  // namespace mapctl::registry::test
