// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/info.hpp"

#include "core/base/text.hpp"

#include <map>
#include <string>

namespace mapctl::connectors::odbc {
namespace {

// Of a driver that is named; the one behind a data source only the driver manager knows.
bool opens_files(const std::map<std::string, std::string>& options) {
  const auto driver = options.find("driver");
  return driver != options.end() && to_lower(driver->second).find("sqlite") != std::string::npos;
}

}  // namespace

ports::ConnectorInfo info() {
  ports::ConnectorInfo info;
  info.name = "odbc";
  info.description = "MySQL, MariaDB, SQL Server and others through their ODBC drivers";
  info.kind = "database";
  info.capabilities.discovers_keys = true;
  info.capabilities.discovers_statistics = true;
  info.capabilities.counts_rows = true;
  info.capabilities.reads_rows = true;
  info.capabilities.has_schemas = true;
  info.options = {
      {"driver", "the driver's name in odbcinst.ini, or the path of its library", false, false},
      {"dsn", "a data source of odbc.ini, instead of driver", false, false},
      {"server", "host name or address", false, false},
      {"port", "of the server; the driver's own when not given", false, false},
      {"socket", "path of the server's local socket, instead of server", false, true},
      {"database",
       "the database or SQLite's file; of MySQL and MariaDB all that the user sees when not given",
       false, false, false, &opens_files},
      {"dialect", "auto (by what the server says), mysql, sqlserver or generic", false, false},
      {"tls",
       "off, require, or verify (certificate and host name); the driver's own when not given",
       false, false},
      {"tls_ca", "file of the authorities that tls: verify trusts", false, true},
      {"attributes", "more of the connection string, as Keyword=value;Keyword=value", false, false},
      {"fetch", "auto, blocks, or values for drivers that cut long values", false, false},
  };
  return info;
}

ports::ConnectorFacts facts() {
  ports::ConnectorFacts facts;
  facts.approach = "hybrid";
  facts.reason =
      "the standard's calls for any driver, the servers' own views and a table of quirks for some";
  facts.authentication = {"password"};
  facts.tested =
      "MariaDB 10.11; the drivers of PostgreSQL and SQLite; SQL Server by recorded answers";
  return facts;
}

}  // namespace mapctl::connectors::odbc
