// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/errors.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mapctl::connectors::postgres {
namespace {

struct Rule {
  std::string_view prefix{};  // of the SQLSTATE: a class, or one code
  ErrorCode code = ErrorCode::internal;
  Retry retry = Retry::never;
  std::string_view hint{};
};

constexpr std::string_view down = "check that the server runs and can be reached; then try again";

// The first rule whose prefix fits.
constexpr std::array rules{
    Rule{"08P01", ErrorCode::invalid_data, Retry::never,
         "something between mapctl and the server does not speak its protocol as it should"},
    Rule{"08", ErrorCode::unreachable, Retry::may_help, down},
    Rule{"0A", ErrorCode::unsupported, Retry::never, {}},
    Rule{"0LP01", ErrorCode::denied, Retry::never, "ask the owner for the privilege"},
    Rule{"22", ErrorCode::invalid_data, Retry::never, {}},
    Rule{"23", ErrorCode::conflict, Retry::never, {}},
    Rule{"25006", ErrorCode::denied, Retry::never,
         "the server takes no writes, as a standby does; name the primary, or add "
         "target_session_attrs=read-write to the URL"},
    Rule{"26000", ErrorCode::configuration, Retry::never,
         "a pooler gives each transaction another connection; add pgbouncer=true to the URL"},
    Rule{"28", ErrorCode::denied, Retry::never,
         "check user and password; libpq also reads PGUSER, PGPASSWORD and ~/.pgpass"},
    Rule{"3D000", ErrorCode::not_found, Retry::never, "check the database's name in the URL"},
    Rule{"3F000", ErrorCode::not_found, Retry::never, "check the schema's name"},
    Rule{"40", ErrorCode::busy, Retry::may_help, "another transaction was in the way; try again"},
    Rule{"42501", ErrorCode::denied, Retry::never, "ask the owner for the privilege"},
    Rule{"42P05", ErrorCode::configuration, Retry::never,
         "a pooler gives each transaction another connection; add pgbouncer=true to the URL"},
    Rule{"42P01", ErrorCode::not_found, Retry::never, {}},
    Rule{"42704", ErrorCode::not_found, Retry::never, {}},
    Rule{"42P04", ErrorCode::already_exists, Retry::never, {}},
    Rule{"42P06", ErrorCode::already_exists, Retry::never, {}},
    Rule{"42P07", ErrorCode::already_exists, Retry::never, {}},
    Rule{"53100", ErrorCode::resource_limit, Retry::never, "free some space on the server's disk"},
    Rule{"53300", ErrorCode::busy, Retry::may_help,
         "the server has no connection left; use fewer workers, or raise its max_connections"},
    Rule{"53", ErrorCode::resource_limit, Retry::never, "the server ran out of a resource"},
    Rule{"54", ErrorCode::resource_limit, Retry::never,
         "a name or value is longer than the server can keep: its indexes hold about 2,700 bytes"},
    Rule{"55006", ErrorCode::busy, Retry::may_help, "somebody else uses it; try again"},
    Rule{"55P03", ErrorCode::busy, Retry::may_help,
         "another process is writing to it; try again when that has ended"},
    Rule{"57014", ErrorCode::busy, Retry::may_help,
         "the server's statement_timeout ended it, or an administrator"},
    Rule{"57P04", ErrorCode::not_found, Retry::never, "the database was dropped"},
    Rule{"57P", ErrorCode::unreachable, Retry::may_help, down},
    Rule{"58", ErrorCode::io, Retry::never, "look into the server's log"},
    Rule{"F0", ErrorCode::configuration, Retry::never, {}},
    Rule{"XX001", ErrorCode::invalid_data, Retry::never, "restore the database from a backup"},
    Rule{"XX002", ErrorCode::invalid_data, Retry::never, "rebuild the index with REINDEX"},
};

const Rule* find_rule(std::string_view sqlstate) noexcept {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) {
    return sqlstate.starts_with(rule.prefix);
  });
  return found == rules.end() ? nullptr : &*found;
}

bool says(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

// Nothing came from the server: libpq's own words.
Error without_sqlstate(const Report& report, std::string_view object) {
  Error::Facts facts;
  facts.code = ErrorCode::unreachable;
  facts.retry = Retry::may_help;
  facts.hint = down;
  facts.message = fmt::format("{}: {}", object, report.text);
  const std::string text = to_lower(report.text);
  if (says(text, "no password supplied")) {
    facts.code = ErrorCode::denied;
    facts.retry = Retry::never;
    facts.hint = "set PGPASSWORD, or write the password to ~/.pgpass";
  } else if (says(text, "ssl") || says(text, "certificate") || says(text, "tls")) {
    facts.retry = Retry::never;
    facts.hint = says(text, "does not match host name")
                     ? "use the host name that the certificate is for"
                     : "check sslmode, sslrootcert and the server's certificate";
  } else if (says(text, "could not translate host name")) {
    facts.hint = "check the host's name";
  } else if (says(text, "service")) {
    facts.code = ErrorCode::configuration;
    facts.retry = Retry::never;
    facts.hint = "check ~/.pg_service.conf or the file that PGSERVICEFILE names";
  }
  if (!report.advice.empty()) {
    facts.hint = report.advice;
  }
  return Error{std::move(facts)};
}

bool is_sqlstate(std::string_view text) noexcept {
  return text.size() == 5 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

}  // namespace

Error to_error(const Report& report, std::string_view object, bool asked_to_stop) {
  if (asked_to_stop && (report.sqlstate == "57014" || report.sqlstate.empty())) {
    return Error{Error::Facts{ErrorCode::cancelled,
                              fmt::format("{}: cancelled", object),
                              {},
                              report.sqlstate,
                              Retry::never}};
  }
  if (report.sqlstate.empty()) {
    return without_sqlstate(report, object);
  }
  Error::Facts facts;
  facts.native_code = report.sqlstate;
  facts.message = report.sqlstate == "55P03" ? fmt::format("{} is locked", object)
                                             : fmt::format("{}: {}", object, report.text);
  if (const Rule* rule = find_rule(report.sqlstate)) {
    facts.code = rule->code;
    facts.retry = rule->retry;
    facts.hint = rule->hint;
  }
  if (!report.advice.empty()) {
    facts.hint = report.advice;
  } else if (facts.hint.empty()) {
    facts.hint = report.hint;
  }
  return Error{std::move(facts)};
}

Report read_connect_failure(std::string_view text) {
  Report report;
  // Verbose: 'connection to server at "h" failed: FATAL:  28P01: password ...' and lines of places.
  for (const std::string_view line : split(text, '\n')) {
    const std::string_view trimmed = trim(line);
    if (trimmed.empty() || trimmed.starts_with("LOCATION:")) {
      continue;
    }
    if (trimmed.starts_with("HINT:")) {
      report.hint = std::string{trim(trimmed.substr(5))};
      continue;
    }
    report.text += report.text.empty() ? "" : "; ";
    report.text += trimmed;
  }
  const std::size_t mark = report.text.find(":  ");
  if (mark != std::string::npos && report.text.size() > mark + 9 &&
      is_sqlstate(std::string_view{report.text}.substr(mark + 3, 5)) &&
      report.text[mark + 8] == ':') {
    report.sqlstate = report.text.substr(mark + 3, 5);
    report.text.erase(mark + 1, 8);  // "  28P01:"
  }
  return report;
}

}  // namespace mapctl::connectors::postgres
