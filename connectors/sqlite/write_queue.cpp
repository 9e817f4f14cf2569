// SPDX-License-Identifier: Apache-2.0
#include "connectors/sqlite/write_queue.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <system_error>

namespace mapctl::connectors::sqlite {

std::shared_ptr<WriteQueue> WriteQueue::of(const std::filesystem::path& file) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<WriteQueue>> queues;
  std::error_code problem;
  std::filesystem::path name = std::filesystem::weakly_canonical(file, problem);
  if (problem) {
    name = file;
  }
  const std::scoped_lock lock{mutex};
  std::erase_if(queues, [](const auto& entry) { return entry.second.expired(); });
  std::weak_ptr<WriteQueue>& known = queues[name.string()];
  std::shared_ptr<WriteQueue> queue = known.lock();
  if (!queue) {
    queue = std::make_shared<WriteQueue>();
    known = queue;
  }
  return queue;
}

bool WriteQueue::enter(std::chrono::steady_clock::time_point deadline,
                       const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  if (!taken_ && waiting_.empty()) {
    taken_ = true;
    return true;
  }
  const std::uint64_t ticket = ++last_ticket_;
  waiting_.push_back(ticket);
  const bool mine =
      turn_.wait_until(lock, stop, deadline, [&] { return !taken_ && waiting_.front() == ticket; });
  waiting_.erase(std::find(waiting_.begin(), waiting_.end(), ticket));
  if (mine) {
    taken_ = true;
  } else {
    turn_.notify_all();  // the one behind may be first now
  }
  return mine;
}

std::size_t WriteQueue::waiting() const {
  const std::scoped_lock lock{mutex_};
  return waiting_.size();
}

void WriteQueue::leave() noexcept {
  {
    const std::scoped_lock lock{mutex_};
    taken_ = false;
  }
  turn_.notify_all();
}

}  // namespace mapctl::connectors::sqlite
