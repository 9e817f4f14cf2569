// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/odbc/quirks.hpp"
#include "core/base/resilience.hpp"
#include "core/base/secret.hpp"
#include "core/ports/connector.hpp"

#include <cstdint>
#include <string>

namespace mapctl::connectors::odbc {

enum class DialectChoice : std::uint8_t { automatic, mysql, sqlserver, generic };
enum class Tls : std::uint8_t { as_driver, off, require, verify };
enum class Fetch : std::uint8_t { automatic, blocks, values };

// A profile's options, checked.
struct Settings {
  std::string profile{};
  std::string dsn{}, driver{}, server{}, port{}, socket{}, database{}, attributes{}, tls_ca{};
  DialectChoice dialect = DialectChoice::automatic;
  Tls tls = Tls::as_driver;
  Fetch fetch = Fetch::automatic;
  std::string user{};
  Secret password{};
  long login_timeout = 15;       // seconds
  long query_timeout = 0;        // seconds; 0 for none
  std::int64_t connections = 2;  // that one discovery may open
  RetryRules retry{};
};

// Throws Error::configuration for options that it does not know or that do not go together.
Settings parse_options(const ports::ConnectorOptions& options);

// For SQLDriverConnect; every value is quoted for it. Throws Error::configuration for a tls that
// the driver has no word for.
Secret connection_string(const Settings& settings, const Quirks& quirks);

// "database 'crm' on 'db.example:3306'", without user and password.
std::string object_name(const Settings& settings);

}  // namespace mapctl::connectors::odbc
