// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/sql_session.hpp"

#include <chrono>
#include <memory>
#include <stop_token>

namespace mapctl::connectors::postgres {

struct SessionSettings {
  std::chrono::milliseconds busy_timeout{30'000};      // how long to wait for other writers
  std::chrono::milliseconds look_up_patience{15'000};  // for a server that went away in a commit
  std::stop_token stop{};
};

// A session on a registry; connects at once. A connection that was lost is made anew by the next
// transaction or statement outside one.
std::unique_ptr<ports::SqlSession> open_registry_session(const ports::SqlSessionOptions& options,
                                                         SessionSettings settings = {});

const ports::SqlSessionFactory& session_factory();

}  // namespace mapctl::connectors::postgres
