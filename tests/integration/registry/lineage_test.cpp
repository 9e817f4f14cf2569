// SPDX-License-Identifier: Apache-2.0
#include "core/registry/lineage.hpp"

#include "core/registry/state.hpp"
#include "tests/integration/registry/fixture.hpp"
#include "tests/support/lineage_grid.hpp"
#include "tests/support/patience.hpp"

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;
using mapctl::test::lineage_rows;
using mapctl::test::map_lead_field;

TEST_CASE("the lineage grid is refreshed while it is read, and neither waits",
          "[registry][lineage]") {
  const RegistryFile file;
  const mapctl::test::Patience patience;
  SessionSettings settings;
  settings.stop = patience.token();
  Registry writer = file.open("default", settings);
  map_lead_field(writer, "Company");
  refresh_lineage(writer);
  Registry first = file.open();
  Registry second = file.open();
  ports::SqlSession& session = *first.state().session;
  {
    ports::Transaction reading{session, ports::SqlSession::Access::read};
    REQUIRE(lineage_rows(first) == 1);
    map_lead_field(writer, "Email");
    refresh_lineage(writer);
    CHECK(lineage_rows(second) == 2);
    CHECK(lineage_rows(first) == 1);  // as it was when it began to read
    reading.commit();
  }
  CHECK(lineage_rows(first) == 2);
  CHECK_FALSE(patience.is_over());
}
