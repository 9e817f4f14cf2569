// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/registry/fixture.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;

namespace {

mapping::PairProposal numbered_pair(const std::string& writer, int number) {
  auto pair = lead_to_account();
  pair.source_table = table(writer + "_" + std::to_string(number));
  return pair;
}

// Runs `work` in a process of its own; returns its id.
template <class Work>
pid_t start(Work&& work) {
  const pid_t child = fork();
  if (child == 0) {
    int code = 0;
    try {
      work();
    } catch (...) {
      code = 1;
    }
    _exit(code);
  }
  return child;
}

int exit_code(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Every pair is there with all its parts or not at all.
void check_whole(const RegistryFile& file) {
  CHECK(file.is_sound());
  CHECK(file.value("SELECT count(*) FROM jobs WHERE fields IS NULL OR source_fields <> 3") == "0");
  CHECK(file.value("SELECT (SELECT count(*) FROM jobs) * 2 - (SELECT count(*) FROM "
                   "field_mappings)") == "0");
  CHECK(file.value("SELECT (SELECT count(*) FROM field_mappings) - (SELECT count(*) FROM "
                   "mapping_audit_log WHERE action = 'created')") == "0");
  CHECK(file.value("SELECT count(*) - coalesce(max(position), 0) FROM mapping_audit_log") == "0");
}

}  // namespace

TEST_CASE("processes that write at once lose nothing", "[registry]") {
  const RegistryFile file;
  constexpr int writers = 4;
  constexpr int pairs = 25;
  std::vector<pid_t> children;
  for (int writer = 0; writer < writers; ++writer) {
    children.push_back(start([&] {
      Registry registry = file.open();
      const RunId run = registry.begin_run({"batch", "", ""});
      for (int i = 0; i < pairs; ++i) {
        registry.store_pair(run, job(i), numbered_pair("w" + std::to_string(writer), i),
                            canonical_context());
      }
      registry.finish_run(run, RunStatus::done, {});
    }));
  }
  for (const pid_t child : children) {
    CHECK(exit_code(child) == 0);
  }
  check_whole(file);
  Registry registry = file.open();
  CHECK(registry.runs().size() == writers);
  CHECK(all_mappings(registry).size() == std::size_t{2} * writers * pairs);
  CHECK(registry.connectors().size() == 1);
}

TEST_CASE("threads with a registry each write at once", "[registry]") {
  const RegistryFile file;
  Registry first = file.open();
  const RunId run = first.begin_run({"batch", "", ""});
  std::vector<std::string> problems(4);
  {
    std::vector<std::jthread> threads;
    for (std::size_t writer = 0; writer < problems.size(); ++writer) {
      threads.emplace_back([&, writer] {
        try {
          Registry registry = file.open();
          for (int i = 0; i < 20; ++i) {
            registry.store_pair(run, job(static_cast<std::int64_t>(writer) * 20 + i),
                                numbered_pair("t" + std::to_string(writer), i),
                                canonical_context());
          }
        } catch (const std::exception& error) {
          problems[writer] = error.what();
        }
      });
    }
  }
  for (const std::string& problem : problems) {
    CHECK(problem.empty());
  }
  check_whole(file);
  CHECK(first.done_jobs(run).size() == 80);
}

TEST_CASE("a writer killed at any moment leaves whole pairs", "[registry]") {
  const RegistryFile file;
  std::mt19937 random{20260202};
  int number = 0;
  for (int round = 0; round < 12; ++round) {
    const pid_t child = start([&] {
      Registry registry = file.open();
      const RunId run = registry.begin_run({"batch", "", ""});
      for (int i = 0;; ++i) {
        registry.store_pair(run, job(i), numbered_pair("k" + std::to_string(round), i),
                            canonical_context());
      }
    });
    std::this_thread::sleep_for(std::chrono::microseconds{3'000 + random() % 25'000});
    kill(child, SIGKILL);
    CHECK(exit_code(child) == 128 + SIGKILL);
    ++number;
  }
  CHECK(number == 12);
  check_whole(file);
  Registry registry = file.open();
  CHECK(registry
            .store_pair(registry.begin_run({"after", "", ""}), job(), lead_to_account(),
                        canonical_context())
            .created == 2);
}
