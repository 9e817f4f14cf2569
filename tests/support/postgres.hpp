// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace mapctl::test {

// A PostgreSQL server for tests, see postgres_server.sh. Role `mapctl` owns the database
// `mapctl_test`; the superuser is `postgres`. Both get in without a password through the socket.
class PostgresServer {
 public:
  // The one of the ctest run, or of this process where there is none. Skips the test case when no
  // server can be run here.
  static const PostgresServer& shared();
  // The same; null when no server can be run here.
  static const PostgresServer* find();

  // One that a test may stop. Skips the test case when no server can be run here.
  PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  std::string url(const std::string& role = "mapctl", const std::string& parameters = {}) const;
  // Through 127.0.0.1, where a password is asked for.
  std::string tcp_url(const std::string& password, const std::string& parameters = {}) const;
  // Of role mapctl; `escaped` as it stands in a URL.
  static std::string password(bool escaped);
  const std::filesystem::path& directory() const noexcept { return directory_; }
  int port() const noexcept { return port_; }

  void halt() const;  // as a crash would
  void resume() const;

 private:
  explicit PostgresServer(std::filesystem::path info, bool is_ours);
  static const PostgresServer& of_run();
  void read();

  std::filesystem::path info_;
  bool is_ours_;
  std::filesystem::path directory_{};
  int port_ = 0;
  std::string missing_{};  // why there is none
};

}  // namespace mapctl::test
