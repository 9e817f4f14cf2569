// SPDX-License-Identifier: Apache-2.0
#include "core/batch/runner.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/batch/plan_for_tests.hpp"

#include <atomic>
#include <latch>
#include <mutex>
#include <set>
#include <string>
#include <thread>

using namespace mapctl;
using namespace mapctl::batch;
using mapctl::test::plan_of;
using mapctl::test::SilentObserver;

namespace {

// Time that passes only when a test says so.
class ManualClock final : public Clock {
 public:
  TimePoint now() const override { return {}; }
  double elapsed() const override { return seconds; }
  double seconds = 0;
};

class RecordingObserver final : public SilentObserver {
 public:
  void run_started(const Plan&) override { events.push_back("run started"); }
  void job_started(const Plan& plan, std::size_t job) override {
    events.push_back(plan.jobs[job].source + " started");
  }
  void job_retried(const Plan& plan, std::size_t job, const Error::Facts& cause, double) override {
    events.push_back(plan.jobs[job].source + " retried: " + cause.message);
  }
  void job_finished(const Plan& plan, const JobOutcome& outcome) override {
    events.push_back(plan.jobs[outcome.job].source + " " + std::string{to_string(outcome.status)});
  }
  void run_finished(const Plan&, const std::vector<JobOutcome>&) override {
    events.push_back("run finished");
  }
  std::vector<std::string> events;
};

Error transient(const char* message) {
  return Error{{ErrorCode::unreachable, message, {}, {}, Retry::may_help}};
}

}  // namespace

TEST_CASE("every job runs once and outcomes stand in plan order", "[batch]") {
  const auto plan = plan_of({{"a", {}}, {"b", {}}, {"c", {}}, {"d", {}}});
  ManualClock clock;
  SilentObserver observer;
  std::atomic<int> calls{0};
  const auto outcomes =
      ThreadRunner{3, clock}.run(plan,
                                 [&](std::size_t job, std::size_t worker, std::stop_token) {
                                   CHECK(worker < 3);
                                   ++calls;
                                   return JobCounts{job + 10, job, 0, 0};
                                 },
                                 observer, {});
  REQUIRE(outcomes.size() == 4);
  CHECK(calls == 4);
  for (std::size_t job = 0; job < 4; ++job) {
    CHECK(outcomes[job].job == job);
    CHECK(outcomes[job].status == JobStatus::done);
    CHECK(outcomes[job].counts.mapped == job);
    CHECK(outcomes[job].attempts == 1);
  }
}

TEST_CASE("jobs really run at the same time on several threads", "[batch]") {
  const auto plan = plan_of({{"a", {}}, {"b", {}}});
  ManualClock clock;
  SilentObserver observer;
  std::latch both{2};  // never opens unless two jobs are inside at once
  const auto outcomes = ThreadRunner{2, clock}.run(plan,
                                                   [&](std::size_t, std::size_t, std::stop_token) {
                                                     both.arrive_and_wait();
                                                     return JobCounts{};
                                                   },
                                                   observer, {});
  CHECK(outcomes[1].status == JobStatus::done);
}

TEST_CASE("a job that fails stops no other", "[batch]") {
  const auto plan = plan_of({{"a", {}}, {"b", {}}, {"c", {}}});
  ManualClock clock;
  RecordingObserver observer;
  const auto outcomes = ThreadRunner{1, clock}.run(
      plan,
      [&](std::size_t job, std::size_t, std::stop_token) -> JobCounts {
        if (job == 1) {
          throw Error{ErrorCode::not_found, "no such table 'b'", "look again"};
        }
        return {};
      },
      observer, {});
  CHECK(outcomes[0].status == JobStatus::done);
  REQUIRE(outcomes[1].status == JobStatus::failed);
  CHECK(outcomes[1].error->message == "no such table 'b'");
  CHECK(outcomes[2].status == JobStatus::done);
  CHECK(observer.events == std::vector<std::string>{"run started", "a started", "a done",
                                                    "b started", "b failed", "c started", "c done",
                                                    "run finished"});
}

TEST_CASE("an exception of another type becomes an internal error, not an end", "[batch]") {
  const auto plan = plan_of({{"a", {}}});
  ManualClock clock;
  SilentObserver observer;
  const auto outcomes =
      ThreadRunner{1, clock}.run(plan,
                                 [](std::size_t, std::size_t, std::stop_token) -> JobCounts {
                                   throw std::runtime_error{"surprise"};
                                 },
                                 observer, {});
  REQUIRE(outcomes[0].error);
  CHECK(outcomes[0].error->code == ErrorCode::internal);
  CHECK(outcomes[0].error->message == "surprise");
}

