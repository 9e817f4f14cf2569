// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/catalogs.hpp"

#include "core/batch/plan.hpp"
#include "tests/unit/jobs/project.hpp"

#include <map>
#include <stop_token>

namespace mapctl::jobs::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using mapctl::test::Approx;
using Strings = std::vector<std::string>;

constexpr const char* shop_tables =
    R"(create table customers (id integer primary key, email text);
       insert into customers values (1, 'ana@example.com'), (2, 'bo@example.com');
       create table "orders[2]" (no integer, total numeric);
       insert into "orders[2]" values (7, 12.5);
       create table orders2 (no integer);
       create table "what*?" (x text);
       insert into "what*?" values ('y'), ('z'), (null);)";

void profile(Catalogs& catalogs, const std::set<catalog::TableRef>& tables,
             const StatisticsStore& store = {}) {
  batch::Observers nobody;
  catalogs.profile({{endpoint("shop_tables"), tables}}, {}, store, nobody, {});
}

bool has_statistics(const Catalogs& catalogs, const char* name) {
  const auto catalog = catalogs.find(endpoint("shop_tables"));
  return catalog->find(table(name))->columns.front().statistics.has_value();
}

// Parts in memory.
struct Parts {
  std::mutex mutex{};
  std::map<std::string, std::string, std::less<>> kept{};
  StatisticsStore store() {
    return {[this](std::string_view name) -> std::optional<std::string> {
              const std::lock_guard lock{mutex};
              const auto found = kept.find(name);
              return found == kept.end() ? std::nullopt : std::optional{found->second};
            },
            [this](std::string_view name, std::string_view document) {
              const std::lock_guard lock{mutex};
              kept[std::string{name}] = document;
            }};
  }
};

TEST_CASE("an endpoint is discovered once, however often it is named", "[jobs]") {
  Project project;
  project.database("shop_tables", shop_tables);
  int reads = 0;
  project.before_read = [&](const Project::Read&) { ++reads; };
  Catalogs catalogs{project, system_clock(), 4};
  catalogs.discover(std::vector{endpoint("shop_tables"), endpoint("shop_tables")}, {});
  catalogs.discover(std::vector{endpoint("shop_tables")}, {});
  CHECK(reads == 1);
  REQUIRE(catalogs.find(endpoint("shop_tables")) != nullptr);
  CHECK(catalogs.find(endpoint("shop_tables"))->tables().size() == 4);
  CHECK(catalogs.problem(endpoint("shop_tables")) == nullptr);
  CHECK(catalogs.find(endpoint("elsewhere")) == nullptr);
}

TEST_CASE("an endpoint that fails says why, and others are there", "[jobs]") {
  Project project;
  project.database("shop_tables", shop_tables);
  Catalogs catalogs{project, system_clock(), 2};
  catalogs.discover(std::vector{endpoint("nowhere"), endpoint("shop_tables")}, {});
  CHECK(catalogs.find(endpoint("nowhere")) == nullptr);
  REQUIRE(catalogs.problem(endpoint("nowhere")) != nullptr);
  CHECK(catalogs.problem(endpoint("nowhere"))->message == "there is no profile 'nowhere'");
  CHECK(catalogs.find(endpoint("shop_tables")) != nullptr);
}

TEST_CASE("statistics are read of the tables named and of no others", "[jobs]") {
  Project project;
  project.database("shop_tables", shop_tables);
  Catalogs catalogs{project, system_clock(), 3};
  catalogs.discover(std::vector{endpoint("shop_tables")}, {});
  profile(catalogs, {table("orders[2]"), table("what*?")});
  CHECK(has_statistics(catalogs, "orders[2]"));
  CHECK(has_statistics(catalogs, "what*?"));
  CHECK_FALSE(has_statistics(catalogs, "orders2"));
  CHECK_FALSE(has_statistics(catalogs, "customers"));
  CHECK(catalogs.problem(endpoint("shop_tables"), table("what*?")) == nullptr);
  const auto catalog = catalogs.find(endpoint("shop_tables"));
  CHECK(catalog->find(table("what*?"))->columns.front().statistics->null_share == Approx(1.0 / 3));
}

