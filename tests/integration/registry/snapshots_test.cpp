// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/registry/fixture.hpp"

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;

namespace {

catalog::Catalog catalog_of(const std::string& type, TimePoint taken_at) {
  catalog::Column id;
  id.name = catalog::ColumnName{"id"};
  id.position = 1;
  id.type = catalog::parse_data_type(type);
  catalog::Table lead;
  lead.name = catalog::TableName{"Lead"};
  lead.columns = {id};
  lead.primary_key = {id.name};
  catalog::Catalog catalog;
  catalog.system = "sqlite";
  catalog.taken_at = taken_at;
  catalog.schemas = {{catalog::SchemaName{}, {lead}}};
  return catalog;
}

}  // namespace

TEST_CASE("a snapshot reads back as it was stored", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const ProfileName crm{"crm"};
  CHECK_FALSE(registry.latest_snapshot(crm));
  const auto catalog = catalog_of("varchar(18)", file.clock.now());
  const SnapshotRecord stored = registry.store_snapshot(crm, catalog);
  const auto latest = registry.latest_snapshot(crm);
  REQUIRE(latest);
  CHECK(latest->id == stored.id);
  CHECK(latest->fingerprint == stored.fingerprint);
  CHECK(latest->fingerprint.size() == 64);
  CHECK(latest->tables == 1);
  CHECK(latest->columns == 1);
  CHECK(latest->taken_at == "2026-02-02T02:40:00.000Z");
  CHECK(registry.load_snapshot(latest->id).schemas == catalog.schemas);
  CHECK(error_of([&] { registry.load_snapshot(SnapshotId{"x"}); }).code() == ErrorCode::not_found);
}

TEST_CASE("a look without statistics keeps those of an earlier look at the same structure",
          "[registry]") {
  RegistryFile file;
  Registry registry = file.open();
  const ProfileName crm{"crm"};
  auto profiled = catalog_of("varchar(18)", file.clock.now());
  auto& column = profiled.schemas[0].tables[0].columns[0];
  column.statistics.emplace();
  column.statistics->rows = column.statistics->distinct = 7;
  profiled.schemas[0].tables[0].row_count = 7;
  registry.store_snapshot(crm, profiled);

  file.clock.milliseconds += 60'000;
  const auto plain = registry.store_snapshot(crm, catalog_of("varchar(18)", file.clock.now()));
  const auto kept = registry.load_snapshot(plain.id);
  CHECK(kept.schemas == profiled.schemas);
  CHECK(to_iso8601(kept.taken_at) == "2026-02-02T02:41:00.000Z");

  column.statistics->rows = column.statistics->distinct = 9;
  registry.store_snapshot(crm, profiled);
  CHECK(registry.load_snapshot(plain.id).schemas == profiled.schemas);
}

TEST_CASE("equal structure is kept once, another structure becomes the latest", "[registry]") {
  RegistryFile file;
  Registry registry = file.open();
  const ProfileName crm{"crm"};
  const auto first = registry.store_snapshot(crm, catalog_of("varchar(18)", file.clock.now()));
  file.clock.milliseconds += 60'000;
  auto again = catalog_of("varchar(18)", file.clock.now());
  again.schemas[0].tables[0].row_count = 12;
  const auto second = registry.store_snapshot(crm, again);
  CHECK(second.id == first.id);
  CHECK(registry.latest_snapshot(crm)->taken_at == "2026-02-02T02:41:00.000Z");
  CHECK(registry.load_snapshot(second.id).schemas[0].tables[0].row_count == 12);

  const auto third = registry.store_snapshot(crm, catalog_of("integer", file.clock.now()));
  CHECK(third.id != first.id);
  CHECK(third.fingerprint != first.fingerprint);
  CHECK(registry.latest_snapshot(crm)->id == third.id);
  registry.store_snapshot(ProfileName{"billing"}, catalog_of("integer", file.clock.now()));
  const auto list = registry.snapshots();
  REQUIRE(list.size() == 3);
  CHECK(list[0].profile.text == "billing");
  CHECK(list[1].id == third.id);
  CHECK(list[2].id == first.id);
}
