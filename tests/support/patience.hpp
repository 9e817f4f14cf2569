// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <stop_token>
#include <thread>

namespace mapctl::test {

// For a test of something that must not wait: its token asks to stop after a time that is long for
// any machine, so that what waits in spite of all ends with an error, and not never.
class Patience {
 public:
  explicit Patience(std::chrono::seconds allowed = std::chrono::seconds{90})
      : watch_{[this, allowed](const std::stop_token& done) {
          const auto end = std::chrono::steady_clock::now() + allowed;
          while (!done.stop_requested() && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
          }
          if (!done.stop_requested()) {
            over_.request_stop();
          }
        }} {}
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;
  ~Patience() = default;

  std::stop_token token() const { return over_.get_token(); }
  bool is_over() const noexcept { return over_.stop_requested(); }

 private:
  std::stop_source over_{};
  std::jthread watch_;
};

}  // namespace mapctl::test
