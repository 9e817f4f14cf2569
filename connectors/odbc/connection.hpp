// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/odbc/errors.hpp"
#include "connectors/odbc/handle.hpp"
#include "connectors/odbc/options.hpp"
#include "connectors/odbc/quirks.hpp"

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace mapctl::connectors::odbc {

// An open connection. Used by one thread at a time; its statements must not outlive it.
class Connection {
 public:
  // Tries again as the settings say while that may help. Throws Error: unreachable, denied,
  // not_found, configuration, cancelled.
  Connection(std::shared_ptr<const Settings> settings, const std::stop_token& stop);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  SQLHDBC raw() const noexcept { return connection_.get(); }
  const Settings& settings() const noexcept { return *settings_; }
  const Quirks& quirks() const noexcept { return *quirks_; }
  const std::string& object() const noexcept { return object_; }
  std::string info(SQLUSMALLINT what) const;  // empty when the driver does not say

  StatementHandle make_statement() const;
  void execute(std::string_view sql) const;  // no results
  // What the driver says of it; a statement without rows to change is no failure.
  SQLRETURN start(SQLHSTMT statement, std::string_view sql) const;
  // As start(), but throws Error.
  void run(SQLHSTMT statement, std::string_view sql) const;
  // Ends what another thread waits for with a statement of this connection, as far as that is to be
  // had; may take as long as connecting.
  void cancel(SQLHSTMT statement) const noexcept;
  // What the driver reported about a handle, without the password.
  Error error(SQLSMALLINT type, SQLHANDLE handle, Doing doing = Doing::working) const;

 private:
  struct Attempt;
  void connect(const std::stop_token& stop);
  void check_tls() const;
  std::string ask_number() const;

  std::shared_ptr<const Settings> settings_;
  std::string object_;
  const Quirks* quirks_;
  EnvironmentHandle environment_{};
  ConnectionHandle connection_{};
  std::string number_{};  // the server's of it, where cancel() needs it
};

}  // namespace mapctl::connectors::odbc
