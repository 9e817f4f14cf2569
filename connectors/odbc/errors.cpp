// SPDX-License-Identifier: Apache-2.0
#include "connectors/odbc/errors.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace mapctl::connectors::odbc {
namespace {

struct Facts {
  ErrorCode code = ErrorCode::internal;
  Retry retry = Retry::never;
  std::string_view hint{};
};

constexpr std::string_view down = "check that the server runs and can be reached; then try again";
constexpr std::string_view login = "check auth.user and auth.password of the profile";
constexpr std::string_view rights = "ask the owner for the privilege, for example GRANT SELECT";
constexpr std::string_view encryption =
    "check tls and tls_ca of the profile, and the server's certificate";
constexpr std::string_view slow = "raise limits.timeout of the profile, or ask for fewer tables";
constexpr std::string_view not_tds =
    "check that a SQL Server answers at server and port of the profile, and tls if it wants that";
constexpr std::string_view crowded =
    "the server has no connection left; use fewer workers, or raise its limit";

// The server's own numbers say more than the SQLSTATE, which is often the general HY000 or 42000.
struct NativeRule {
  long number = 0;
  Facts facts{};
};
using enum ErrorCode;
constexpr std::array mysql_rules{
    NativeRule{1040, {busy, Retry::may_help, crowded}},
    NativeRule{1044, {denied, Retry::never, rights}},
    NativeRule{1045, {denied, Retry::never, login}},
    NativeRule{1049, {not_found, Retry::never, "check the database's name in the profile"}},
    NativeRule{1109, {not_found, Retry::never, {}}},
    NativeRule{1129, {denied, Retry::never, "the server blocks this host: FLUSH HOSTS"}},
    NativeRule{1130, {denied, Retry::never, "the server takes no connections from this host"}},
    NativeRule{1142, {denied, Retry::never, rights}},
    NativeRule{1143, {denied, Retry::never, rights}},
    NativeRule{1146, {not_found, Retry::never, {}}},
    NativeRule{1203, {busy, Retry::may_help, crowded}},
    NativeRule{1205, {busy, Retry::may_help, "another transaction was in the way; try again"}},
    NativeRule{1213, {busy, Retry::may_help, "another transaction was in the way; try again"}},
    NativeRule{1226, {busy, Retry::may_help, "the user's limit on the server is used up"}},
    NativeRule{1227, {denied, Retry::never, rights}},
    NativeRule{1317, {busy, Retry::may_help, "an administrator ended the query"}},
    NativeRule{1345, {denied, Retry::never, "ask for GRANT SHOW VIEW on it"}},
    NativeRule{1356, {invalid_data, Retry::never, "repair or drop the view"}},
    NativeRule{1969, {busy, Retry::never, slow}},
    NativeRule{2002, {unreachable, Retry::may_help, down}},
    NativeRule{2003, {unreachable, Retry::may_help, down}},
    NativeRule{2005, {unreachable, Retry::may_help, "check the server's name in the profile"}},
    NativeRule{2006, {unreachable, Retry::may_help, down}},
    NativeRule{2013, {unreachable, Retry::may_help, down}},
    NativeRule{2026, {unreachable, Retry::never, encryption}},
    NativeRule{3024, {busy, Retry::never, slow}},
    NativeRule{3159, {denied, Retry::never, "the server wants TLS: tls: require"}},
};
constexpr std::array sqlserver_rules{
    NativeRule{208, {not_found, Retry::never, {}}},
    NativeRule{229, {denied, Retry::never, rights}},
    NativeRule{230, {denied, Retry::never, rights}},
    NativeRule{262, {denied, Retry::never, rights}},
    NativeRule{300, {denied, Retry::never, "ask for GRANT VIEW DEFINITION"}},
    NativeRule{916, {denied, Retry::never, rights}},
    NativeRule{1205, {busy, Retry::may_help, "another transaction was in the way; try again"}},
    NativeRule{4060, {not_found, Retry::never, "check the database's name in the profile"}},
    NativeRule{18456, {denied, Retry::never, login}},
    NativeRule{20002, {unreachable, Retry::may_help, down}},
    NativeRule{20003, {busy, Retry::may_help, slow}},
    NativeRule{20009, {unreachable, Retry::may_help, down}},
    NativeRule{20013, {unreachable, Retry::may_help, "check the server's name in the profile"}},
};

struct StateRule {
  std::string_view prefix{};  // a class, or one state
  Facts facts{};
};
constexpr std::array state_rules{
    StateRule{"08004", {denied, Retry::never, login}},
    StateRule{"08", {unreachable, Retry::may_help, down}},
    StateRule{"22", {invalid_data, Retry::never, {}}},
    StateRule{"23", {conflict, Retry::never, {}}},
    StateRule{"25006", {denied, Retry::never, {}}},
    StateRule{"28", {denied, Retry::never, login}},
    StateRule{"3D", {not_found, Retry::never, "check the database's name in the profile"}},
    StateRule{"3F", {not_found, Retry::never, {}}},
    StateRule{"40", {busy, Retry::may_help, "another transaction was in the way; try again"}},
    StateRule{"42501", {denied, Retry::never, rights}},
    StateRule{"42P01", {not_found, Retry::never, {}}},
    StateRule{"42S02", {not_found, Retry::never, {}}},
    StateRule{"42S22", {not_found, Retry::never, {}}},
    StateRule{"53300", {busy, Retry::may_help, crowded}},
    StateRule{"57014", {busy, Retry::never, slow}},
    StateRule{"57P", {unreachable, Retry::may_help, down}},
    StateRule{"HY001", {resource_limit, Retry::never, "memory is short; ask for fewer tables"}},
    StateRule{"HY008", {cancelled, Retry::never, {}}},
    StateRule{"HYC00", {unsupported, Retry::never, {}}},
    StateRule{"HYT", {busy, Retry::may_help, slow}},
    StateRule{"IM001", {unsupported, Retry::never, {}}},
    StateRule{"IM",
              {configuration, Retry::never,
               "check driver or dsn of the profile; 'odbcinst -q -d' lists the drivers and "
               "'odbcinst -q -s' the data sources of this machine"}},
};

const Facts* find(std::span<const NativeRule> rules, long number) noexcept {
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [&](const NativeRule& rule) { return rule.number == number; });
  return found == rules.end() ? nullptr : &found->facts;
}