TEST_CASE("what may help is tried again with growing waits, what cannot is not", "[batch]") {
  const auto plan = plan_of({{"flaky", {}}, {"wrong", {}}});
  ManualClock clock;
  RecordingObserver observer;
  std::vector<double> waits;
  int flaky_calls = 0;
  int wrong_calls = 0;
  const RetryPolicy policy{3, 1.0, 30};
  const auto outcomes =
      ThreadRunner{1, clock, policy,
                   [&](double seconds, std::stop_token) { waits.push_back(seconds); }}
          .run(plan,
               [&](std::size_t job, std::size_t, std::stop_token) -> JobCounts {
                 if (job == 0 && ++flaky_calls < 3) {
                   throw transient("cut off");
                 }
                 if (job == 1) {
                   ++wrong_calls;
                   throw Error{ErrorCode::denied, "no"};
                 }
                 return {};
               },
               observer, {});
  CHECK(outcomes[0].status == JobStatus::done);
  CHECK(outcomes[0].attempts == 3);
  CHECK_FALSE(outcomes[0].error);
  CHECK(wrong_calls == 1);
  REQUIRE(waits.size() == 2);
  CHECK(waits[1] > waits[0]);
  CHECK(observer.events[2] == "flaky retried: cut off");
}

TEST_CASE("an unknown commit is never tried again", "[batch]") {
  const RetryPolicy policy;
  CHECK_FALSE(policy.allows({ErrorCode::commit_unknown, "?", {}, {}, Retry::may_help}, 1));
}

TEST_CASE("a stop lets running jobs end and skips the rest", "[batch]") {
  const auto plan = plan_of({{"a", {}}, {"b", {}}, {"c", {}}});
  ManualClock clock;
  SilentObserver observer;
  std::stop_source stop;
  const auto outcomes = ThreadRunner{1, clock}.run(
      plan,
      [&](std::size_t job, std::size_t, std::stop_token token) -> JobCounts {
        if (job == 1) {
          stop.request_stop();
          CHECK(token.stop_requested());
          throw Error{ErrorCode::cancelled, "interrupted"};
        }
        return {};
      },
      observer, stop.get_token());
  CHECK(outcomes[0].status == JobStatus::done);
  CHECK(outcomes[1].status == JobStatus::skipped);
  CHECK(outcomes[2].status == JobStatus::skipped);
  CHECK(outcomes[2].attempts == 0);
}

TEST_CASE("no more jobs of an endpoint run at once than its limit says", "[batch]") {
  auto plan = plan_of({});
  for (int i = 0; i < 40; ++i) {
    plan.jobs.push_back({"job " + std::to_string(i), "t", {}, {"crm"}, std::nullopt});
  }
  plan.limits["crm"] = 2;
  ManualClock clock;
  SilentObserver observer;
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  ThreadRunner{6, clock}.run(plan,
                             [&](std::size_t, std::size_t, std::stop_token) {
                               const int now = ++inside;
                               int seen = most.load();
                               while (now > seen && !most.compare_exchange_weak(seen, now)) {
                               }
                               std::this_thread::yield();
                               --inside;
                               return JobCounts{};
                             },
                             observer, {});
  CHECK(most <= 2);
}

TEST_CASE("settled jobs are reported as they are and not run", "[batch]") {
  auto plan = plan_of({{"old", {}}, {"new", {}}});
  JobOutcome before;
  before.status = JobStatus::resumed;
  before.counts = {5, 4, 0, 0};
  plan.jobs[0].settled = before;
  ManualClock clock;
  RecordingObserver observer;
  const auto outcomes = ThreadRunner{2, clock}.run(plan,
                                                   [](std::size_t, std::size_t, std::stop_token) {
                                                     return JobCounts{1, 1, 0, 0};
                                                   },
                                                   observer, {});
  CHECK(outcomes[0].status == JobStatus::resumed);
  CHECK(outcomes[0].counts.mapped == 4);
  CHECK(observer.events[1] == "old resumed");
}

TEST_CASE("whatever a job throws becomes its outcome", "[batch]") {
  const auto plan = plan_of({{"a", {}}, {"b", {}}});
  ManualClock clock;
  SilentObserver observer;
  const auto outcomes =
      ThreadRunner{1, clock}.run(plan,
                                 [](std::size_t job, std::size_t, std::stop_token) -> JobCounts {
                                   if (job == 0) {
                                     throw 7;
                                   }
                                   return {};
                                 },
                                 observer, {});
  REQUIRE(outcomes.size() == 2);
  CHECK(outcomes[0].status == JobStatus::failed);
  CHECK(outcomes[0].error->code == ErrorCode::internal);
  CHECK(outcomes[1].status == JobStatus::done);
}
