// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/write_queue.hpp"

#include "core/base/file.hpp"
#include "tests/support/catch.hpp"

#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace mapctl;
using connectors::sqlite::WriteQueue;
using namespace std::chrono_literals;

namespace {

std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + 60s;
}
constexpr std::chrono::steady_clock::time_point long_ago{};

void wait_for_line(const WriteQueue& queue, std::size_t length) {
  while (queue.waiting() != length) {
    std::this_thread::yield();
  }
}

}  // namespace

TEST_CASE("all who write one file share a queue, however they name it", "[sqlite]") {
  const TemporaryDirectory folder;
  std::filesystem::create_directory(folder.path() / "sub");
  const auto file = folder.path() / "r.db";
  const auto queue = WriteQueue::of(file);
  CHECK(WriteQueue::of(folder.path() / "sub" / ".." / "r.db") == queue);
  CHECK(WriteQueue::of(folder.path() / "other.db") != queue);
  std::ofstream{file};
  CHECK(WriteQueue::of(file) == queue);
  std::filesystem::create_symlink(file, folder.path() / "link.db");
  CHECK(WriteQueue::of(folder.path() / "link.db") == queue);
}

TEST_CASE("writers take turns in the order in which they came", "[sqlite]") {
  WriteQueue queue;
  REQUIRE(queue.enter(soon(), {}));
  std::string order;  // written by the one whose turn it is
  std::vector<std::jthread> writers;
  for (const char name : {'a', 'b', 'c', 'd'}) {
    writers.emplace_back([&queue, &order, name] {
      if (queue.enter(soon(), {})) {
        order += name;
        queue.leave();
      }
    });
    wait_for_line(queue, writers.size());
  }
  queue.leave();
  writers.clear();
  CHECK(order == "abcd");
  CHECK(queue.enter(long_ago, {}));  // free: nobody is waited for
}

TEST_CASE("a writer never meets another one", "[sqlite]") {
  WriteQueue queue;
  long written = 0;  // without a lock of its own
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < 4; ++writer) {
      writers.emplace_back([&] {
        for (int round = 0; round < 500; ++round) {
          if (queue.enter(soon(), {})) {
            ++written;
            queue.leave();
          }
        }
      });
    }
  }
  CHECK(written == 2000);
  CHECK(queue.waiting() == 0);
}

TEST_CASE("who waited too long gives up and holds nobody up", "[sqlite]") {
  WriteQueue queue;
  REQUIRE(queue.enter(soon(), {}));
  CHECK_FALSE(queue.enter(long_ago, {}));
  CHECK(queue.waiting() == 0);
  queue.leave();
  CHECK(queue.enter(long_ago, {}));
}

TEST_CASE("who is asked to stop leaves the line to the one behind", "[sqlite]") {
  WriteQueue queue;
  REQUIRE(queue.enter(soon(), {}));
  std::stop_source stop;
  bool first = true;
  bool second = false;
  {
    std::jthread stopped{[&] { first = queue.enter(soon(), stop.get_token()); }};
    wait_for_line(queue, 1);
    std::jthread behind{[&] {
      second = queue.enter(soon(), {});
      queue.leave();
    }};
    wait_for_line(queue, 2);
    stop.request_stop();
    wait_for_line(queue, 1);
    queue.leave();
  }
  CHECK_FALSE(first);
  CHECK(second);
}
