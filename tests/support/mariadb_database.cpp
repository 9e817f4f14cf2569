// SPDX-License-Identifier: Apache-2.0
// What only tests use of mariadb.hpp: programs without Catch2 link the rest.
#include "tests/support/catch.hpp"
#include "tests/support/mariadb.hpp"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace mapctl::test {

namespace {

const MariaDbServer& found_or_skipped(const MariaDbServer* server) {
  if (server == nullptr) {
    skip("mariadb", "there is no mariadbd, or no ODBC driver named 'MariaDB Unicode'");
  }
  return *server;
}

}  // namespace

const MariaDbServer& mariadb() {
  return found_or_skipped(find_mariadb());
}

const MariaDbServer& mariadb_without_tls() {
  return found_or_skipped(find_mariadb_without_tls());
}

MariaDbDatabase::MariaDbDatabase(const std::string& suffix) {
  static int number = 0;
  name_ = "t" + std::to_string(::getpid()) + "_" + std::to_string(++number) + suffix;
  mariadb().run("CREATE DATABASE " + mariadb_name(name_) + " CHARACTER SET utf8mb4");
}

MariaDbDatabase::~MariaDbDatabase() {
  if (std::getenv("MAPCTL_KEEP_TEST_DB") != nullptr) {
    return;
  }
  try {
    mariadb().run("DROP DATABASE " + mariadb_name(name_));
  } catch (const std::exception&) {
    // A test may have stopped the server.
  }
}

}  // namespace mapctl::test
