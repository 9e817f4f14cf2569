// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/interruption.hpp"

#include <chrono>
#include <exception>

namespace mapctl::connectors::odbc {

using namespace std::chrono_literals;

Interruption::~Interruption() {
  on_stop_.reset();  // waits for a begin() that is under way
  if (canceller_.joinable()) {
    {
      const std::lock_guard lock{mutex_};
      has_ended_ = true;
    }
    changed_.notify_all();
    canceller_.join();
  }
}

// In a thread of its own: whoever requests the stop is not to wait for the server.
void Interruption::begin() {
  try {
    canceller_ = std::thread{[this]() noexcept {
      std::unique_lock lock{mutex_};
      while (!changed_.wait_for(lock, 20ms, [this] { return has_ended_; })) {
        SQLCancel(statement_);
        changed_.wait_for(lock, 500ms, [this] { return has_ended_; });
      }
    }};
  } catch (const std::exception&) {
    // Without a thread the call ends by itself, and the stop is seen then.
  }
}

}  // namespace mapctl::connectors::odbc
