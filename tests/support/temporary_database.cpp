// SPDX-License-Identifier: Apache-2.0
#include "tests/support/temporary_database.hpp"

#include "connectors/postgres/connection.hpp"
#include "core/base/file.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <exception>
#include <stop_token>

namespace mapctl::test {
namespace {

using connectors::postgres::Connection;

std::string new_name() {
  static std::atomic<int> number{0};
  return "t_" + std::to_string(getpid()) + "_" + std::to_string(++number);
}

void run_as_superuser(const PostgresServer& server, const std::string& sql) {
  Connection connection{Secret{server.url("postgres")}, std::string{}, std::stop_token{}};
  connection.connect();
  connection.run(sql.c_str());
}

}  // namespace

TemporaryDatabase::TemporaryDatabase(const PostgresServer& server)
    : server_{server}, name_{new_name()} {
  run_as_superuser(server_, "CREATE DATABASE " + name_ + " OWNER mapctl");
}

TemporaryDatabase::~TemporaryDatabase() {
  connection_.reset();
  if (std::getenv("MAPCTL_KEEP_TEST_DB") != nullptr) {
    return;
  }
  try {
    run_as_superuser(server_, "DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {
    // The server of a test that stops it may be gone.
  }
}

std::string TemporaryDatabase::url(const std::string& role, const std::string& parameters) const {
  return "postgresql://" + role + "@/" + name_ + "?host=" + server_.directory().string() +
         "&port=" + std::to_string(server_.port()) + (parameters.empty() ? "" : "&" + parameters);
}

std::string TemporaryDatabase::tcp_url(const std::string& password,
                                       const std::string& parameters) const {
  return "postgresql://mapctl:" + password + "@127.0.0.1:" + std::to_string(server_.port()) + "/" +
         name_ + (parameters.empty() ? "" : "?" + parameters);
}

Connection& TemporaryDatabase::connection(const std::string& role) const {
  if (!connection_ || role_ != role || !connection_->is_usable()) {
    role_ = role;
    connection_ = std::make_unique<Connection>(Secret{url(role)}, std::string{}, std::stop_token{});
    connection_->connect();
  }
  return *connection_;
}

void TemporaryDatabase::run(const std::string& sql, const std::string& role) const {
  connection(role).run(sql.c_str());
}

void TemporaryDatabase::run_file(const std::string& path) const {
  run(read_file(path));
}

std::string TemporaryDatabase::value(const std::string& sql, const std::string& role) const {
  const auto result = connection(role).run(sql.c_str());
  return PQntuples(result.get()) == 0 ? "no row" : PQgetvalue(result.get(), 0, 0);
}

}  // namespace mapctl::test
