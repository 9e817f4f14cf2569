// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/sql_session.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

namespace mapctl::registry::test {

struct SessionSettings {
  std::chrono::milliseconds busy_timeout{10'000};
  std::stop_token stop{};
};

// Where a registry of a test is. The suite is one; MAPCTL_TEST_REGISTRY says on what it runs:
// sqlite, which is meant when it is not set, or postgres.
class Place {
 public:
  virtual ~Place() = default;
  virtual std::unique_ptr<ports::SqlSession> open(bool create, SessionSettings settings) const = 0;
  // One that no policy restricts, for what a test looks at or breaks behind the registry's back.
  virtual std::unique_ptr<ports::SqlSession> open_behind() const = 0;
  virtual std::filesystem::path file() const { return {}; }  // of SQLite
  // Names of a table's columns in their order, with a space between them.
  virtual std::string columns(const std::string& table) const = 0;
  // Brings the lineage grid up to date where it is kept and not computed.
  virtual void refresh_lineage() const {}
  // The database itself finds nothing wrong.
  virtual bool is_sound() const = 0;
};

// Nothing is there yet; removed with all that was put there.
std::unique_ptr<Place> make_place();

}  // namespace mapctl::registry::test
