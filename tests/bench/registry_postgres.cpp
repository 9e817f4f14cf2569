// SPDX-License-Identifier: Apache-2.0
// The registry on PostgreSQL against the same statements by hand with libpq, on the same server, in
// one run. MAPCTL_BENCH_POSTGRES names what tests/support/postgres_server.sh wrote about it.
#include "connectors/postgres/session.hpp"
#include "core/registry/registry.hpp"
#include "tests/bench/registry_figures.hpp"

#include <libpq-fe.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace mapctl;
using namespace mapctl::registry;

constexpr auto name = "registry on PostgreSQL";

class Server {
 public:
  Server() {
    const char* path = std::getenv("MAPCTL_BENCH_POSTGRES");
    std::ifstream file{path == nullptr ? "" : path};
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("directory=")) {
        directory_ = line.substr(10);
      } else if (line.starts_with("port=")) {
        port_ = line.substr(5);
      }
    }
    if (directory_.empty()) {
      throw std::runtime_error{"MAPCTL_BENCH_POSTGRES names no server"};
    }
  }
  std::string url(const std::string& role) const {
    return "postgresql://" + role + "@/mapctl_test?host=" + directory_ + "&port=" + port_;
  }
  Registry open() const {
    auto session = connectors::postgres::open_registry_session(
        {Secret{url("mapctl") + "&schema=bench"}, true});
    initialise(*session, system_clock());
    return {std::move(session), system_clock(), bench::bench_actor()};
  }

 private:
  std::string directory_{}, port_{};
};

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Clear>;

// A connection by hand. As the superuser no policy restricts it, as mapctl those of the tenant do.
class Bare {
 public:
  Bare(const Server& server, const std::string& role)
      : connection_{PQconnectdb(server.url(role).c_str())} {
    run("SET search_path = bench");
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;
  ~Bare() { PQfinish(connection_); }

  Result run(const std::string& sql) {
    Result result{PQexec(connection_, sql.c_str())};
    check(result.get());
    return result;
  }
  std::string value(const std::string& sql) { return PQgetvalue(run(sql).get(), 0, 0); }
  void prepare(const char* statement, const std::string& sql) {
    check(Result{PQprepare(connection_, statement, sql.c_str(), 0, nullptr)}.get());
  }
  Result ask(const char* statement, const std::vector<const char*>& values) {
    Result result{PQexecPrepared(connection_, statement, static_cast<int>(values.size()),
                                 values.data(), nullptr, nullptr, 0)};
    check(result.get());
    return result;
  }
  // All rows of a query as binary COPY writes them.
  std::string copy_out(const std::string& query) {
    run("COPY (" + query + ") TO STDOUT (FORMAT binary)");
    std::string bytes;
    char* part = nullptr;
    for (int size = 0; (size = PQgetCopyData(connection_, &part, 0)) > 0; PQfreemem(part)) {
      bytes.append(part, static_cast<std::size_t>(size));
    }
    while (Result{PQgetResult(connection_)}) {
    }
    return bytes;
  }
  void copy_in(const std::string& table, const std::string& bytes) {
    run("COPY " + table + " FROM STDIN (FORMAT binary)");
    constexpr std::size_t part = 256 * 1024;
    for (std::size_t at = 0; at < bytes.size(); at += part) {
      const std::size_t size = std::min(part, bytes.size() - at);
      PQputCopyData(connection_, bytes.data() + at, static_cast<int>(size));
    }
    PQputCopyEnd(connection_, nullptr);
    while (Result result{PQgetResult(connection_)}) {
      check(result.get());
    }
  }

 private:
  void check(const PGresult* result) const {
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN &&
        status != PGRES_COPY_OUT) {
      throw std::runtime_error{PQerrorMessage(connection_)};
    }
  }
  PGconn* connection_;
};

void bench_bulk(Registry& registry, const Server& server) {
  constexpr int bulk = 10'000;
  constexpr int rounds = 7;
  double ours = 1e30;
  for (int round = 0; round < rounds; ++round) {
    ours = std::min(ours, bench::put(registry, "bulk_" + std::to_string(round), bulk));
  }
  // COPY cannot be held to policies, so it runs as the superuser.
  Bare bare{server, "postgres"};
  const std::string last = "bulk_" + std::to_string(rounds - 1);
  const std::string first_row = std::to_string((rounds - 1) * bulk);
  const std::string mappings =
      bare.copy_out("SELECT * FROM field_mappings WHERE source_table = '" + last + "'");
  const std::string audit = bare.copy_out("SELECT * FROM mapping_audit_log WHERE position > " +
                                          first_row + " ORDER BY position");
  double theirs = 1e30;
  for (int round = 0; round < rounds; ++round) {
    bare.run("DELETE FROM field_mappings WHERE source_table = '" + last +
             "'; DELETE FROM mapping_audit_log WHERE position > " + first_row);
    theirs = std::min(theirs, bench::fastest(1, [&] {
                        bare.run("BEGIN");
                        bare.copy_in("field_mappings", mappings);
                        bare.copy_in("mapping_audit_log", audit);
                        bare.run("COMMIT");
                      }));
  }
  bench::figure(name, "10,000 mappings with their audit rows in one transaction", ours * 1000,
                "ms");
  bench::figure(name, "the same rows by binary COPY", theirs * 1000, "ms");
  bench::figure(name, "bulk upsert / binary COPY", ours / theirs, "ratio", 1.3);
}

