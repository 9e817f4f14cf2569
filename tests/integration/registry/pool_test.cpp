// SPDX-License-Identifier: Apache-2.0
#include "core/registry/pool.hpp"

#include "core/registry/pair_store.hpp"
#include "core/registry/state.hpp"
#include "core/registry/tenants.hpp"
#include "tests/integration/registry/fixture.hpp"

#include <fmt/format.h>

#include <atomic>
#include <thread>

using namespace mapctl;
using namespace mapctl::registry;
using namespace mapctl::registry::test;

TEST_CASE("threads share no more sessions than the pool may have", "[registry]") {
  const RegistryFile file;
  std::atomic<int> opened{0};
  RegistryPool pool{[&] {
                      ++opened;
                      return file.open();
                    },
                    3};
  std::vector<std::string> problems(8);
  std::atomic<int> taken{0};
  std::atomic<int> most_taken{0};
  {
    std::vector<std::jthread> threads;
    for (std::size_t writer = 0; writer < problems.size(); ++writer) {
      threads.emplace_back([&, writer] {
        try {
          for (int i = 0; i < 6; ++i) {
            const RegistryPool::Lease registry = pool.acquire();
            const int now = ++taken;
            for (int seen = most_taken;
                 seen < now && !most_taken.compare_exchange_weak(seen, now);) {
            }
            set_flag(*registry, "flag_" + std::to_string(writer), std::to_string(i));
            --taken;
          }
        } catch (const std::exception& error) {
          problems[writer] = error.what();
        }
      });
    }
  }
  for (const std::string& problem : problems) {
    CHECK(problem == "");
  }
  CHECK(opened <= 3);
  CHECK(most_taken <= 3);
  CHECK(pool.open() <= 3);
  CHECK(flags(*pool.acquire()).size() == problems.size());
  CHECK(file.value("SELECT count(*) FROM mapping_audit_log") == "48");
}

TEST_CASE("threads that prepare their pairs store all of them, in as many sessions as can write",
          "[registry]") {
  const RegistryFile file;
  Registry registry = file.open();
  const RunId run = registry.begin_run({"batch", "", ""});
  const bool locked_whole = registry.state().session->dialect() == ports::SqlDialect::sqlite;
  CHECK(writers(registry, 4) == (locked_whole ? 1 : 4));

  RegistryPool pool{[&] { return file.open(); }, writers(registry, 4)};
  constexpr std::int64_t threads = 4;
  constexpr std::int64_t pairs = 5;  // of each thread
  std::vector<std::string> problems(threads);
  {
    std::vector<std::jthread> workers;
    for (std::int64_t worker = 0; worker < threads; ++worker) {
      workers.emplace_back([&, worker] {
        try {
          for (std::int64_t number = 0; number < pairs; ++number) {
            mapping::PairProposal proposal = lead_to_account();
            proposal.source_table.table.text = fmt::format("leads_{}_{}", worker, number);
            const PairContext context = canonical_context();
            const PreparedPair prepared{proposal, context, registry.actor().tenant};
            prepared.store(*pool.acquire(), run, job(worker * pairs + number));
          }
        } catch (const std::exception& error) {
          problems[static_cast<std::size_t>(worker)] = error.what();
        }
      });
    }
  }
  for (const std::string& problem : problems) {
    CHECK(problem == "");
  }
  const auto stored = registry.proposals_of(run);
  REQUIRE(stored.size() == threads * pairs);
  for (std::size_t at = 0; at < stored.size(); ++at) {
    CHECK(stored[at].job.position == static_cast<std::int64_t>(at));
    CHECK_FALSE(stored[at].proposal.fields.empty());
  }
}

TEST_CASE("a registry whose work failed does not go back to the pool", "[registry]") {
  const RegistryFile file;
  int opened = 0;
  RegistryPool pool{[&] {
                      if (++opened == 2) {
                        throw Error{ErrorCode::unreachable, "the server is away"};
                      }
                      return file.open();
                    },
                    1};
  const auto fail = [&] {
    const auto registry = pool.acquire();
    throw Error{ErrorCode::conflict, "somebody was faster"};
  };
  CHECK(error_of(fail).code() == ErrorCode::conflict);
  CHECK(pool.open() == 0);
  // One that could not be opened does not count either.
  CHECK(error_of([&] { pool.acquire(); }).code() == ErrorCode::unreachable);
  CHECK(pool.open() == 0);
  CHECK(flags(*pool.acquire()).empty());
  CHECK(flags(*pool.acquire()).empty());
  CHECK(opened == 3);
}

TEST_CASE("waiting for a session ends when it is asked to stop", "[registry]") {
  const RegistryFile file;
  RegistryPool pool{[&] { return file.open(); }, 1};
  const auto taken = pool.acquire();
  std::stop_source stop;
  const std::jthread asker{[&] {
    std::this_thread::sleep_for(20ms);
    stop.request_stop();
  }};
  CHECK(error_of([&] { pool.acquire(stop.get_token()); }).code() == ErrorCode::cancelled);
}