bool says(std::string_view text, std::string_view words) noexcept {
  return text.find(words) != std::string_view::npos;
}

const Facts* find_native(const Diagnostic& diagnostic) {
  const std::string text = to_lower(diagnostic.text);
  if (text.starts_with("[ma-") || text.starts_with("[mysql]") || text.starts_with("[mariadb]")) {
    return find(mysql_rules, diagnostic.native);
  }
  if (says(text, "[freetds]") || says(text, "[sql server]")) {
    return find(sqlserver_rules, diagnostic.native);
  }
  return nullptr;
}

Facts classify(const Diagnostic& diagnostic, Doing doing) {
  if (const Facts* native = find_native(diagnostic)) {
    return *native;
  }
  const std::string text = to_lower(diagnostic.text);
  if (says(text, "can't open lib") || says(text, "file not found")) {
    return {configuration, Retry::never,
            "install the driver; 'odbcinst -q -d' lists those that this machine has"};
  }
  // The SQLite driver says no more than that.
  if (says(text, "unable to open database") || says(text, "[sqlite]connect failed")) {
    return {not_found, Retry::never, "check the path of the database in the profile"};
  }
  if (doing == Doing::connecting) {
    // FreeTDS says so of a server that hangs up or speaks something else.
    if (says(text, "[freetds]") && says(text, "unable to connect to data source")) {
      return {unreachable, Retry::never, not_tds};
    }
    if (says(text, "ssl") || says(text, "tls") || says(text, "certificate")) {
      return {unreachable, Retry::never, encryption};
    }
    // psqlodbc gives one state for everything that stops a connection.
    if (says(text, "password authentication failed") || says(text, "no password supplied") ||
        says(text, "access denied") || says(text, "login failed")) {
      return {denied, Retry::never, login};
    }
    if (says(text, "database \"") && says(text, "does not exist")) {
      return {not_found, Retry::never, "check the database's name in the profile"};
    }
    if (diagnostic.sqlstate.starts_with("HYT")) {
      return {unreachable, Retry::may_help, down};
    }
  } else if (says(text, "broken pipe") || says(text, "connection reset") ||
             says(text, "lost connection") || says(text, "gone away")) {
    return {unreachable, Retry::may_help, down};
  } else if (says(text, "permission denied") || says(text, "permission was denied")) {
    return {denied, Retry::never, rights};
  }
  for (const StateRule& rule : state_rules) {
    if (diagnostic.sqlstate.starts_with(rule.prefix)) {
      return rule.facts;
    }
  }
  if (doing == Doing::connecting) {
    return {unreachable, Retry::never, "check server, port, database and auth of the profile"};
  }
  return {io, Retry::never, "look into the log of the server or of the driver"};
}

}  // namespace

std::string plain_text(std::string_view text) {
  while (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) {
      break;
    }
    text = trim(text.substr(end + 1));
  }
  std::string line;
  for (const char c : text) {
    const bool is_space = static_cast<unsigned char>(c) <= ' ';
    if (!is_space) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '.')) {
    line.pop_back();
  }
  return line;
}

Error to_error(const Diagnostic& diagnostic, std::string_view object, Doing doing) {
  const Facts facts = classify(diagnostic, doing);
  std::string message = facts.code == cancelled
                            ? fmt::format("{}: cancelled", object)
                            : fmt::format("{}: {}", object, plain_text(diagnostic.text));
  return Error{Error::Facts{facts.code, std::move(message), std::string{facts.hint},
                            diagnostic.sqlstate, facts.retry}};
}

}  // namespace mapctl::connectors::odbc
