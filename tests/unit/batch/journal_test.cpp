// SPDX-License-Identifier: Apache-2.0
#include "core/batch/journal.hpp"

#include "core/base/file.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/batch/plan_for_tests.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace mapctl;
using namespace mapctl::batch;
using mapctl::test::plan_of;

namespace {

const RunId run{"0190-run"};

JobOutcome outcome(std::size_t job, JobStatus status) {
  JobOutcome result;
  result.job = job;
  result.status = status;
  return result;
}

}  // namespace

TEST_CASE("a journal remembers outcomes until the run is complete", "[batch]") {
  const TemporaryDirectory folder;
  const auto plan = plan_of({{"a", {}}, {"b", {}}});
  {
    Journal journal{folder.path(), run, "hash"};
    CHECK(journal.earlier().empty());
    journal.job_finished(plan, outcome(0, JobStatus::done));
    journal.job_finished(plan, outcome(1, JobStatus::failed));
  }
  CHECK(Journal::unfinished(folder.path()) ==
        std::map<std::string, std::string>{{run.text, "hash"}});
  {
    Journal journal{folder.path(), run, "hash"};
    CHECK(journal.earlier() ==
          std::map<std::string, JobStatus>{{"a -> target", JobStatus::done},
                                           {"b -> target", JobStatus::failed}});
    journal.complete();
  }
  CHECK(Journal::unfinished(folder.path()).empty());
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a line cut off by a kill is no line", "[batch]") {
  const TemporaryDirectory folder;
  const auto plan = plan_of({{"a", {}}});
  {
    Journal journal{folder.path(), run, "hash"};
    journal.job_finished(plan, outcome(0, JobStatus::done));
  }
  const auto path = folder.path() / run.text / "journal.jsonl";
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 7);
  const Journal journal{folder.path(), run, "hash"};
  CHECK(journal.earlier().empty());
}

TEST_CASE("a journal is not taken over by a changed plan", "[batch]") {
  const TemporaryDirectory folder;
  { const Journal journal{folder.path(), run, "hash"}; }
  CHECK_THROWS_AS((Journal{folder.path(), run, "another hash"}), Error);
}

TEST_CASE("two processes cannot work on one run", "[batch]") {
  const TemporaryDirectory folder;
  const Journal journal{folder.path(), run, "hash"};
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    int code = 0;
    try {
      const Journal second{folder.path(), run, "hash"};
    } catch (const Error& error) {
      code = error.code() == ErrorCode::busy ? 42 : 1;
    }
    ::_exit(code);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 42);
}

TEST_CASE("parts are found again under their names", "[batch]") {
  const TemporaryDirectory folder;
  {
    const Journal journal{folder.path(), run, "hash"};
    journal.keep("crm/Account", "statistics");
    CHECK_FALSE(journal.find("crm/account"));
  }
  const Journal journal{folder.path(), run, "hash"};
  CHECK(journal.find("crm/Account") == "statistics");
}

TEST_CASE("what is written behind a line cut off by a kill is not lost", "[batch]") {
  const TemporaryDirectory folder;
  const auto plan = plan_of({{"a", {}}, {"b", {}}});
  {
    Journal journal{folder.path(), run, "hash"};
    journal.job_finished(plan, outcome(0, JobStatus::done));
  }
  const auto path = folder.path() / run.text / "journal.jsonl";
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 7);
  {
    Journal journal{folder.path(), run, "hash"};
    journal.job_finished(plan, outcome(1, JobStatus::done));
  }
  CHECK(Journal{folder.path(), run, "hash"}.earlier() ==
        std::map<std::string, JobStatus>{{"b -> target", JobStatus::done}});
  std::filesystem::resize_file(path, 9);
  { const Journal journal{folder.path(), run, "hash"}; }
  CHECK(Journal::unfinished(folder.path()) ==
        std::map<std::string, std::string>{{run.text, "hash"}});
}

TEST_CASE("what a run keeps is for its owner alone", "[batch]") {
  const TemporaryDirectory folder;
  const Journal journal{folder.path(), run, "hash"};
  const auto permissions = std::filesystem::status(folder.path() / run.text).permissions();
  CHECK((permissions & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
        std::filesystem::perms::none);
}