void fill(Bare& admin, int from_table, int to_table) {
  admin.run(
      "INSERT INTO field_mappings (id, tenant_id, connector_id, entity_schema_id, source_table, "
      "source_field, source_data_type, canonical_entity, canonical_field, canonical_data_type, "
      "mapping_type, confidence_score, mapping_source, status, created_at, created_by, "
      "updated_at, updated_by) SELECT gen_random_uuid(), tenant_id, connector_id, "
      "entity_schema_id, 'table_' || i, source_field, source_data_type, canonical_entity, "
      "canonical_field, canonical_data_type, mapping_type, confidence_score, mapping_source, "
      "'active', created_at, created_by, updated_at, updated_by FROM generate_series(" +
      std::to_string(from_table) + ", " + std::to_string(to_table) +
      ") i, field_mappings m WHERE m.source_table = 'table_0'");
  admin.run("ANALYZE field_mappings");
}

void bench_lookups(Registry& registry, const Server& server, Bare& admin) {
  const std::string tenant = admin.value("SELECT id FROM tenants WHERE name = 'default'");
  const std::string connector = admin.value("SELECT id FROM connector_definitions LIMIT 1");
  // The policies hold here, too.
  Bare bare{server, "mapctl"};
  bare.run("SET mapctl.tenant = '" + tenant + "'; SET TimeZone = 'UTC'");
  const std::string columns =
      "SELECT id, source_table, source_field, canonical_entity, canonical_field, "
      "source_data_type, canonical_data_type, mapping_type, transformation_rule, "
      "confidence_score, validation_status, mapping_source, version, status, notes, created_at, "
      "created_by, updated_at, updated_by FROM field_mappings WHERE tenant_id = $1 AND "
      "connector_id = $2 AND source_table = $3 ";
  bare.prepare("by_field", columns +
                               "AND source_field = $4 AND status = 'active' ORDER BY "
                               "canonical_entity, canonical_field");
  bare.prepare("by_table", columns +
                               "AND status = 'active' ORDER BY source_field, "
                               "canonical_entity, canonical_field");
  const auto rows = [](const Result& result) {
    return static_cast<std::size_t>(PQntuples(result.get()));
  };
  bench::lookup_figures(
      registry, name, std::stoll(admin.value("SELECT count(*) FROM field_mappings")), 1.15,
      [&](const std::string& table, const std::string& field) {
        return rows(bare.ask("by_field",
                             {tenant.c_str(), connector.c_str(), table.c_str(), field.c_str()}));
      },
      [&](const std::string& table) {
        return rows(bare.ask("by_table", {tenant.c_str(), connector.c_str(), table.c_str()}));
      });
}

int run() {
  const Server server;
  Bare admin{server, "postgres"};
  admin.run("DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench AUTHORIZATION mapctl");
  Registry registry = server.open();
  bench_bulk(registry, server);
  for (int round = 0; round < 13; ++round) {
    bench::put(registry, "more_" + std::to_string(round), 10'000);
  }
  bench::verify_figure(registry, name);

  bench::put(registry, "table_0", bench::wide_fields);
  const int tables = bench::kept_mappings() / bench::wide_fields;
  admin.run("DELETE FROM field_mappings WHERE source_table <> 'table_0'");
  const int small = std::min(tables, 100'000 / bench::wide_fields);
  fill(admin, 1, small);
  refresh_lineage(registry);
  const std::string in_grid =
      bench::grouped(std::stoll(admin.value("SELECT count(*) FROM mv_mapping_lineage_grid")));
  bench::figure(name, "lineage grid refreshed with " + in_grid + " mappings",
                bench::fastest(3, [&] { refresh_lineage(registry); }), "s", 1);
  admin.run("ANALYZE mv_mapping_lineage_grid");
  bench::lineage_figure(registry, name);
  bench::similar_figures(registry, name,
                         static_cast<std::size_t>((small + 1) * bench::wide_fields));
  admin.run("DELETE FROM mapping_embeddings");
  if (small < tables) {
    fill(admin, small + 1, tables);
  }
  admin.run("VACUUM ANALYZE field_mappings");
  bench_lookups(registry, server, admin);
  bench::snapshot_figures(registry, name);
  admin.run(
      "INSERT INTO mapping_audit_log (tenant_id, position, id, field_mapping_id, action, "
      "new_value, changed_by, change_reason, trace_id, created_at, payload_digest, "
      "previous_hash) SELECT tenant_id, i, gen_random_uuid(), field_mapping_id, action, "
      "new_value, changed_by, change_reason, trace_id, created_at, payload_digest, "
      "previous_hash FROM generate_series(1000000, 1850000) i, (SELECT * FROM "
      "mapping_audit_log LIMIT 1) AS one");
  admin.run("ANALYZE mapping_audit_log");
  bench::audit_tail_figure(registry, name,
                           std::stoll(admin.value("SELECT count(*) FROM mapping_audit_log")));
  return EXIT_SUCCESS;
}

}  // namespace

int main() {
  try {
    return run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_registry_postgres: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
