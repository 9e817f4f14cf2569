// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace mapctl {

// A queue of bounded length between threads. After close() pushes are refused and pops drain what
// is left. Every member may be called from any thread.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_{capacity} {}

  // Waits for room; false when closed or stopped, and the item is then dropped.
  bool push(T item, std::stop_token stop) {
    std::unique_lock lock{mutex_};
    room_.wait(lock, stop, [&] { return closed_ || items_.size() < capacity_; });
    if (closed_ || stop.stop_requested()) {
      return false;
    }
    items_.push_back(std::move(item));
    lock.unlock();
    filled_.notify_one();
    return true;
  }

  // Waits for an item; nothing when stopped, or closed and empty.
  std::optional<T> pop(std::stop_token stop) {
    std::unique_lock lock{mutex_};
    filled_.wait(lock, stop, [&] { return closed_ || !items_.empty(); });
    if (items_.empty() || stop.stop_requested()) {
      return std::nullopt;
    }
    std::optional<T> item{std::move(items_.front())};
    items_.pop_front();
    lock.unlock();
    room_.notify_one();
    return item;
  }

  void close() {
    {
      const std::lock_guard lock{mutex_};
      closed_ = true;
    }
    room_.notify_all();
    filled_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any room_;
  std::condition_variable_any filled_;
  std::deque<T> items_;
  std::size_t capacity_;
  bool closed_ = false;
};

}  // namespace mapctl
