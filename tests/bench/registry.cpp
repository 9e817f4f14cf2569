// SPDX-License-Identifier: Apache-2.0
// The registry against the same statements by hand in C, on the same kind of file, in one run.
#include "core/registry/registry.hpp"

#include "connectors/sqlite/session.hpp"
#include "core/base/file.hpp"
#include "tests/bench/registry_figures.hpp"

#include <sqlite3.h>

#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace mapctl;
using namespace mapctl::registry;
using connectors::sqlite::open_registry_session;
using connectors::sqlite::OpenMode;

constexpr int pairs = 200;
constexpr int fields = 25;
constexpr int rounds = 5;

void check(int code, sqlite3* database) {
  if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) {
    throw std::runtime_error{sqlite3_errmsg(database)};
  }
}

// A connection with the settings of a registry session.
class Bare {
 public:
  explicit Bare(const std::filesystem::path& path) {
    check(sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                          nullptr),
          database_);
    run("PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;"
        "PRAGMA secure_delete = OFF; PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = "
        "16384");
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;
  ~Bare() { sqlite3_close(database_); }
  void run(const char* sql) {
    check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr), database_);
  }
  sqlite3_stmt* prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v3(database_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement,
                             nullptr),
          database_);
    return statement;
  }
  sqlite3* raw() { return database_; }

 private:
  sqlite3* database_ = nullptr;
};

mapping::PairProposal make_pair(int number) {
  static const std::vector<std::string> signals{"name",   "tokens", "type",
                                                "values", "key",    "description"};
  std::mt19937 random{static_cast<unsigned>(number)};
  std::uniform_real_distribution<double> share{0, 1};
  mapping::PairProposal pair;
  pair.source_table = {catalog::SchemaName{"crm"},
                       catalog::TableName{"source_table_" + std::to_string(number)}};
  pair.target_table = {{}, catalog::TableName{"account"}};
  pair.confidence = 0.8;
  for (int f = 0; f < fields; ++f) {
    mapping::FieldProposal field;
    field.source_column = catalog::ColumnName{"source_field_" + std::to_string(f)};
    field.decision = {0};
    for (int c = 0; c < 5; ++c) {
      mapping::Candidate candidate;
      candidate.target_table = pair.target_table;
      candidate.target_column =
          catalog::ColumnName{"target_field_" + std::to_string((f + c) % fields)};
      candidate.score = share(random);
      candidate.confidence = share(random);
      for (std::size_t e = 0; e < 4; ++e) {
        candidate.evidence.push_back({signals[e + static_cast<std::size_t>(c % 3)], share(random),
                                      share(random), "both names hold the word 'field'"});
      }
      field.candidates.push_back(std::move(candidate));
    }
    field.confidence = field.candidates[0].confidence;
    pair.fields.push_back(std::move(field));
  }
  return pair;
}

PairContext make_context() {
  PairContext context;
  context.connector = mapping::ConnectorName{"crm"};
  context.entity = mapping::EntityName{"account"};
  context.canonical = true;
  return context;
}

Registry open_new(const std::filesystem::path& path) {
  auto session = open_registry_session(path, OpenMode::create);
  initialise(*session, system_clock());
  return Registry{std::move(session), system_clock(), {TenantName{"default"}, UserName{"bench"}}};
}

JobRecord make_job(int position) {
  JobRecord job;
  job.position = position;
  job.source_endpoint = "crm";
  job.target_endpoint = "canonical";
  job.input_hash = std::string(64, 'a');
  return job;
}

using Row = std::vector<std::string>;

// Every row of a table as text, in the order in which it was written; `null` columns are left out
// by the statement that writes them.
std::vector<Row> rows_of(Bare& database, const std::string& sql) {
  std::vector<Row> rows;
  sqlite3_stmt* statement = database.prepare(sql);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    Row row;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      row.emplace_back(text == nullptr ? "" : text,
                       static_cast<std::size_t>(sqlite3_column_bytes(statement, i)));
    }
    rows.push_back(std::move(row));
  }
  sqlite3_finalize(statement);
  return rows;
}

std::int64_t count_of(Bare& database, const std::string& table) {
  return std::stoll(rows_of(database, "SELECT count(*) FROM " + table).at(0).at(0));
}

void insert(sqlite3* database, sqlite3_stmt* statement, const Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    sqlite3_bind_text(statement, static_cast<int>(i) + 1, row[i].data(),
                      static_cast<int>(row[i].size()), SQLITE_STATIC);
  }
  check(sqlite3_step(statement), database);
  sqlite3_reset(statement);
}

std::string insert_sql(const std::string& table, const std::string& columns, std::size_t count) {
  std::string sql = "INSERT INTO " + table + " (" + columns + ") VALUES (?";
  for (std::size_t i = 1; i < count; ++i) {
    sql += ",?";
  }
  return sql + ")";
}

struct BareTable {
  std::string name;
  std::string columns;
  int rows_a_pair;
  std::vector<Row> rows{};
};

