// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stop_token>

namespace mapctl::connectors::sqlite {

// The writers of one file in this process, first come first served. SQLite lets waiting writers
// sleep and try again, so that one that waits is passed by and its processor idles; here the next
// one is woken. Writers of other processes still meet SQLite's own lock.
class WriteQueue {
 public:
  // The queue that every session of this process on the same file shares.
  static std::shared_ptr<WriteQueue> of(const std::filesystem::path& file);

  // False when it was not this writer's turn before the deadline or the stop request.
  bool enter(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop);
  void leave() noexcept;
  std::size_t waiting() const;  // how many, at this moment

 private:
  mutable std::mutex mutex_{};
  std::condition_variable_any turn_{};
  std::deque<std::uint64_t> waiting_{};
  std::uint64_t last_ticket_ = 0;
  bool taken_ = false;
};

}  // namespace mapctl::connectors::sqlite
