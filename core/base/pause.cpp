// SPDX-License-Identifier: Apache-2.0
#include "core/base/pause.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace mapctl {

bool pause_for(double seconds, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock{mutex};
  never.wait_for(lock, stop, std::chrono::duration<double>(seconds), [] { return false; });
  return !stop.stop_requested();
}

}  // namespace mapctl
