// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/registry/fixture.hpp"

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;

TEST_CASE("a run is running until it is finished, and can be opened again", "[registry]") {
  RegistryFile file;
  Registry registry = file.open();
  CHECK_FALSE(registry.last_run());
  const RunId id = registry.begin_run({"nightly", "plan-hash", R"({"version":1})"});
  auto run = registry.run(id);
  REQUIRE(run);
  CHECK(run->name == "nightly");
  CHECK(run->plan_hash == "plan-hash");
  CHECK(run->plan == R"({"version":1})");
  CHECK(run->status == RunStatus::running);
  CHECK(run->started_at == "2026-02-02T02:40:00.000Z");
  CHECK(run->finished_at.empty());

  file.clock.milliseconds += 1500;
  const RunTotals totals{3, 2, 1, 0, 75, 60, 1.5};
  registry.finish_run(id, RunStatus::partial, totals);
  run = registry.last_run();
  REQUIRE(run);
  CHECK(run->status == RunStatus::partial);
  CHECK(run->finished_at == "2026-02-02T02:40:01.500Z");
  CHECK(run->totals == totals);

  registry.reopen_run(id);
  run = registry.run(id);
  CHECK(run->status == RunStatus::running);
  CHECK(run->finished_at.empty());
}

TEST_CASE("runs are listed newest first whatever the clock says", "[registry]") {
  RegistryFile file;
  Registry registry = file.open();
  const RunId first = registry.begin_run({"first", "", ""});
  file.clock.milliseconds -= 100'000;
  const RunId second = registry.begin_run({"second", "", ""});
  const auto runs = registry.runs();
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].id == second);
  CHECK(runs[1].id == first);
  CHECK(registry.runs(1).size() == 1);
  CHECK(registry.last_run()->id == second);
}

TEST_CASE("a run that is not there is named", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const RunId nobody{"0190-nobody"};
  CHECK_FALSE(registry.run(nobody));
  for (const auto& call : std::vector<std::function<void()>>{
           [&] { registry.finish_run(nobody, RunStatus::done, {}); },
           [&] { registry.reopen_run(nobody); }, [&] { registry.record_job(nobody, job()); },
           [&] { registry.jobs_of(nobody); }, [&] { registry.done_jobs(nobody); },
           [&] { registry.proposals_of(nobody); },
           [&] { registry.store_pair(nobody, job(), lead_to_account(), canonical_context()); }}) {
    const Error problem = error_of(call);
    CHECK(problem.code() == ErrorCode::not_found);
    CHECK_THAT(problem.what(), Catch::Matchers::ContainsSubstring("0190-nobody"));
  }
}

TEST_CASE("a job is queued, fails with its error, and is done in the end", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const RunId run = registry.begin_run({"batch", "", ""});
  registry.record_job(run, job(1));
  JobRecord failed = job(0);
  failed.status = JobStatus::failed;
  failed.error = JobError{ErrorCode::unreachable, "no answer from 'crm'", "try later"};
  registry.record_job(run, failed);

  auto jobs = registry.jobs_of(run);
  REQUIRE(jobs.size() == 2);
  CHECK(jobs[0].status == JobStatus::failed);
  CHECK(jobs[0].error == failed.error);
  CHECK(jobs[0].seconds == 0.5);
  CHECK(jobs[1].status == JobStatus::queued);
  CHECK_FALSE(jobs[1].error);
  CHECK(registry.done_jobs(run).empty());

  registry.store_pair(run, job(0), lead_to_account(), canonical_context());
  jobs = registry.jobs_of(run);
  REQUIRE(jobs.size() == 2);
  CHECK(jobs[0].status == JobStatus::done);
  CHECK_FALSE(jobs[0].error);
  CHECK(jobs[0].source_endpoint == "crm");
  CHECK(jobs[0].target_endpoint == "canonical");
  CHECK(jobs[0].source_table == table("Lead"));
  CHECK(jobs[0].counts.source_fields == 3);
  CHECK(jobs[0].counts.mapped == 2);
  CHECK(jobs[0].counts.required_unmapped == 1);
  const auto done = registry.done_jobs(run);
  REQUIRE(done.size() == 1);
  CHECK(done[0].position == 0);
  CHECK(done[0].input_hash == "hash-of-job-0");
}

TEST_CASE("a job that failed after it was done has no proposal left", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const RunId run = registry.begin_run({"batch", "", ""});
  registry.store_pair(run, job(), lead_to_account(), canonical_context());
  JobRecord failed = job();
  failed.status = JobStatus::failed;
  registry.record_job(run, failed);
  CHECK(registry.proposals_of(run).empty());
  CHECK(file.value("SELECT count(*) FROM jobs WHERE fields IS NOT NULL") == "0");
}
