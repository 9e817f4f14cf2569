// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/options.hpp"

#include "connectors/odbc/info.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

namespace mapctl::connectors::odbc {
namespace {

[[noreturn]] void fail(const std::string& profile, std::string_view option, std::string_view value,
                       std::string hint) {
  throw Error{ErrorCode::configuration,
              fmt::format("profile '{}': option '{}' cannot be '{}'", profile, option, value),
              std::move(hint)};
}

template <class T>
T choose(const std::string& profile, std::string_view option, const std::string& value,
         const std::vector<std::pair<std::string, T>>& words) {
  std::vector<std::string> known;
  for (const auto& [word, meaning] : words) {
    if (word == value) {
      return meaning;
    }
    known.push_back(word);
  }
  fail(profile, option, value, suggestion(value, known));
}

void check_port(const std::string& profile, const std::string& value) {
  int number = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (failure != std::errc{} || end != value.data() + value.size() || number < 1 ||
      number > 65'535) {
    fail(profile, "port", value, "give a number from 1 to 65535");
  }
}

void check_attributes(const std::string& profile, const std::string& value) {
  for (const std::string_view part : split(value, ';')) {
    const std::string keyword = to_lower(trim(part.substr(0, part.find('='))));
    if (keyword == "pwd" || keyword == "password") {
      // The value is not shown: it is a secret.
      throw Error{ErrorCode::configuration,
                  fmt::format("profile '{}': option 'attributes' holds a password", profile),
                  "give it as auth: {password: ...}, as a reference"};
    }
  }
}

void apply(Settings& result, const std::string& name, const std::string& value) {
  if (name == "driver") {
    result.driver = value;
  } else if (name == "dsn") {
    result.dsn = value;
  } else if (name == "server") {
    result.server = value;
  } else if (name == "port") {
    check_port(result.profile, value);
    result.port = value;
  } else if (name == "socket") {
    result.socket = value;
  } else if (name == "database") {
    result.database = value;
  } else if (name == "attributes") {
    check_attributes(result.profile, value);
    result.attributes = value;
  } else if (name == "tls_ca") {
    result.tls_ca = value;
  } else if (name == "dialect") {
    result.dialect = choose<DialectChoice>(result.profile, name, value,
                                           {{"auto", DialectChoice::automatic},
                                            {"mysql", DialectChoice::mysql},
                                            {"mariadb", DialectChoice::mysql},
                                            {"sqlserver", DialectChoice::sqlserver},
                                            {"generic", DialectChoice::generic}});
  } else if (name == "tls") {
    result.tls = choose<Tls>(result.profile, name, value,
                             {{"off", Tls::off},
                              {"false", Tls::off},  // how YAML 1.1 tools write off
                              {"require", Tls::require},
                              {"verify", Tls::verify}});
  } else if (name == "fetch") {
    result.fetch = choose<Fetch>(
        result.profile, name, value,
        {{"auto", Fetch::automatic}, {"blocks", Fetch::blocks}, {"values", Fetch::values}});
  }
}

void take_limits(Settings& result, const ports::ConnectionLimits& limits) {
  if (limits.timeout) {
    const long seconds = std::max(1L, std::lround(std::ceil(*limits.timeout)));
    result.login_timeout = seconds;
    result.query_timeout = seconds;
  }
  result.retry.attempts =
      static_cast<unsigned>(std::clamp<std::int64_t>(limits.attempts.value_or(1), 1, 100));
  result.retry.backoff = limits.backoff.value_or(result.retry.backoff);
  result.retry.max_backoff = limits.max_backoff.value_or(result.retry.max_backoff);
  result.retry.deadline = limits.deadline.value_or(result.retry.deadline);
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
  Settings result;
  result.profile = options.profile;
  std::vector<std::string> known;
  for (const auto& spec : info().options) {
    known.push_back(spec.name);
  }
  for (const auto& [name, value] : options.options) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw Error{
          ErrorCode::configuration,
          fmt::format("profile '{}': connector odbc has no option '{}'", options.profile, name),
          suggestion(name, known)};
    }
    apply(result, name, value);
  }
  for (const auto& [name, value] : options.secrets) {
    if (name == "user" || name == "username") {
      result.user = value.reveal();
    } else if (name == "password") {
      result.password = Secret{value};
    } else {
      throw Error{ErrorCode::configuration,
                  fmt::format("profile '{}': connector odbc has no key '{}' of auth",
                              options.profile, name),
                  "it takes user and password"};
    }
  }
  if (result.driver.empty() == result.dsn.empty()) {
    throw Error{ErrorCode::configuration,
                fmt::format("profile '{}': connector odbc needs {}", options.profile,
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
