// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/batch_run.hpp"

#include "core/batch/plan.hpp"
#include "core/mapping/proposal.hpp"
#include "core/registry/changes.hpp"
#include "tests/unit/jobs/project.hpp"

#include <filesystem>
#include <stop_token>

namespace mapctl::jobs::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Strings = std::vector<std::string>;

constexpr const char* shop =
    R"(create table customers (cust_no text primary key, first_name text, email text);
       insert into customers values ('17', 'Ana', 'ana@example.com'), ('18', 'Bo', 'bo@example.com');
       create table orders (order_no text primary key, order_date text, total numeric);
       insert into orders values ('A1', '2025-02-03', 12.5), ('A2', '2025-02-04', 7);
       create table products (sku text primary key, title text, unit_price numeric);
       insert into products values ('p1', 'Cup', 3.5);)";

constexpr const char* warehouse =
    "customer,customer_number,varchar(10),\n"
    "customer,first_name,varchar(40),\n"
    "customer,email,varchar(80),\n"
    "product,sku,varchar(10),\n"
    "product,name,varchar(40),\n"
    "product,unit_price,\"decimal(9,2)\",\n"
    "sales_order,order_number,varchar(10),\n"
    "sales_order,order_date,date,\n"
    "sales_order,total_amount,\"decimal(9,2)\",\n";

ProposeRequest everything(std::size_t workers = 1) {
  return request(
      {pair("shop", "customers", "dwh", "customer"), pair_to_auto("shop", "orders", "dwh"),
       pair("shop", "products", "dwh", "product")},
      workers);
}

struct Shop : Project {
  Shop() {
    database("shop", shop);
    dictionary("dwh", warehouse);
  }
};

batch::Observers nobody() {
  return {};
}

// A run from beginning to end.
BatchResult run_all(Project& project, const std::optional<Resume>& resume = std::nullopt,
                    ProposeRequest wanted = everything()) {
  const auto run = project.batch_run(std::move(wanted));
  auto observer = nobody();
  run->connect({});
  run->begin(resume);
  run->profile(observer, {});
  BatchResult result = run->propose(observer, {});
  run->complete();
  return result;
}

// What the registry holds of a run's pairs, evidence and all.
Strings stored(Project& project, const RunId& run) {
  Strings pairs;
  auto registry = project.open_registry();
  registry.for_each_pair(run, [&](registry::StoredPair&& pair) {
    std::string line;
    mapping::append_json(line, pair.proposal);
    pairs.push_back(std::move(line));
  });
  return pairs;
}

registry::RunRecord last_run(Project& project) {
  return project.open_registry().last_run().value();
}

bool has_no_journal(const Project& project) {
  const auto folder = project.journals();
  return !std::filesystem::exists(folder) || std::filesystem::is_empty(folder);
}

TEST_CASE("a run leaves pairs, snapshots and totals in the registry and no journal", "[jobs]") {
  Shop project;
  const BatchResult result = run_all(project, std::nullopt, everything(3));
  CHECK(statuses(result.outcomes) == Strings{"done", "done", "done"});
  CHECK(result.status == registry::RunStatus::done);
  CHECK(result.totals.source_fields == 9);
  const auto record = last_run(project);
  CHECK(record.status == registry::RunStatus::done);
  CHECK(record.totals == result.totals);

  auto registry = project.open_registry();
  const auto jobs = registry.jobs_of(record.id);
  REQUIRE(jobs.size() == 3);
  CHECK(jobs[1].target_table == table("sales_order"));
  CHECK(registry.latest_snapshot(ProfileName{"shop"})->tables == 3);
  CHECK(registry.latest_snapshot(ProfileName{"dwh"})->tables == 3);
  CHECK(registry.status().mappings == result.totals.mapped);
  CHECK(has_no_journal(project));
}

TEST_CASE("the number of threads changes nothing that is stored", "[jobs]") {
  Shop one;
  Shop many;
  run_all(one);
  run_all(many, std::nullopt, everything(5));
  CHECK(stored(one, last_run(one).id) == stored(many, last_run(many).id));
}

// Ana rejects what was proposed for a field of the shop.
void reject(Project& project, const std::string& table, const std::string& field) {
  auto registry = project.open_registry();
  std::vector<mapping::MappingId> ids;
  registry.for_each_mapping({}, [&](const mapping::FieldMapping& mapping) {
    if (mapping.key.source_table.text == table && mapping.key.source_field.text == field) {
      ids.push_back(mapping.id);
    }
  });
  registry::Changes changes{registry};
  for (const auto& id : ids) {
    changes.reject({id, 0}, "not this one");
  }
  changes.commit();
}

TEST_CASE("what was decided takes part in the next run", "[jobs][memory]") {
  Shop project;
  run_all(project);
  const auto before = stored(project, last_run(project).id);
  CHECK_THAT(before.front(), ContainsSubstring("email"));
  reject(project, "customers", "email");
  run_all(project);
  const auto after = stored(project, last_run(project).id);
  CHECK(after != before);
  CHECK_THAT(after.front(), ContainsSubstring("rejected"));

  ProposeRequest without = everything();
  for (auto& pair : without.pairs) {
    pair.options.use_memory = false;
  }
  run_all(project, std::nullopt, without);
  CHECK(stored(project, last_run(project).id) == before);
}

