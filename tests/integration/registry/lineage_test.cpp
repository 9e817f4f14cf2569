// SPDX-License-Identifier: Apache-2.0
#include "core/registry/lineage.hpp"

#include "core/registry/changes.hpp"
#include "core/registry/state.hpp"
#include "tests/integration/registry/fixture.hpp"
#include "tests/support/patience.hpp"

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;

namespace {

void create(Registry& registry, const std::string& field) {
  Changes changes{registry};
  NewMapping made;
  made.mapping.key = {mapping::ConnectorName{"crm"}, catalog::TableName{"Lead"},
                      mapping::FieldPath{field}, mapping::EntityName{"account"},
                      mapping::FieldPath{"name"}};
  changes.create(made, "by hand");
  changes.commit();
}

std::size_t rows(Registry& registry) {
  return for_each_lineage_row(registry, {}, [](auto&&) {});
}

}  // namespace

TEST_CASE("the lineage grid is refreshed while it is read, and neither waits",
          "[registry][lineage]") {
  const RegistryFile file;
  const mapctl::test::Patience patience;
  SessionSettings settings;
  settings.stop = patience.token();
  Registry writer = file.open("default", settings);
  create(writer, "Company");
  refresh_lineage(writer);
  Registry first = file.open();
  Registry second = file.open();
  ports::SqlSession& session = *first.state().session;
  {
    ports::Transaction reading{session, ports::SqlSession::Access::read};
    REQUIRE(rows(first) == 1);
    create(writer, "Email");
    refresh_lineage(writer);
    CHECK(rows(second) == 2);
    CHECK(rows(first) == 1);  // as it was when it began to read
    reading.commit();
  }
  CHECK(rows(first) == 2);
  CHECK_FALSE(patience.is_over());
}
