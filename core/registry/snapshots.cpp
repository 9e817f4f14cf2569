// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/catalog/snapshot.hpp"
#include "core/registry/registry.hpp"
#include "core/registry/state.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace mapctl::registry {
namespace {

// A column list that read_snapshot() knows.
constexpr auto latest_sql =
    "SELECT s.id, o.profile, s.fingerprint, s.taken_at, s.table_count, s.column_count, "
    "s.sequence FROM snapshots s JOIN sources o ON o.id = s.source_id AND "
    "o.tenant_id = s.tenant_id WHERE s.tenant_id = $1 AND o.profile = $2 "
    "ORDER BY s.sequence DESC LIMIT 1";
constexpr auto list_sql =
    "SELECT s.id, o.profile, s.fingerprint, s.taken_at, s.table_count, s.column_count, "
    "s.sequence FROM snapshots s JOIN sources o ON o.id = s.source_id AND "
    "o.tenant_id = s.tenant_id WHERE s.tenant_id = $1 ORDER BY o.profile, s.sequence DESC";

SnapshotRecord read_snapshot(const Query& row) {
  return {SnapshotId{row.text(0)}, ProfileName{row.text(1)}, row.text(2), row.text(3),
          row->integer(4),         row->integer(5)};
}

std::string source_id(RegistryState& state, const ProfileName& profile, const std::string& system) {
  Query select{state, "SELECT id FROM sources WHERE tenant_id = $1 AND profile = $2"};
  if (select.with(state.tenant, profile.text).step()) {
    return select.text(0);
  }
  std::string id = make_id({"source", state.tenant, profile.text});
  Query insert{state,
               "INSERT INTO sources (id, tenant_id, profile, system, created_at) "
               "VALUES ($1, $2, $3, $4, $5)"};
  insert.with(id, state.tenant, profile.text, system, state.now()).step();
  return id;
}

bool has_statistics(const catalog::Catalog& catalog) {
  for (const auto& entry : catalog.tables()) {
    for (const catalog::Column& column : entry.table->columns) {
      if (column.statistics) {
        return true;
      }
    }
  }
  return false;
}

// The new snapshot with what an earlier look at the same structure found in the data.
catalog::Catalog with_known_statistics(const catalog::Catalog& now,
                                       const catalog::Catalog& before) {
  catalog::Catalog merged = now;
  for (catalog::Schema& schema : merged.schemas) {
    for (catalog::Table& table : schema.tables) {
      const catalog::Table* known = before.find({schema.name, table.name});
      if (known == nullptr) {
        continue;
      }
      if (!table.row_count || (table.row_count_is_estimate && known->row_count)) {
        table.row_count = known->row_count;
        table.row_count_is_estimate = known->row_count_is_estimate;
      }
      for (catalog::Column& column : table.columns) {
        if (const catalog::Column* kept = known->find(column.name)) {
          column.statistics = kept->statistics;
          column.personal = kept->personal;
        }
      }
    }
  }
  return merged;
}

}  // namespace

SnapshotRecord Registry::store_snapshot(const ProfileName& profile,
                                        const catalog::Catalog& catalog) {
  check_name("the profile's name", profile.text);
  SnapshotRecord snapshot;
  snapshot.profile = profile;
  snapshot.fingerprint = catalog::fingerprint(catalog);
  snapshot.taken_at = to_iso8601(catalog.taken_at);
  for (const auto& entry : catalog.tables()) {
    ++snapshot.tables;
    snapshot.columns += static_cast<std::int64_t>(entry.table->columns.size());
  }
  std::string document = to_line(catalog::to_json(catalog, profile.text));

  Write write{*state_};
  std::int64_t sequence = 1;
  Query latest{*state_, latest_sql};
  if (latest.with(state_->tenant, profile.text).step()) {
    if (latest.text(2) == snapshot.fingerprint) {
      snapshot.id = SnapshotId{latest.text(0)};
      if (!has_statistics(catalog)) {
        const catalog::Catalog kept = load_snapshot(snapshot.id);
        if (has_statistics(kept)) {
          document = to_line(catalog::to_json(with_known_statistics(catalog, kept), profile.text));
        }
      }
      Query update{*state_,
                   "UPDATE snapshots SET catalog = $1, taken_at = $2 "
                   "WHERE id = $3 AND tenant_id = $4"};
      update.with(document, snapshot.taken_at, snapshot.id.text, state_->tenant).step();
      write.commit();
      return snapshot;
    }
    sequence = latest->integer(6) + 1;
  }
  const std::string source = source_id(*state_, profile, catalog.system);
  snapshot.id = SnapshotId{make_id({"snapshot", source, std::to_string(sequence)})};
  Query insert{*state_,
               "INSERT INTO snapshots (id, tenant_id, source_id, sequence, fingerprint, catalog, "
               "table_count, column_count, taken_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
  insert
      .with(snapshot.id.text, state_->tenant, source, sequence, snapshot.fingerprint, document,
            snapshot.tables, snapshot.columns, snapshot.taken_at)
      .step();
  write.commit();
  return snapshot;
}

std::optional<SnapshotRecord> Registry::latest_snapshot(const ProfileName& profile) {
  Query select{*state_, latest_sql};
  if (!select.with(state_->tenant, profile.text).step()) {
    return std::nullopt;
  }
  return read_snapshot(select);
}

catalog::Catalog Registry::load_snapshot(const SnapshotId& snapshot) {
  Query select{*state_, "SELECT catalog FROM snapshots WHERE id = $1 AND tenant_id = $2"};
  if (!is_uuid(snapshot.text) || !select.with(snapshot.text, state_->tenant).step()) {
    throw Error{ErrorCode::not_found, fmt::format("there is no snapshot '{}'", snapshot.text),
                "list them with: mapctl registry status"};
  }
  return catalog::catalog_from_json(
      parse_json(select->text(0), fmt::format("snapshot {}", snapshot.text)));
}

std::vector<SnapshotRecord> Registry::snapshots() {
  std::vector<SnapshotRecord> snapshots;
  Query select{*state_, list_sql};
  select.with(state_->tenant);
  while (select.step()) {
    snapshots.push_back(read_snapshot(select));
  }
  return snapshots;
}

}  // namespace mapctl::registry