TEST_CASE("a resume knows the decisions that the run began with, and no later ones",
          "[jobs][memory]") {
  Shop undisturbed;
  run_all(undisturbed);
  Shop project;
  project.change_registry(
      "create trigger no_customers before insert on jobs when new.source_table = 'customers' and "
      "new.status = 'done' begin select raise(abort, 'no room'); end;");
  {
    const auto run = project.batch_run(everything());
    auto observer = nobody();
    run->connect({});
    run->begin(std::nullopt);
    run->profile(observer, {});
    CHECK(statuses(run->propose(observer, {}).outcomes) == Strings{"failed", "done", "done"});
  }
  project.change_registry("drop trigger no_customers;");
  reject(project, "products", "sku");
  const BatchResult second = run_all(project, Resume{});
  CHECK(statuses(second.outcomes) == Strings{"done", "resumed", "resumed"});
  CHECK(stored(project, last_run(project).id) == stored(undisturbed, last_run(undisturbed).id));
}

TEST_CASE("a store failure is the failure of its pair, and a resume repeats only that", "[jobs]") {
  Shop project;
  project.change_registry(
      "create trigger no_orders before insert on jobs when new.source_table = 'orders' and "
      "new.status = 'done' begin select raise(abort, 'no room for orders'); end;");
  const BatchResult first = run_all(project);
  CHECK(statuses(first.outcomes) == Strings{"done", "failed", "done"});
  CHECK_THAT(first.outcomes[1].error->message, ContainsSubstring("no room for orders"));
  CHECK(first.status == registry::RunStatus::partial);
  CHECK(first.totals.failed == 1);
  const auto jobs = project.open_registry().jobs_of(last_run(project).id);
  REQUIRE(jobs.size() == 3);
  CHECK(jobs[1].status == registry::JobStatus::failed);
  REQUIRE(jobs[1].error);
  CHECK_THAT(jobs[1].error->message, ContainsSubstring("no room for orders"));

  project.change_registry("drop trigger no_orders;");
  const BatchResult second = run_all(project, Resume{});
  CHECK(statuses(second.outcomes) == Strings{"resumed", "done", "resumed"});
  CHECK(second.status == registry::RunStatus::done);
  Shop undisturbed;
  run_all(undisturbed);
  CHECK(stored(project, last_run(project).id) == stored(undisturbed, last_run(undisturbed).id));
}

TEST_CASE("a stop while tables are read leaves a run that goes on where it stopped", "[jobs]") {
  Shop project;
  RunId id;
  {
    const auto run = project.batch_run(everything());
    std::stop_source stop;
    Watcher watcher;
    watcher.finished = [&](const batch::JobOutcome&) { stop.request_stop(); };
    run->connect(stop.get_token());
    id = run->begin(std::nullopt);
    CHECK(facts_of([&] { run->profile(watcher, stop.get_token()); }).code == ErrorCode::cancelled);
    run->interrupt();
  }
  CHECK(last_run(project).status == registry::RunStatus::interrupted);
  CHECK(project.statistics_read() == Strings{"shop: customers"});
  CHECK_FALSE(has_no_journal(project));

  project.forget_reads();
  const BatchResult resumed = run_all(project, Resume{});
  CHECK(project.statistics_read() == Strings{"shop: orders", "shop: products"});
  CHECK(statuses(resumed.outcomes) == Strings{"done", "done", "done"});
  CHECK(last_run(project).id == id);
  CHECK(has_no_journal(project));
  Shop undisturbed;
  run_all(undisturbed);
  CHECK(stored(project, id) == stored(undisturbed, last_run(undisturbed).id));
}

TEST_CASE("a resume proposes from the statistics that were kept, whatever became of the rows",
          "[jobs]") {
  Shop project;
  auto observer = nobody();
  RunId id;
  {
    const auto run = project.batch_run(everything());
    run->connect({});
    id = run->begin(std::nullopt);
    run->profile(observer, {});
    run->interrupt();
  }
  project.forget_reads();
  project.database("shop", "delete from customers; update orders set order_date = 'never';");
  run_all(project, Resume{id});
  CHECK(project.statistics_read().empty());
  Shop undisturbed;
  run_all(undisturbed);
  CHECK(stored(project, id) == stored(undisturbed, last_run(undisturbed).id));
}

TEST_CASE("a source that is gone when a run is resumed fails its pairs until it is back",
          "[jobs]") {
  Shop project;
  auto observer = nobody();
  {
    const auto run = project.batch_run(everything());
    run->connect({});
    run->begin(std::nullopt);
    run->profile(observer, {});
    run->interrupt();
  }
  const auto path = project.path_of("shop");
  const auto away = path.parent_path() / "away.db";
  std::filesystem::rename(path, away);
  {
    const auto run = project.batch_run(everything());
    run->connect({});
    run->begin(Resume{});
    run->profile(observer, {});
    const BatchResult result = run->propose(observer, {});
    CHECK(statuses(result.outcomes) == Strings{"failed", "failed", "failed"});
    CHECK(result.status == registry::RunStatus::failed);
  }
  std::filesystem::rename(away, path);
  const BatchResult result = run_all(project, Resume{});
  CHECK(result.totals.done == 3);
}

