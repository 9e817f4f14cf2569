// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/options.hpp"

#include "connectors/odbc/info.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/ports/connector_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace mapctl::connectors::odbc {
namespace {

std::string read_port(const ports::ConnectorOptions& options) {
  const std::int64_t port = ports::whole_option(options, "port", 0, 1, 65'535);
  return port == 0 ? std::string{} : fmt::format("{}", port);
}

std::string read_attributes(const ports::ConnectorOptions& options) {
  std::string attributes = ports::text_option(options, "attributes");
  for (const std::string_view part : split(attributes, ';')) {
    const std::string keyword = to_lower(trim(part.substr(0, part.find('='))));
    if (keyword == "pwd" || keyword == "password") {
      // The value is not shown: it is a secret.
      ports::fail_option(options, "attributes", "holds a password",
                         "give it as auth: {password: ...}, as a reference");
    }
  }
  return attributes;
}

void take_limits(Settings& result, const ports::ConnectionLimits& limits) {
  if (limits.timeout) {
    const long seconds = std::max(1L, std::lround(std::ceil(*limits.timeout)));
    result.login_timeout = seconds;
    result.query_timeout = seconds;
  }
  result.connections = limits.max_connections.value_or(result.connections);
  result.retry = ports::retry_rules(limits, 1);
}

// Braces make every character of a value stand for itself; a closing one is doubled.
void append(std::string& text, std::string_view keyword, std::string_view value) {
  if (keyword.empty() || value.empty()) {
    return;
  }
  text += keyword;
  text += "={";
  for (const char c : value) {
    text += c;
    if (c == '}') {
      text += c;
    }
  }
  text += "};";
}

void append_plain(std::string& text, std::string_view keyword, std::string_view value) {
  const bool needs_braces = value.find_first_of("[]{}(),;?*=!@ ") != std::string_view::npos;
  if (needs_braces) {
    append(text, keyword, value);
  } else if (!value.empty()) {
    text += fmt::format("{}={};", keyword, value);
  }
}

std::string_view tls_words(const Settings& settings, const Quirks& quirks) {
  std::string_view words;
  std::string_view name;
  switch (settings.tls) {
    case Tls::as_driver: return {};
    case Tls::off: return quirks.tls_off;
    case Tls::require:
      words = quirks.tls_require;
      name = "require";
      break;
    case Tls::verify:
      words = quirks.tls_verify;
      name = "verify";
      break;
  }
  // Silence would leave a connection open to eavesdroppers that the profile wants closed.
  if (words.empty()) {
    throw Error{ErrorCode::configuration,
                fmt::format("profile '{}': {} has no setting for tls: {}", settings.profile,
                            quirks.driver, name),
                "leave tls out and give the driver's own keywords under attributes"};
  }
  return words;
}

}  // namespace

Settings parse_options(const ports::ConnectorOptions& options) {
  ports::check_options(options, info());
  ports::check_secrets(options, "odbc", {"user", "username", "password"});
  Settings result;
  result.profile = options.profile;
  result.driver = ports::text_option(options, "driver");
  result.dsn = ports::text_option(options, "dsn");
  result.server = ports::text_option(options, "server");
  result.port = read_port(options);
  result.socket = ports::text_option(options, "socket");
  result.database = ports::text_option(options, "database");
  result.attributes = read_attributes(options);
  result.tls_ca = ports::text_option(options, "tls_ca");
  result.dialect = ports::word_option(options, "dialect",
                                      {{"auto", DialectChoice::automatic},
                                       {"mysql", DialectChoice::mysql},
                                       {"mariadb", DialectChoice::mysql},
                                       {"sqlserver", DialectChoice::sqlserver},
                                       {"generic", DialectChoice::generic}},
                                      result.dialect);
  result.tls = ports::word_option(options, "tls",
                                  {{"off", Tls::off},
                                   {"false", Tls::off},  // how YAML 1.1 tools write off
                                   {"require", Tls::require},
                                   {"verify", Tls::verify}},
                                  result.tls);
  result.fetch = ports::word_option(
      options, "fetch",
      {{"auto", Fetch::automatic}, {"blocks", Fetch::blocks}, {"values", Fetch::values}},
      result.fetch);
  const Secret& user = ports::secret_of(options, "user");
  result.user = user.empty() ? ports::secret_of(options, "username").reveal() : user.reveal();
  result.password = Secret{ports::secret_of(options, "password")};
  if (result.driver.empty() == result.dsn.empty()) {
    throw Error{ErrorCode::configuration,
                fmt::format("profile '{}': connector 'odbc' needs {}", options.profile,
                            result.driver.empty() ? "the option 'driver' or 'dsn'"
                                                  : "either 'driver' or 'dsn', not both"),
                "'odbcinst -q -d' lists the drivers and 'odbcinst -q -s' the data sources of this "
                "machine"};
  }
  take_limits(result, options.limits);
  return result;
}

Secret connection_string(const Settings& settings, const Quirks& quirks) {
  std::string text;
  if (settings.dsn.empty()) {
    append(text, "Driver", settings.driver);
  } else {
    append_plain(text, "DSN", settings.dsn);
  }
  if (settings.socket.empty() || quirks.socket.empty()) {
    if (quirks.port_behind_server && !settings.port.empty()) {
      append_plain(text, "Server", settings.server + "," + settings.port);
    } else {
      append_plain(text, "Server", settings.server);
      append_plain(text, "Port", settings.port);
    }
  } else {
    append_plain(text, quirks.socket, settings.socket);
  }
  append_plain(text, "Database", settings.database);
  append_plain(text, "UID", settings.user);
  if (!settings.password.empty()) {
    append(text, "PWD", settings.password.reveal());
  }
  text += quirks.always;
  text += tls_words(settings, quirks);
  if (settings.tls == Tls::verify) {
    append_plain(text, quirks.tls_ca, settings.tls_ca);
  }
  text += settings.attributes;
  return Secret{std::move(text)};
}

std::string object_name(const Settings& settings) {
  std::string place = settings.server;
  if (!settings.server.empty() && !settings.port.empty()) {
    place += ":" + settings.port;
  }
  if (place.empty()) {
    place = settings.socket;
  }
  if (!settings.database.empty()) {
    return place.empty() ? fmt::format("database '{}'", settings.database)
                         : fmt::format("database '{}' on '{}'", settings.database, place);
  }
  if (!place.empty()) {
    return fmt::format("server '{}'", place);
  }
  return settings.dsn.empty() ? fmt::format("driver '{}'", settings.driver)
                              : fmt::format("data source '{}'", settings.dsn);
}

}  // namespace mapctl::connectors::odbc
