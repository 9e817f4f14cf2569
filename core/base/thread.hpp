// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace mapctl {

// A thread that does `work`, or none where the system refuses another one, as it does at a limit of
// processes: the caller then does the work itself.
template <class Work>
std::optional<std::jthread> start_thread(Work&& work) {
  try {
    return std::jthread{std::forward<Work>(work)};
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

}  // namespace mapctl
