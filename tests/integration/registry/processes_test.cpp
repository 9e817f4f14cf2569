// SPDX-License-Identifier: Apache-2.0
#include "core/registry/audit.hpp"
#include "core/registry/changes.hpp"
#include "core/registry/migrations.hpp"
#include "tests/integration/registry/fixture.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
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

// How many kills: few in every run, more when they are asked for.
int rounds() {
  const char* wanted = std::getenv("MAPCTL_KILL_ROUNDS");
  return wanted == nullptr ? 12 : std::max(1, std::atoi(wanted));
}

std::vector<NewMapping> block_of_mappings(const std::string& table, int count) {
  std::vector<NewMapping> block;
  for (int i = 0; i < count; ++i) {
    NewMapping made;
    made.mapping.key = {mapping::ConnectorName{"crm"}, catalog::TableName{table},
                        mapping::FieldPath{"field_" + std::to_string(i)},
                        mapping::EntityName{"account"},
                        mapping::FieldPath{"column_" + std::to_string(i)}};
    made.mapping.source = mapping::MappingSource::manual;
    block.push_back(std::move(made));
  }
  return block;
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
  constexpr int writers = 8;
  constexpr int pairs = 12;
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
  const int kills = rounds();
  for (int round = 0; round < kills; ++round) {
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
  CHECK(number == kills);
  check_whole(file);
  Registry registry = file.open();
  CHECK(registry
            .store_pair(registry.begin_run({"after", "", ""}), job(), lead_to_account(),
                        canonical_context())
            .created == 2);
}

TEST_CASE("a bulk upsert killed at any moment leaves all of it or nothing", "[registry]") {
  const RegistryFile file;
  std::mt19937 random{20260204};
  constexpr int block = 40;
  const int kills = rounds();
  // Until one got as far as to write, each gets more time: machines differ.
  unsigned longest = 25'000;
  bool has_rows = false;
  for (int round = 0; round < kills; ++round) {
    const pid_t child = start([&] {
      Registry registry = file.open();
      // Every second block is written over one that is there.
      for (int i = 0;; ++i) {
        auto mappings = block_of_mappings("b" + std::to_string(i / 2 + round), block);
        for (NewMapping& made : mappings) {
          made.mapping.notes = std::to_string(round) + " " + std::to_string(i);
        }
        Changes changes{registry};
        changes.put_all(mappings, "in bulk");
        changes.commit();
      }
    });
    std::this_thread::sleep_for(std::chrono::microseconds{3'000 + random() % longest});
    kill(child, SIGKILL);
    CHECK(exit_code(child) == 128 + SIGKILL);
    has_rows = has_rows || file.value("SELECT count(*) FROM field_mappings") != "0";
    longest = has_rows ? longest : std::min(2 * longest, 2'000'000U);
  }
  CHECK(has_rows);
  CHECK(file.is_sound());
  CHECK(file.value("SELECT count(*) FROM (SELECT source_table FROM field_mappings GROUP BY "
                   "source_table HAVING count(*) <> 40 OR min(notes) <> max(notes) OR "
                   "min(version) <> max(version)) AS torn") == "0");
  Registry registry = file.open();
  CHECK(verify_audit(registry).intact());
  CHECK(file.value("SELECT (SELECT count(*) FROM field_mappings) - (SELECT count(*) FROM "
                   "mapping_audit_log WHERE action = 'created')") == "0");
  CHECK(file.value("SELECT coalesce(sum(version - 1), 0) - (SELECT count(*) FROM "
                   "mapping_versions) FROM field_mappings") == "0");
  Changes changes{registry};
  CHECK(changes.put_all(block_of_mappings("after", block), "a rerun").created == block);
  changes.commit();
}

TEST_CASE("of eight processes that change the same mappings none loses an update", "[registry]") {
  const RegistryFile file;
  constexpr int writers = 8;
  constexpr int edits = 12;
  std::vector<mapping::MappingId> ids;
  {
    Registry registry = file.open();
    Changes changes{registry};
    for (const NewMapping& made : block_of_mappings("Lead", 2)) {
      ids.push_back(changes.create(made, "by hand"));
    }
    changes.commit();
  }
  std::vector<pid_t> children;
  for (int writer = 0; writer < writers; ++writer) {
    children.push_back(start([&] {
      Registry registry = file.open_as("writer" + std::to_string(writer));
      for (int i = 0; i < edits; ++i) {
        // In an order of its own, as that is how writers come to wait for each other in a circle.
        for (std::size_t at = 0; at < ids.size(); ++at) {
          const auto& id = ids[(at + static_cast<std::size_t>(writer)) % ids.size()];
          for (bool done = false; !done;) {
            const auto seen = all_mappings(registry);
            const auto& now = seen[0].id == id ? seen[0] : seen[1];
            try {
              Changes changes{registry};
              MappingEdit edit;
              edit.notes = now.notes + "w" + std::to_string(writer) + "-" + std::to_string(i) + ";";
              changes.edit({id, now.version}, edit, "one more");
              changes.commit();
              done = true;
            } catch (const Error& problem) {
              if (problem.code() != ErrorCode::conflict) {
                throw;
              }
            }
          }
        }
      }
    }));
  }
  for (const pid_t child : children) {
    CHECK(exit_code(child) == 0);
  }
  Registry registry = file.open();
  for (const mapping::FieldMapping& mapping : all_mappings(registry)) {
    CHECK(mapping.version == 1 + writers * edits);
    for (int writer = 0; writer < writers; ++writer) {
      std::size_t at = 0;
      for (int i = 0; i < edits; ++i) {
        const std::string token = "w" + std::to_string(writer) + "-" + std::to_string(i) + ";";
        const std::size_t found = mapping.notes.find(token, at);
        REQUIRE(found != std::string::npos);
        at = found + token.size();
      }
    }
  }
  CHECK(verify_audit(registry).intact());
  CHECK(file.value("SELECT count(*) FROM mapping_audit_log WHERE action = 'updated'") ==
        std::to_string(writers * edits * 2));
}

TEST_CASE("processes that migrate one registry at once do each step once", "[registry]") {
  const RegistryFile file;
  {
    Registry registry = file.open();
    const RunId run = registry.begin_run({"batch", "", ""});
    registry.store_pair(run, job(), lead_to_account(), canonical_context());
  }
  const std::string columns = file.columns("jobs");
  for (const int from : {0, 4}) {
    migrate(*file.session(), file.clock, from);
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
      children.push_back(start([&] { migrate(*file.session(), file.clock); }));
    }
    for (const pid_t child : children) {
      CHECK(exit_code(child) == 0);
    }
    CHECK(file.value("SELECT count(*) || ' ' || max(version) FROM mapctl_schema_version") ==
          std::to_string(newest_schema_version()) + " " + std::to_string(newest_schema_version()));
    CHECK(file.columns("jobs") == columns);
    initialise(*file.session(), file.clock);
    CHECK(file.is_sound());
  }
}