TEST_CASE("a system without data is asked for no statistics", "[jobs]") {
  Project project;
  project.dictionary("shop_tables", "customers,id,integer,\n");
  Catalogs catalogs{project, system_clock(), 2};
  catalogs.discover(std::vector{endpoint("shop_tables")}, {});
  profile(catalogs, {table("customers")});
  CHECK(project.statistics_read().empty());
  CHECK(catalogs.problem(endpoint("shop_tables"), table("customers")) == nullptr);
}

TEST_CASE("a table that cannot be read hurts no other", "[jobs]") {
  Project project;
  project.database("shop_tables", shop_tables);
  Catalogs catalogs{project, system_clock(), 2};
  catalogs.discover(std::vector{endpoint("shop_tables")}, {});
  project.database("shop_tables", "drop table customers;");
  profile(catalogs, {table("customers"), table("orders2")});
  REQUIRE(catalogs.problem(endpoint("shop_tables"), table("customers")) != nullptr);
  CHECK_THAT(catalogs.problem(endpoint("shop_tables"), table("customers"))->message,
             ContainsSubstring("customers"));
  CHECK(catalogs.problem(endpoint("shop_tables"), table("orders2")) == nullptr);
  CHECK(catalogs.problem(endpoint("shop_tables")) == nullptr);
  CHECK(has_statistics(catalogs, "orders2"));
}

TEST_CASE("a part that was kept is used instead of the data", "[jobs]") {
  Project project;
  project.database("shop_tables", shop_tables);
  Parts parts;
  const auto discovered = [&] {
    auto catalogs = std::make_unique<Catalogs>(project, system_clock(), 2);
    catalogs->discover(std::vector{endpoint("shop_tables")}, {});
    return catalogs;
  };
  const auto first = discovered();
  profile(*first, {table("customers")}, parts.store());
  CHECK(parts.kept.size() == 1);
  const auto wanted = *first->find(endpoint("shop_tables"))->find(table("customers"));

  SECTION("though rows changed since") {
    project.forget_reads();
    project.database("shop_tables", "delete from customers;");
    const auto second = discovered();
    profile(*second, {table("customers"), table("orders2")}, parts.store());
    CHECK(project.statistics_read() == Strings{"shop_tables: orders2"});
    CHECK(*second->find(endpoint("shop_tables"))->find(table("customers")) == wanted);
  }
  SECTION("but not when the structure changed") {
    project.forget_reads();
    project.database("shop_tables", "alter table customers add column phone text;");
    profile(*discovered(), {table("customers")}, parts.store());
    CHECK(project.statistics_read() == Strings{"shop_tables: customers"});
  }
  SECTION("and a damaged one is the problem of its table alone") {
    parts.kept.begin()->second = "{";
    const auto second = discovered();
    profile(*second, {table("customers"), table("orders2")}, parts.store());
    CHECK(second->problem(endpoint("shop_tables"), table("customers")) != nullptr);
    CHECK(second->problem(endpoint("shop_tables"), table("orders2")) == nullptr);
  }
}

TEST_CASE("a stop while tables are read is cancelled, and what was read is kept", "[jobs]") {
  Project project;
  project.database("shop_tables", shop_tables);
  Catalogs catalogs{project, system_clock(), 1};
  catalogs.discover(std::vector{endpoint("shop_tables")}, {});
  Parts parts;
  std::stop_source stop;
  Watcher watcher;
  watcher.finished = [&](const batch::JobOutcome&) { stop.request_stop(); };
  const auto facts = facts_of([&] {
    catalogs.profile({{endpoint("shop_tables"), {table("customers"), table("orders2")}}}, {},
                     parts.store(), watcher, stop.get_token());
  });
  CHECK(facts.code == ErrorCode::cancelled);
  CHECK(parts.kept.size() == 1);
}

}  // namespace
}  // namespace mapctl::jobs::test
