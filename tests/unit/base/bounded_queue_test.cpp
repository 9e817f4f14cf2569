// SPDX-License-Identifier: Apache-2.0
#include "core/base/bounded_queue.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

using mapctl::BoundedQueue;

TEST_CASE("a queue gives items back in order", "[base][queue]") {
  BoundedQueue<int> queue{3};
  CHECK(queue.push(1, {}));
  CHECK(queue.push(2, {}));
  CHECK(queue.pop({}) == 1);
  CHECK(queue.pop({}) == 2);
}

TEST_CASE("items that cannot be copied pass through a queue", "[base][queue]") {
  BoundedQueue<std::unique_ptr<int>> queue{1};
  CHECK(queue.push(std::make_unique<int>(7), {}));
  CHECK(**queue.pop({}) == 7);
}

TEST_CASE("a closed queue drains and then has nothing", "[base][queue]") {
  BoundedQueue<int> queue{3};
  CHECK(queue.push(1, {}));
  queue.close();
  CHECK_FALSE(queue.push(2, {}));
  CHECK(queue.pop({}) == 1);
  CHECK_FALSE(queue.pop({}));
}

TEST_CASE("closing a queue wakes those who wait on it", "[base][queue]") {
  BoundedQueue<int> full{1};
  REQUIRE(full.push(1, {}));
  BoundedQueue<int> empty{1};
  std::atomic<bool> pushed{true};
  std::atomic<bool> popped{true};
  {
    const std::jthread producer{[&] { pushed = full.push(2, {}); }};
    const std::jthread consumer{[&] { popped = empty.pop({}).has_value(); }};
    full.close();
    empty.close();
  }
  CHECK_FALSE(pushed);
  CHECK_FALSE(popped);
}

TEST_CASE("a stop request wakes those who wait and refuses further work", "[base][queue]") {
  BoundedQueue<int> full{1};
  REQUIRE(full.push(1, {}));
  BoundedQueue<int> empty{1};
  std::stop_source source;
  std::atomic<bool> pushed{true};
  std::atomic<bool> popped{true};
  {
    const std::jthread producer{[&] { pushed = full.push(2, source.get_token()); }};
    const std::jthread consumer{[&] { popped = empty.pop(source.get_token()).has_value(); }};
    source.request_stop();
  }
  CHECK_FALSE(pushed);
  CHECK_FALSE(popped);
  CHECK_FALSE(empty.push(3, source.get_token()));
  CHECK_FALSE(full.pop(source.get_token()));
  CHECK(full.pop({}) == 1);
}

TEST_CASE("every item of several producers reaches exactly one consumer", "[base][queue]") {
  constexpr int per_producer = 5000;
  constexpr int producers = 3;
  BoundedQueue<int> queue{4};
  std::vector<std::vector<int>> taken(3);
  {
    std::vector<std::jthread> consumers;
    for (auto& own : taken) {
      consumers.emplace_back([&own, &queue] {
        while (const auto item = queue.pop({})) {
          own.push_back(*item);
        }
      });
    }
    {
      std::vector<std::jthread> makers;
      for (int producer = 0; producer < producers; ++producer) {
        makers.emplace_back([&queue, producer] {
          for (int i = 0; i < per_producer; ++i) {
            queue.push(producer * per_producer + i, {});
          }
        });
      }
    }
    queue.close();
  }
  std::vector<int> seen(producers * per_producer, 0);
  for (const auto& own : taken) {
    for (const int item : own) {
      ++seen[static_cast<std::size_t>(item)];
    }
  }
  CHECK(std::count(seen.begin(), seen.end(), 1) == producers * per_producer);
}
