// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/registry/fixture.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <thread>

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;
using Catch::Matchers::ContainsSubstring;

namespace {

// Runs `work` in a process of its own, as what it changes cannot be taken back, and returns what
// it writes.
template <class Work>
std::string in_child(Work&& work) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    std::string text;
    try {
      text = work();
    } catch (const Error& problem) {
      text = std::string{to_string(problem.code())} + "|" + problem.what() + "|" +
             problem.facts().hint;
    } catch (const std::exception& problem) {
      text = std::string{"other|"} + problem.what();
    }
    const ssize_t written = write(ends[1], text.data(), text.size());
    _exit(written < 0 ? 1 : 0);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t count = 0; (count = read(ends[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  return text;
}

}  // namespace

TEST_CASE("a registry that another process holds is busy after the time allowed", "[registry]") {
  const RegistryFile file;
  const auto holder = file.session();
  holder->begin(ports::SqlSession::Access::write);
  Registry registry = file.open("default", {100ms, {}});
  const auto start = std::chrono::steady_clock::now();
  const Error problem = error_of([&] { registry.begin_run({"batch", "", ""}); });
  const auto waited = std::chrono::steady_clock::now() - start;
  CHECK(problem.code() == ErrorCode::busy);
  CHECK(problem.facts().retry == Retry::may_help);
  CHECK_THAT(problem.what(), ContainsSubstring("' is locked"));
  CHECK_THAT(problem.facts().hint, ContainsSubstring("another process"));
  CHECK(waited >= 100ms);
  CHECK(waited < 5s);
  // Reading goes on meanwhile.
  CHECK(registry.runs().empty());

  holder->rollback();
  CHECK_FALSE(registry.begin_run({"batch", "", ""}).empty());
}

TEST_CASE("waiting for a locked registry ends when it is asked to stop", "[registry]") {
  const RegistryFile file;
  const auto holder = file.session();
  holder->begin(ports::SqlSession::Access::write);
  std::stop_source stop;
  Registry registry = file.open("default", {60s, stop.get_token()});
  const std::jthread asker{[&] {
    std::this_thread::sleep_for(30ms);
    stop.request_stop();
  }};
  CHECK(error_of([&] { registry.begin_run({"batch", "", ""}); }).code() == ErrorCode::cancelled);
}

TEST_CASE("a full disk is an error that leaves the registry whole", "[registry][sqlite]") {
  const RegistryFile file;
  {
    Registry registry = file.open();
    registry.begin_run({"before", "", ""});
  }
  const auto size = std::filesystem::file_size(file.path());
  const std::string answer = in_child([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{size + 400'000, size + 400'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    Registry registry = file.open();
    const RunId run = registry.begin_run({"batch", "", ""});
    auto pair = lead_to_account();
    pair.fields[0].candidates[0].evidence[0].detail = std::string(20'000, 'x');
    for (int i = 0; i < 1000; ++i) {
      registry.store_pair(run, job(i), pair, canonical_context());
    }
    return std::string{"no error"};
  });
  CHECK_THAT(answer, ContainsSubstring("resource_limit|"));
  CHECK_THAT(answer, ContainsSubstring("space"));
  CHECK(file.value("PRAGMA integrity_check") == "ok");
  Registry registry = file.open();
  const auto run = registry.last_run();
  REQUIRE(run);
  CHECK(run->name == "batch");
  const auto done = registry.done_jobs(run->id);
  CHECK_FALSE(done.empty());
  CHECK(registry.proposals_of(run->id).size() == done.size());
}

TEST_CASE("a directory that cannot be written to is denied", "[registry][sqlite]") {
  const RegistryFile file;
  const auto directory = file.path().parent_path();
  std::filesystem::permissions(directory, std::filesystem::perms{0555});
  std::filesystem::permissions(file.path(), std::filesystem::perms{0444});
  const std::string answer = in_child([&]() -> std::string {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
      return "denied|cannot give up root here|hint";
    }
    Registry registry = file.open();
    registry.begin_run({"batch", "", ""});
    return "no error";
  });
  std::filesystem::permissions(directory, std::filesystem::perms{0755});
  CHECK_THAT(answer, ContainsSubstring("denied|"));
  CHECK_FALSE(answer.ends_with("|"));
}

TEST_CASE("a file that is no database is named as such", "[registry][sqlite]") {
  const TemporaryDirectory directory;
  const ManualClock clock;
  const auto path = directory.path() / "notes.db";
  std::ofstream{path} << std::string(5000, 'n');
  const Error problem = error_of([&] {
    Registry{open_registry_session(path, OpenMode::read_write), clock, {}};
  });
  CHECK(problem.code() == ErrorCode::invalid_data);
  CHECK_THAT(problem.what(), ContainsSubstring("notes.db"));
  CHECK(error_of([&] { open_registry_session(directory.path(), OpenMode::read_write); }).code() ==
        ErrorCode::configuration);
}

TEST_CASE("a damaged registry is invalid data, not a crash", "[registry][sqlite]") {
  const RegistryFile file;
  {
    Registry registry = file.open();
    const RunId run = registry.begin_run({"batch", "", ""});
    for (int i = 0; i < 40; ++i) {
      auto pair = lead_to_account();
      pair.source_table = table("t" + std::to_string(i));
      registry.store_pair(run, job(i), pair, canonical_context());
    }
  }
  file.run("PRAGMA wal_checkpoint(TRUNCATE)");
  {
    std::fstream bytes{file.path(), std::ios::in | std::ios::out | std::ios::binary};
    const auto size = std::filesystem::file_size(file.path());
    const std::string rubbish(4096, '\xA5');
    for (std::uintmax_t at = 4096; at + 4096 <= size; at += 4096) {
      bytes.seekp(static_cast<std::streamoff>(at));
      bytes.write(rubbish.data(), 4096);
    }
  }
  const Error problem = error_of([&] {
    Registry registry = file.open();
    all_mappings(registry);
  });
  CHECK(problem.code() == ErrorCode::invalid_data);
  CHECK_FALSE(problem.facts().hint.empty());
}

TEST_CASE("evidence that was tampered with is reported by its table", "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const RunId run = registry.begin_run({"batch", "", ""});
  registry.store_pair(run, job(), lead_to_account(), canonical_context());
  file.run("UPDATE jobs SET fields = substr(fields, 1, length(fields) - 1)");
  const Error problem = error_of([&] { registry.proposals_of(run); });
  CHECK(problem.code() == ErrorCode::invalid_data);
  CHECK_THAT(problem.what(), ContainsSubstring("Lead"));
  // The failed walk has ended its transaction.
  CHECK_FALSE(registry.begin_run({"next", "", ""}).empty());
}
