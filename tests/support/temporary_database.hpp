// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/postgres.hpp"

#include <memory>
#include <string>

namespace mapctl::connectors::postgres {
class Connection;
}

namespace mapctl::test {

// A database of its own on a server for tests, dropped at the end unless MAPCTL_KEEP_TEST_DB is
// set. Role `mapctl` owns it.
class TemporaryDatabase {
 public:
  explicit TemporaryDatabase(const PostgresServer& server = PostgresServer::shared());
  TemporaryDatabase(const TemporaryDatabase&) = delete;
  TemporaryDatabase& operator=(const TemporaryDatabase&) = delete;
  ~TemporaryDatabase();

  const std::string& name() const noexcept { return name_; }
  const PostgresServer& server() const noexcept { return server_; }
  // Through the socket, where nobody needs a password.
  std::string url(const std::string& role = "mapctl", const std::string& parameters = {}) const;
  // Through 127.0.0.1, where role mapctl needs one; escaped as it stands in a URL.
  std::string tcp_url(const std::string& password, const std::string& parameters = {}) const;

  // Statements separated by semicolons.
  void run(const std::string& sql, const std::string& role = "mapctl") const;
  void run_file(const std::string& path) const;
  // The first value of the answer.
  std::string value(const std::string& sql, const std::string& role = "mapctl") const;

 private:
  connectors::postgres::Connection& connection(const std::string& role) const;

  const PostgresServer& server_;
  std::string name_;
  mutable std::string role_{};
  mutable std::unique_ptr<connectors::postgres::Connection> connection_;
};

}  // namespace mapctl::test
