// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/interruption.hpp"

#include "core/base/thread.hpp"

#include <chrono>

namespace mapctl::connectors::odbc {

using namespace std::chrono_literals;

Interruption::~Interruption() {
  on_stop_.reset();  // waits for a begin() that is under way
  if (canceller_) {
    {
      const std::lock_guard lock{mutex_};
      has_ended_ = true;
    }
    changed_.notify_all();
    canceller_.reset();
  }
}

// In a thread of its own: whoever requests the stop is not to wait for the server. Without one the
// call ends by itself, and the stop is seen then.
void Interruption::begin() {
  canceller_ = start_thread([this]() noexcept {
    std::unique_lock lock{mutex_};
    while (!changed_.wait_for(lock, 20ms, [this] { return has_ended_; })) {
      connection_.cancel(statement_);
      changed_.wait_for(lock, 500ms, [this] { return has_ended_; });
    }
  });
}

}  // namespace mapctl::connectors::odbc
