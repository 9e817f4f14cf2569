// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/migrate/folder.hpp"

#include <cstdlib>

using namespace mapctl;
using namespace mapctl::jobs;
using namespace mapctl::jobs::test;
namespace fs = std::filesystem;

TEST_CASE("the eight real files become 191 mappings and come back byte for byte", "[migrate]") {
  const char* data = std::getenv("MAPCTL_TEST_DATA");
  const fs::path source = fs::path{data == nullptr ? "" : data} / "data" / "aam" / "mappings";
  if (data == nullptr || !fs::is_directory(source)) {
    mapctl::test::skip("data", "MAPCTL_TEST_DATA has no data/aam/mappings");
  }
  const Folder folder;
  for (const auto& entry : fs::directory_iterator{source}) {
    folder.write(entry.path().filename().string(), read_file(entry.path()));
  }
  const auto before = folder.bytes();
  REQUIRE(before.size() == 8);
  CHECK(folder.run(MigrationStep::plan).findings.empty());
  const auto shadow = folder.run(MigrationStep::shadow);
  CHECK(shadow.mappings == 191);
  CHECK(shadow.count(SyncChange::Action::create) == 191);
  CHECK(folder.file.value("SELECT count(*) FROM field_mappings WHERE status = 'active'") == "191");
  const auto validated = folder.run(MigrationStep::validate);
  CHECK(validated.passed);
  CHECK(validated.unchanged == 191);
  folder.run(MigrationStep::canary);
  CHECK(folder.run(MigrationStep::cutover).mappings == 191);
  CHECK(folder.bytes().empty());
  CHECK(folder.run(MigrationStep::rollback).passed);
  CHECK(folder.bytes() == before);
}
