// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/session.hpp"
#include "core/base/clock.hpp"
#include "core/registry/changes.hpp"
#include "core/registry/lineage.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/lineage_grid.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/postgres.hpp"

#include <unistd.h>

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <utility>

using namespace mapctl;
using namespace mapctl::registry;
using connectors::postgres::open_registry_session;
using mapctl::test::lineage_rows;
using mapctl::test::map_lead_field;
using ports::SqlSession;
using namespace std::chrono_literals;

namespace {

class Place {
 public:
  Place() {
    admin()->execute("DROP SCHEMA IF EXISTS " + schema_ + " CASCADE; CREATE SCHEMA " + schema_ +
                     " AUTHORIZATION mapctl");
    initialise(*open(), system_clock());
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    try {
      admin()->execute("DROP SCHEMA " + schema_ + " CASCADE");
    } catch (const Error&) {
      // The server goes away with everything.
    }
  }
  std::unique_ptr<SqlSession> open(connectors::postgres::SessionSettings settings = {}) const {
    return open_registry_session({Secret{url("mapctl")}, false}, std::move(settings));
  }
  std::unique_ptr<SqlSession> admin() const {
    return open_registry_session({Secret{url("postgres")}, false});
  }
  Registry registry(connectors::postgres::SessionSettings settings = {}) const {
    return Registry{
        open(std::move(settings)), system_clock(), {TenantName{"default"}, UserName{"ada"}}};
  }

 private:
  std::string url(const std::string& role) const {
    return test::PostgresServer::shared().url(role, "schema=" + schema_);
  }
  std::string schema_ = "refresh" + std::to_string(::getpid());
};

bool refresh_waits(SqlSession& session) {
  const auto select = session.prepare(
      "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation' AND relation = "
      "'connector_definitions'::regclass");
  return select->step() && select->integer(0) > 0;
}

}  // namespace

TEST_CASE("a refresh of the lineage grid that is under way keeps nobody waiting", "[postgres]") {
  const Place place;
  const mapctl::test::Patience patience;
  Registry reader = place.registry({10s, 15s, patience.token()});
  Registry writer = place.registry({10s, 15s, patience.token()});
  Registry refresher = place.registry({10s, 15s, patience.token()});
  map_lead_field(writer, "Company");
  refresh_lineage(writer);
  REQUIRE(lineage_rows(reader) == 1);
  map_lead_field(writer, "Email");

  // A table that of these only the refresh reads.
  const auto holder = place.admin();
  holder->execute("BEGIN; LOCK TABLE connector_definitions IN ACCESS EXCLUSIVE MODE");
  std::exception_ptr problem;
  {
    const std::jthread refreshing{[&] {
      try {
        refresh_lineage(refresher);
      } catch (...) {
        problem = std::current_exception();
      }
    }};
    while (!refresh_waits(*holder) && !patience.is_over()) {
      std::this_thread::sleep_for(5ms);
    }
    CHECK(lineage_rows(reader) == 1);
    {
      Changes changes{writer};
      changes.record({}, "note", "", "while it is refreshed", "");
      changes.commit();
    }
    CHECK(refresh_waits(*holder));
    holder->execute("COMMIT");
  }
  CHECK_FALSE(problem);
  CHECK_FALSE(patience.is_over());
  CHECK(lineage_rows(reader) == 2);
}
