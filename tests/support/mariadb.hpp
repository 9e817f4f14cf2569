// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"

#include <string>

namespace mapctl::test {

// The private MariaDB of this ctest run, or one of this process when it is run by itself.
struct MariaDbServer {
  std::string port{}, socket{}, user{}, password{};

  // For the connector `odbc`.
  ports::ConnectorOptions options(const std::string& database) const;
  void run(const std::string& sql, const std::string& database = {}) const;
};

// Nothing when there is no server or no driver for it.
const MariaDbServer* find_mariadb();
const MariaDbServer* find_mariadb_without_tls();
// Skips the test case when there is no server or no driver for it.
const MariaDbServer& mariadb();
// One of this process that has no TLS; skips as mariadb() does.
const MariaDbServer& mariadb_without_tls();

// A database of its own for one test case, dropped at its end unless MAPCTL_KEEP_TEST_DB is set.
class MariaDbDatabase {
 public:
  explicit MariaDbDatabase(const std::string& suffix = {});
  MariaDbDatabase(const MariaDbDatabase&) = delete;
  MariaDbDatabase& operator=(const MariaDbDatabase&) = delete;
  ~MariaDbDatabase();

  const std::string& name() const noexcept { return name_; }
  ports::ConnectorOptions options() const { return mariadb().options(name_); }
  void run(const std::string& sql) const { mariadb().run(sql, name_); }

 private:
  std::string name_;
};

// "`a``b`"
std::string mariadb_name(const std::string& name);

}  // namespace mapctl::test