TEST_CASE("a stop while pairs are proposed leaves done pairs done and the others to be resumed",
          "[jobs]") {
  Shop project;
  auto observer = nobody();
  RunId id;
  {
    const auto run = project.batch_run(everything());
    run->connect({});
    id = run->begin(std::nullopt);
    run->profile(observer, {});
    std::stop_source stop;
    Watcher watcher;
    watcher.finished = [&](const batch::JobOutcome&) { stop.request_stop(); };
    const BatchResult result = run->propose(watcher, stop.get_token());
    CHECK(statuses(result.outcomes) == Strings{"done", "skipped", "skipped"});
    CHECK(result.status == registry::RunStatus::interrupted);
    run->interrupt();  // as its caller does after any phase
  }
  const auto record = last_run(project);
  CHECK(record.status == registry::RunStatus::interrupted);
  CHECK(record.totals.done == 1);
  CHECK(record.totals.skipped == 2);
  CHECK(stored(project, id).size() == 1);

  const BatchResult resumed = run_all(project, Resume{});
  CHECK(statuses(resumed.outcomes) == Strings{"resumed", "done", "done"});
  CHECK(resumed.status == registry::RunStatus::done);
  Shop undisturbed;
  run_all(undisturbed);
  CHECK(stored(project, id) == stored(undisturbed, last_run(undisturbed).id));
}

TEST_CASE("a stop before anything began leaves no run", "[jobs]") {
  Shop project;
  std::stop_source stop;
  stop.request_stop();
  const auto run = project.batch_run(everything());
  CHECK(facts_of([&] { run->connect(stop.get_token()); }).code == ErrorCode::cancelled);
  run->interrupt();
  CHECK_FALSE(project.open_registry().last_run());
}

TEST_CASE("a table whose statistics fail is the failure of its pair alone", "[jobs]") {
  Shop project;
  auto observer = nobody();
  const auto run = project.batch_run(everything(2));
  run->connect({});
  run->begin(std::nullopt);
  project.database("shop", "drop table products;");
  run->profile(observer, {});
  const BatchResult result = run->propose(observer, {});
  CHECK(statuses(result.outcomes) == Strings{"done", "done", "failed"});
  CHECK_THAT(result.outcomes[2].error->message, ContainsSubstring("products"));
  CHECK(result.status == registry::RunStatus::partial);
}

TEST_CASE("what failed is tried again by a resume, with the plan as it was", "[jobs]") {
  Shop project;
  ProposeRequest wanted = everything();
  wanted.pairs.push_back(pair("shop", "returns", "dwh", "product"));
  const BatchResult first = run_all(project, std::nullopt, wanted);
  CHECK(statuses(first.outcomes) == Strings{"done", "done", "done", "failed"});
  project.database("shop", "create table returns (sku text, unit_price numeric);");
  const BatchResult second = run_all(project, Resume{}, wanted);
  CHECK(statuses(second.outcomes) == Strings{"resumed", "resumed", "resumed", "done"});
}

TEST_CASE("a resume needs a run of this very plan", "[jobs]") {
  Shop project;
  const auto begin = [&](ProposeRequest wanted, Resume resume) {
    const auto run = project.batch_run(std::move(wanted));
    run->connect({});
    run->begin(resume);
  };
  const auto none = facts_of([&] { begin(everything(), {}); });
  CHECK(none.code == ErrorCode::not_found);
  CHECK(none.hint == "run the plan without --resume");
  CHECK_THAT(facts_of([&] { begin(everything(), {RunId{"no-such"}}); }).message,
             ContainsSubstring("'no-such'"));

  run_all(project);
  ProposeRequest changed = everything();
  changed.pairs[0].options.min_confidence = 0.9;
  CHECK(facts_of([&] { begin(changed, {}); }).code == ErrorCode::configuration);
  ProposeRequest faster = everything(4);
  faster.limits["shop"] = 2;
  CHECK_NOTHROW(begin(faster, {}));
}

TEST_CASE("a run is found again behind many others", "[jobs]") {
  Shop project;
  run_all(project);
  const RunId wanted = last_run(project).id;
  {
    auto registry = project.open_registry();
    for (int other = 0; other < 60; ++other) {
      registry.finish_run(registry.begin_run({"other", "hash", {}}), registry::RunStatus::done, {});
    }
  }
  const auto run = project.batch_run(everything());
  run->connect({});
  CHECK(run->begin(Resume{}) == wanted);
}

TEST_CASE("a run is worked on by one process at a time", "[jobs]") {
  Shop project;
  const auto first = project.batch_run(everything());
  first->connect({});
  const RunId id = first->begin(std::nullopt);
  const auto second = project.batch_run(everything());
  second->connect({});
  CHECK(facts_of([&] { second->begin(Resume{id}); }).code == ErrorCode::busy);
}

}  // namespace
}  // namespace mapctl::jobs::test
