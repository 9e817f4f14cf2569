// SPDX-License-Identifier: Apache-2.0
#include "core/registry/pool.hpp"

#include "core/registry/tenants.hpp"
#include "tests/integration/registry/fixture.hpp"

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
