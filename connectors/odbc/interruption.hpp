// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/odbc/connection.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace mapctl::connectors::odbc {

// While it lives, a stop cancels what another call does with the statement: again and again, as a
// cancel that comes before the server has begun is lost. At its end no cancel is under way.
class Interruption {
 public:
  Interruption(const Connection& connection, SQLHSTMT statement, const std::stop_token& stop)
      : connection_{connection}, statement_{statement}, on_stop_{std::in_place, stop, [this] {
                                                                   begin();
                                                                 }} {}
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

 private:
  void begin();

  const Connection& connection_;
  SQLHSTMT statement_;
  std::mutex mutex_{};
  std::condition_variable changed_{};
  bool has_ended_ = false;
  std::optional<std::jthread> canceller_{};
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;  // last: it uses the others
};

}  // namespace mapctl::connectors::odbc
