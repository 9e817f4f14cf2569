// SPDX-License-Identifier: Apache-2.0
#include "core/registry/records.hpp"

#include "tests/support/catch.hpp"

using namespace mapctl;
using namespace mapctl::registry;

TEST_CASE("every status word reads back as the status it was written for", "[registry]") {
  for (const auto status : {RunStatus::running, RunStatus::done, RunStatus::partial,
                            RunStatus::failed, RunStatus::interrupted}) {
    CHECK(run_status_from(to_string(status)) == status);
  }
  for (const auto status :
       {JobStatus::queued, JobStatus::done, JobStatus::failed, JobStatus::skipped}) {
    CHECK(job_status_from(to_string(status)) == status);
  }
  CHECK(to_string(RunStatus::partial) == "partial");
  CHECK(to_string(JobStatus::skipped) == "skipped");
  CHECK_FALSE(run_status_from("Done"));
  CHECK_FALSE(job_status_from(""));
}

TEST_CASE("a canonical entity keeps its name, any other target says where it lives", "[registry]") {
  const catalog::TableRef invoice{catalog::SchemaName{"sales"}, catalog::TableName{"Invoice"}};
  CHECK(entity_name("erp", invoice, false).text == "erp.sales.Invoice");
  CHECK(entity_name("erp", {{}, catalog::TableName{"Invoice"}}, false).text == "erp.Invoice");
  CHECK(entity_name("canonical", {{}, catalog::TableName{"account"}}, true).text == "account");
}
