// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/sql_session.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>

namespace mapctl::connectors::sqlite {

enum class OpenMode {
  create,      // makes the file and its directory when they are not there
  read_write,  // the file must be there; where it cannot be written, what writes fails as denied
  read_only,
};

struct SessionSettings {
  std::chrono::milliseconds busy_timeout{10'000};  // how long to wait for other writers
  std::stop_token stop{};                          // ends waiting and running statements
};

// A session on a registry file: write-ahead log, foreign keys enforced. Throws Error::not_found
// with the hint `mapctl init` when the file must be there and is not.
std::unique_ptr<ports::SqlSession> open_registry_session(const std::filesystem::path& path,
                                                         OpenMode mode,
                                                         SessionSettings settings = {});

}  // namespace mapctl::connectors::sqlite
