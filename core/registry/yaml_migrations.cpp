// SPDX-License-Identifier: Apache-2.0
#include "core/registry/yaml_migrations.hpp"

#include "core/base/error.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>

#include <utility>

namespace mapctl::registry {
namespace {

#define MAPCTL_YAML_COLUMNS                                                               \
  "y.id, y.directory, y.phase, y.step, y.revision, y.percent, y.archive, y.archived_at, " \
  "y.keep_until, y.validated_hash, y.started_at, y.updated_at"

YamlMigrationRecord read_migration(const ports::SqlStatement& row) {
  const auto text = [&](int column) { return std::string{row.text(column)}; };
  YamlMigrationRecord record;
  record.id = text(0);
  record.directory = text(1);
  const auto phase = yaml_phase_from(row.text(2));
  if (!phase) {
    throw Error{
        ErrorCode::invalid_data,
        fmt::format("the migration of '{}' has an unknown phase in the registry", record.directory),
        "restore the registry from a backup"};
  }
  record.phase = *phase;
  record.step = text(3);
  record.revision = row.integer(4);
  record.percent = static_cast<int>(row.integer(5));
  record.archive = text(6);
  record.archived_at = text(7);
  record.keep_until = text(8);
  record.validated_hash = text(9);
  record.started_at = text(10);
  record.updated_at = text(11);
  return record;
}

#define MAPCTL_YAML_FILE_COLUMNS "f.name, f.connector, f.sha256, f.content, f.previous, f.mappings"

YamlFileRecord read_file_record(const ports::SqlStatement& row, int first) {
  YamlFileRecord file;
  file.name = row.text(first);
  file.connector = mapping::ConnectorName{std::string{row.text(first + 1)}};
  file.sha256 = row.text(first + 2);
  file.content = row.text(first + 3);
  if (!row.is_null(first + 4)) {
    file.previous = std::string{row.text(first + 4)};
  }
  file.mappings = row.integer(first + 5);
  return file;
}

void bind_time(Query& query, int parameter, const std::string& time) {
  time.empty() ? query->bind_null(parameter) : query->bind(parameter, time);
}

[[noreturn]] void fail_changed(const YamlMigrationRecord& record) {
  throw Error{ErrorCode::conflict,
              fmt::format("another process went on with the migration of '{}'", record.directory),
              "run the phase again"};
}

}  // namespace

std::string_view to_string(YamlPhase phase) noexcept {
  switch (phase) {
    case YamlPhase::shadow: return "shadow";
    case YamlPhase::validate: return "validate";
    case YamlPhase::canary: return "canary";
    case YamlPhase::cutover: return "cutover";
    case YamlPhase::rolled_back: return "rolled_back";
  }
  return {};
}

std::optional<YamlPhase> yaml_phase_from(std::string_view word) noexcept {
  for (int i = 0; i <= static_cast<int>(YamlPhase::rolled_back); ++i) {
    if (to_string(static_cast<YamlPhase>(i)) == word) {
      return static_cast<YamlPhase>(i);
    }
  }
  return std::nullopt;
}

YamlMigrations::YamlMigrations(Registry& registry) noexcept : state_{*registry.state_} {}

std::optional<YamlMigrationRecord> YamlMigrations::find(std::string_view directory) {
  Query select{state_, "SELECT " MAPCTL_YAML_COLUMNS
                       " FROM yaml_migrations y WHERE y.tenant_id = $1 AND y.directory = $2"};
  if (!select.with(state_.tenant, directory).step()) {
    return std::nullopt;
  }
  return read_migration(*select);
}

std::vector<YamlMigrationRecord> YamlMigrations::list() {
  std::vector<YamlMigrationRecord> records;
  Query select{state_, "SELECT " MAPCTL_YAML_COLUMNS
                       " FROM yaml_migrations y WHERE y.tenant_id = $1 ORDER BY y.directory"};
  select.with(state_.tenant);
  while (select.step()) {
    records.push_back(read_migration(*select));
  }
  return records;
}

std::vector<YamlFileRecord> YamlMigrations::files(const YamlMigrationRecord& migration) {
  std::vector<YamlFileRecord> files;
  if (migration.id.empty()) {
    return files;
  }
  Query select{state_, "SELECT " MAPCTL_YAML_FILE_COLUMNS
                       " FROM yaml_migration_files f WHERE f.tenant_id = $1 AND "
                       "f.migration_id = $2 ORDER BY f.name"};
  select.with(state_.tenant, migration.id);
  while (select.step()) {
    files.push_back(read_file_record(*select, 0));
  }
  return files;
}

std::optional<YamlMigrations::ConnectorFile> YamlMigrations::file_of(
    const mapping::ConnectorName& connector) {
  Query select{state_, "SELECT " MAPCTL_YAML_COLUMNS ", " MAPCTL_YAML_FILE_COLUMNS
                       " FROM yaml_migration_files f JOIN yaml_migrations y "
                       "ON y.id = f.migration_id AND y.tenant_id = f.tenant_id "
                       "WHERE f.tenant_id = $1 AND f.connector = $2 "
                       "ORDER BY CASE WHEN y.phase = 'rolled_back' THEN 1 ELSE 0 END, "
                       "y.updated_at DESC"};
  if (!select.with(state_.tenant, connector.text).step()) {
    return std::nullopt;
  }
  return ConnectorFile{read_migration(*select), read_file_record(*select, 12)};
}

bool YamlMigrations::has_rules(const mapping::ConnectorName& connector) {
  const std::string* id = state_.find_connector(connector);
  if (id == nullptr) {
    return false;
  }
  Query select{state_,
               "SELECT 1 FROM field_mappings WHERE tenant_id = $1 AND connector_id = $2 LIMIT 1"};
  return select.with(state_.tenant, *id).step();
}

void YamlMigrations::for_each_rule(const mapping::ConnectorName& connector,
                                   const std::function<void(const StoredRule&)>& visit) {
  const std::string* id = state_.find_connector(connector);
  if (id == nullptr) {
    return;
  }
  Query select{state_,
               "SELECT source_table, source_field, canonical_entity, canonical_field, "
               "transformation_rule, status, version FROM field_mappings "
               "WHERE tenant_id = $1 AND connector_id = $2"};
  select.with(state_.tenant, *id);
  while (select.step()) {
    visit({select->text(0), select->text(1), select->text(2), select->text(3), select->text(4),
           select->text(5), static_cast<int>(select->integer(6))});
  }
}

std::vector<YamlDiscrepancyRecord> YamlMigrations::discrepancies(
    const YamlMigrationRecord& migration) {
  std::vector<YamlDiscrepancyRecord> found;
  Query select{state_,
               "SELECT connector, source_table, source_field, entity, field, kind, in_yaml, "
               "in_registry, phase, found_at FROM yaml_discrepancies WHERE tenant_id = $1 AND "
               "migration_id = $2 ORDER BY found_at, id"};
  select.with(state_.tenant, migration.id);
  while (select.step()) {
    found.push_back({{mapping::ConnectorName{select.text(0)}, catalog::TableName{select.text(1)},
                      mapping::FieldPath{select.text(2)}, mapping::EntityName{select.text(3)},
                      mapping::FieldPath{select.text(4)}},
                     select.text(5),
                     select.text(6),
                     select.text(7),
                     select.text(8),
                     select.text(9)});
  }
  return found;
}

void YamlMigrations::write_discrepancies(const YamlMigrationRecord& migration,
                                         const std::vector<YamlDiscrepancyRecord>& discrepancies) {
  const std::string now = state_.now();
  std::size_t count = 0;
  for (const YamlDiscrepancyRecord& found : discrepancies) {
    const std::string id =
        make_id({"yaml_discrepancy", migration.id, now, fmt::format("{}", count++),
                 found.key.connector.text, found.key.source_table.text, found.key.source_field.text,
                 found.key.entity.text, found.key.field.text});
    Query insert{state_,
                 "INSERT INTO yaml_discrepancies (id, tenant_id, migration_id, connector, "
                 "source_table, source_field, entity, field, kind, in_yaml, in_registry, phase, "
                 "found_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"};
    insert.with(id, state_.tenant, migration.id, found.key.connector.text,
                found.key.source_table.text, found.key.source_field.text, found.key.entity.text,
                found.key.field.text, found.kind, found.in_yaml, found.in_registry, found.phase,
                now);
    insert.step();
  }
}

void YamlMigrations::record(const YamlMigrationRecord& migration,
                            const std::vector<YamlDiscrepancyRecord>& discrepancies) {
  Write write{state_, Role::viewer, "look up mappings"};
  write_discrepancies(migration, discrepancies);
  write.commit();
}

void YamlMigrations::save(YamlMigrationRecord& record, const YamlUpdate& update) {
  YamlMigrationRecord next = record;
  Write write{state_, Role::admin, "migrate mapping files"};
  next.updated_at = state_.now();
  if (next.id.empty()) {
    next.id = make_id({"yaml_migration", state_.tenant, next.directory});
    next.started_at = next.updated_at;
  }
  const auto bind = [&](Query& query) {
    query.with(next.id, state_.tenant, next.directory, to_string(next.phase), next.step,
               next.revision + 1, next.percent, next.archive, next.archived_at, next.keep_until,
               next.validated_hash, next.started_at, next.updated_at);
    bind_time(query, 9, next.archived_at);
    bind_time(query, 10, next.keep_until);
  };
  if (next.revision == 0) {
    Query insert{state_,
                 "INSERT INTO yaml_migrations (id, tenant_id, directory, phase, step, revision, "
                 "percent, archive, archived_at, keep_until, validated_hash, started_at, "
                 "updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
                 "ON CONFLICT DO NOTHING"};
    bind(insert);
    insert.step();
  } else {
    Query change{state_,
                 "UPDATE yaml_migrations SET directory = $3, phase = $4, step = $5, "
                 "revision = $6, percent = $7, archive = $8, archived_at = $9, keep_until = $10, "
                 "validated_hash = $11, started_at = $12, updated_at = $13 "
                 "WHERE id = $1 AND tenant_id = $2 AND revision = $6 - 1"};
    bind(change);
    change.step();
  }
  if (state_.session->changes() != 1) {
    fail_changed(record);
  }
  ++next.revision;

  if (update.files) {
    Query remove{state_,
                 "DELETE FROM yaml_migration_files WHERE tenant_id = $1 AND migration_id = $2"};
    remove.with(state_.tenant, next.id).step();
    for (const YamlFileRecord& file : *update.files) {
      check_name("the mapping file's name", file.name);
      Query insert{state_,
                   "INSERT INTO yaml_migration_files (migration_id, tenant_id, name, connector, "
                   "sha256, content, previous, mappings) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
      insert.with(next.id, state_.tenant, file.name, file.connector.text, file.sha256,
                  file.content);
      insert->bind_or_null(7, file.previous);
      insert->bind(8, file.mappings);
      insert.step();
    }
  }
  write_discrepancies(next, update.discrepancies);
  write_mappings(update);
  write.commit();
  record = std::move(next);
}

}  // namespace mapctl::registry
