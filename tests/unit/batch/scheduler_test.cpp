// SPDX-License-Identifier: Apache-2.0
#include "core/batch/scheduler.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/batch/plan_for_tests.hpp"

using mapctl::batch::Scheduler;
using mapctl::test::plan_of;

TEST_CASE("jobs come in plan order when nothing limits them", "[batch]") {
  const auto plan = plan_of({{"a", {}}, {"b", {}}, {"c", {}}});
  Scheduler scheduler{plan};
  CHECK(scheduler.next() == 0U);
  CHECK(scheduler.next() == 1U);
  CHECK(scheduler.next() == 2U);
  CHECK_FALSE(scheduler.next());
  CHECK(scheduler.empty());
}

TEST_CASE("a full endpoint is passed over and its job comes when a slot is free", "[batch]") {
  auto plan = plan_of({{"a", {"crm"}}, {"b", {"crm"}}, {"c", {"erp"}}});
  plan.limits["crm"] = 1;
  Scheduler scheduler{plan};
  CHECK(scheduler.next() == 0U);
  CHECK(scheduler.next() == 2U);
  CHECK_FALSE(scheduler.next());
  CHECK_FALSE(scheduler.empty());
  scheduler.finished(0);
  CHECK(scheduler.next() == 1U);
}

TEST_CASE("a job needs a slot of each of its endpoints", "[batch]") {
  auto plan = plan_of({{"a", {"crm"}}, {"b", {"erp"}}, {"c", {"crm", "erp"}}});
  plan.limits = {{"crm", 2}, {"erp", 1}};
  Scheduler scheduler{plan};
  CHECK(scheduler.next() == 0U);
  CHECK(scheduler.next() == 1U);
  CHECK_FALSE(scheduler.next());
  scheduler.finished(1);
  CHECK(scheduler.next() == 2U);
}

TEST_CASE("a limit of zero still lets one job through", "[batch]") {
  auto plan = plan_of({{"a", {"crm"}}});
  plan.limits["crm"] = 0;
  Scheduler scheduler{plan};
  CHECK(scheduler.next() == 0U);
}

TEST_CASE("settled jobs are never handed out", "[batch]") {
  auto plan = plan_of({{"a", {}}, {"b", {}}});
  plan.jobs[0].settled = mapctl::batch::JobOutcome{};
  Scheduler scheduler{plan};
  CHECK(scheduler.next() == 1U);
  CHECK(scheduler.empty());
}
