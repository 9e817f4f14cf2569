// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/url.hpp"

#include "connectors/postgres/handle.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace mapctl::connectors::postgres {
namespace {

std::optional<std::string> decode(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    unsigned byte = 0;
    const char* digits = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2 ||
        byte == 0) {
      return std::nullopt;
    }
    plain += static_cast<char>(byte);
    i += 2;
  }
  return plain;
}

std::string own_parameter(std::string_view name, std::string_view value) {
  auto plain = decode(value);
  if (!plain || plain->empty()) {
    throw Error{ErrorCode::configuration,
                fmt::format("parameter '{}' of the PostgreSQL URL has no usable value", name),
                fmt::format("write {}=VALUE, with special characters as %XX", name)};
  }
  return *std::move(plain);
}

bool read_flag(std::string_view name, const std::string& value) {
  if (value != "true" && value != "false") {
    throw Error{ErrorCode::configuration,
                fmt::format("parameter '{}' of the PostgreSQL URL is '{}'", name, value),
                "write true or false"};
  }
  return value == "true";
}

std::string_view value_of(const PQconninfoOption* options, std::string_view keyword) {
  for (; options->keyword != nullptr; ++options) {
    if (options->keyword == keyword) {
      return options->val == nullptr ? std::string_view{} : options->val;
    }
  }
  return {};
}

// A '/' in a password makes its beginning the port, and an '@' makes its end a part of the host or
// of the path. libpq would repeat them when it connects.
bool is_read_as_meant(std::string_view url, const PQconninfoOption* options) {
  const auto host = value_of(options, "host");
  const auto database = value_of(options, "dbname");
  for (auto at = host.find('@'); at != host.npos; at = host.find('@', at + 1)) {
    if (at > 0 && host[at - 1] != ',') {  // else a socket of Linux's abstract names
      return false;
    }
  }
  const bool at_in_path =
      database.find('@') != database.npos && url.find(fmt::format("/{}", database)) != url.npos;
  return !at_in_path &&
         value_of(options, "port").find_first_not_of("0123456789,") == std::string_view::npos;
}

}  // namespace

Url parse_url(const Secret& url) {
  Url result;
  const std::string& text = url.reveal();
  const std::size_t question = text.find('?');
  std::string rest = text.substr(0, question);
  char separator = '?';
  if (question != std::string::npos) {
    for (const std::string_view parameter :
         split(std::string_view{text}.substr(question + 1), '&')) {
      const std::size_t equals = parameter.find('=');
      const std::string_view name = parameter.substr(0, equals);
      const std::string_view value =
          equals == parameter.npos ? std::string_view{} : parameter.substr(equals + 1);
      if (name == "schema") {
        result.schema = own_parameter(name, value);
      } else if (name == "pgbouncer") {
        result.pgbouncer = read_flag(name, own_parameter(name, value));
      } else if (!parameter.empty()) {
        rest += separator;
        rest += parameter;
        separator = '&';
      }
    }
  }
  char* message = nullptr;
  const ConnectionOptionsHandle options{PQconninfoParse(rest.c_str(), &message)};
  const MemoryHandle words{message};
  if (!options || !is_read_as_meant(rest, options.get())) {
    throw Error{
        ErrorCode::configuration, "the PostgreSQL URL cannot be read",
        "write postgresql://USER@HOST:PORT/DATABASE?PARAMETER=VALUE with special "
        "characters of user and password as %XX (@ as %40), and only parameters that libpq knows, "
        "schema and pgbouncer"};
  }
  result.libpq = Secret{std::move(rest)};
  return result;
}

}  // namespace mapctl::connectors::postgres