void bench_store(const std::filesystem::path& directory) {
  std::vector<mapping::PairProposal> proposals;
  for (int i = 0; i < pairs; ++i) {
    proposals.push_back(make_pair(i));
  }
  const PairContext context = make_context();
  double ours = 1e30;
  double bare = 1e30;
  for (int round = 0; round < rounds; ++round) {
    const auto path = directory / ("store" + std::to_string(round) + ".db");
    {
      Registry registry = open_new(path);
      const RunId run = registry.begin_run({"bench", "", ""});
      ours = std::min(ours, bench::fastest(1, [&] {
                        for (int i = 0; i < pairs; ++i) {
                          registry.store_pair(run, make_job(i),
                                              proposals[static_cast<std::size_t>(i)], context);
                        }
                      }));
    }
    std::vector<BareTable> tables{
        {"jobs",
         "id, tenant_id, batch_id, position, source_endpoint, target_endpoint, source_schema, "
         "source_table, target_schema, target_table, status, input_hash, confidence, evidence, "
         "unmapped_targets, source_fields, mapped, target_fields, seconds, updated_at, fields",
         1},
        {"field_mappings",
         "id, tenant_id, connector_id, entity_schema_id, source_table, source_field, "
         "source_data_type, canonical_entity, canonical_field, canonical_data_type, mapping_type, "
         "confidence_score, mapping_source, version, status, created_at, created_by, updated_at, "
         "updated_by, version_reason",
         fields},
        {"mapping_audit_log",
         "tenant_id, position, id, field_mapping_id, action, new_value, changed_by, "
         "change_reason, trace_id, created_at",
         fields}};
    Bare database{path};
    for (BareTable& table : tables) {
      table.rows =
          rows_of(database, "SELECT " + table.columns + " FROM " + table.name + " ORDER BY rowid");
    }
    database.run(
        "DELETE FROM jobs; DELETE FROM field_mappings;"
        "DELETE FROM mapping_audit_log; VACUUM;"
        "PRAGMA wal_checkpoint(TRUNCATE)");
    std::vector<sqlite3_stmt*> statements;
    for (const BareTable& table : tables) {
      statements.push_back(
          database.prepare(insert_sql(table.name, table.columns, table.rows.at(0).size())));
    }
    bare = std::min(
        bare, bench::fastest(1, [&] {
          for (int pair = 0; pair < pairs; ++pair) {
            database.run("BEGIN IMMEDIATE");
            for (std::size_t t = 0; t < tables.size(); ++t) {
              for (int r = 0; r < tables[t].rows_a_pair; ++r) {
                insert(database.raw(), statements[t],
                       tables[t].rows[static_cast<std::size_t>(pair * tables[t].rows_a_pair + r)]);
              }
            }
            database.run("COMMIT");
          }
        }));
    for (sqlite3_stmt* statement : statements) {
      sqlite3_finalize(statement);
    }
  }
  bench::figure("registry", "store 200 x 25 fields with evidence, versions and audit",
                pairs * fields / ours, "fields/s", 50'000, bench::Better::higher);
  bench::figure("registry", "the same rows by bare inserts", pairs * fields / bare, "fields/s");
  bench::figure("registry", "store / bare inserts", ours / bare, "ratio", 1.3);
}

// A registry with as many mappings as a large one has, made from one table's.
void bench_large(const std::filesystem::path& directory) {
  const auto path = directory / "large.db";
  Registry registry = open_new(path);
  constexpr int bulk = 10'000;
  double ours = 1e30;
  for (int round = 0; round < rounds; ++round) {
    ours = std::min(ours, bench::put(registry, "bulk_" + std::to_string(round), bulk));
  }
  {
    Bare database{path};
    std::vector<BareTable> tables{
        {"field_mappings",
         "id, tenant_id, connector_id, entity_schema_id, source_table, source_field, "
         "source_data_type, canonical_entity, canonical_field, canonical_data_type, mapping_type, "
         "confidence_score, validation_status, mapping_source, version, status, notes, "
         "created_at, created_by, updated_at, updated_by, approved_by, approved_at, "
         "version_reason",
         bulk},
        {"mapping_audit_log",
         "tenant_id, position, id, field_mapping_id, action, new_value, changed_by, "
         "change_reason, trace_id, created_at, payload_digest, previous_hash",
         bulk}};
    std::vector<sqlite3_stmt*> statements;
    for (BareTable& table : tables) {
      table.rows = rows_of(database, "SELECT " + table.columns + " FROM " + table.name +
                                         " ORDER BY rowid DESC LIMIT " + std::to_string(bulk));
      std::reverse(table.rows.begin(), table.rows.end());
      statements.push_back(
          database.prepare(insert_sql(table.name, table.columns, table.rows.at(0).size())));
    }
    double bare = 1e30;
    for (int round = 0; round < rounds; ++round) {
      database.run(("DELETE FROM field_mappings WHERE source_table = 'bulk_" +
                    std::to_string(rounds - 1) +
                    "'; DELETE FROM mapping_audit_log WHERE position > " +
                    std::to_string((rounds - 1) * bulk))
                       .c_str());
      bare = std::min(bare, bench::fastest(1, [&] {
                        database.run("BEGIN IMMEDIATE");
                        for (std::size_t row = 0; row < bulk; ++row) {
                          for (std::size_t t = 0; t < tables.size(); ++t) {
                            insert(database.raw(), statements[t], tables[t].rows[row]);
                          }
                        }
                        database.run("COMMIT");
                      }));
    }
    for (sqlite3_stmt* statement : statements) {
      sqlite3_finalize(statement);
    }
    bench::figure("registry", "10,000 mappings with their audit rows in one transaction",
                  ours * 1000, "ms");
    bench::figure("registry", "the same rows by bare inserts in one transaction", bare * 1000,
                  "ms");
    bench::figure("registry", "bulk upsert / bare inserts", ours / bare, "ratio", 1.3);
  }
  for (int round = 0; round < 15; ++round) {
    bench::put(registry, "more_" + std::to_string(round), bulk);
  }
  bench::verify_figure(registry, "registry");

  Bare database{path};
  bench::put(registry, "table_0", bench::wide_fields);
  database.run(
      ("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
       std::to_string(bench::kept_mappings() / bench::wide_fields) +
       ") INSERT INTO field_mappings (id, tenant_id, connector_id, entity_schema_id, "
       "source_table, source_field, source_data_type, canonical_entity, canonical_field, "
       "canonical_data_type, mapping_type, confidence_score, mapping_source, status, created_at, "
       "created_by, updated_at, updated_by) "
       "SELECT substr(hex(randomblob(18)), 1, 36), tenant_id, connector_id, entity_schema_id, "
       "'table_' || i, source_field, source_data_type, canonical_entity, canonical_field, "
       "canonical_data_type, mapping_type, confidence_score, mapping_source, 'active', "
       "created_at, created_by, updated_at, updated_by FROM n, (SELECT * FROM field_mappings "
       "WHERE source_table = 'table_0')")
          .c_str());
  const std::string tenant =
      rows_of(database, "SELECT tenant_id FROM field_mappings LIMIT 1")[0][0];
  const std::string connector =
      rows_of(database, "SELECT connector_id FROM field_mappings LIMIT 1")[0][0];
  const std::string columns =
      "SELECT id, source_table, source_field, canonical_entity, canonical_field, "
      "source_data_type, canonical_data_type, mapping_type, transformation_rule, "
      "confidence_score, validation_status, mapping_source, version, status, notes, created_at, "
      "created_by, updated_at, updated_by FROM field_mappings WHERE tenant_id = ? AND "
      "connector_id = ? AND source_table = ? ";
  sqlite3_stmt* by_field =
      database.prepare(columns +
                       "AND source_field = ? AND status = 'active' ORDER BY canonical_entity, "
                       "canonical_field");
  sqlite3_stmt* by_table = database.prepare(
      columns + "AND status = 'active' ORDER BY source_field, canonical_entity, canonical_field");
  std::size_t bytes = 0;
  const auto ask = [&](sqlite3_stmt* statement, const std::vector<const std::string*>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      sqlite3_bind_text(statement, static_cast<int>(i) + 1, values[i]->data(),
                        static_cast<int>(values[i]->size()), SQLITE_STATIC);
    }
    std::size_t rows = 0;
    for (; sqlite3_step(statement) == SQLITE_ROW; ++rows) {
      for (int i = 0; i < 19; ++i) {
        sqlite3_column_text(statement, i);
        bytes += static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
      }
    }
    sqlite3_reset(statement);
    return rows;
  };
  bench::lookup_figures(
      registry, "registry", count_of(database, "field_mappings"), 1.3,
      [&](const std::string& table, const std::string& field) {
        return ask(by_field, {&tenant, &connector, &table, &field});
      },
      [&](const std::string& table) {
        return ask(by_table, {&tenant, &connector, &table});
      });
  sqlite3_finalize(by_field);
  sqlite3_finalize(by_table);
  bench::snapshot_figures(registry, "registry");
  bench::lineage_figure(registry, "registry");
  // Reading the end of a trail asks nothing of its hashes.
  database.run(
      "WITH RECURSIVE n (i) AS (SELECT 1000000 UNION ALL SELECT i + 1 FROM n WHERE i < 1850000) "
      "INSERT INTO mapping_audit_log (tenant_id, position, id, field_mapping_id, action, "
      "new_value, changed_by, change_reason, trace_id, created_at, payload_digest, "
      "previous_hash) SELECT tenant_id, i, substr(hex(randomblob(18)), 1, 36), field_mapping_id, "
      "action, new_value, changed_by, change_reason, trace_id, created_at, payload_digest, "
      "previous_hash FROM n, (SELECT * FROM mapping_audit_log LIMIT 1)");
  bench::audit_tail_figure(registry, "registry", count_of(database, "mapping_audit_log"));
}

void bench_similar(const std::filesystem::path& directory) {
  Registry registry = open_new(directory / "similar.db");
  const int count = std::min(bench::kept_mappings(), 100'000);
  bench::put(registry, "wide", count);
  bench::similar_figures(registry, "registry", static_cast<std::size_t>(count));
}

}  // namespace

int main() {
  const TemporaryDirectory directory;
  bench_store(directory.path());
  bench_large(directory.path());
  bench_similar(directory.path());
  return EXIT_SUCCESS;
}
