// SPDX-License-Identifier: Apache-2.0
#include "connectors/mongodb/errors.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>
#include <mongoc/mongoc.h>

namespace mapctl::connectors::mongodb {
namespace {

// Codes of the server.
constexpr std::uint32_t unauthorized = 13, authentication_failed = 18, namespace_not_found = 26,
                        cursor_not_found = 43, max_time_expired = 50;
constexpr std::size_t shown_detail = 300;

bool is_sign_in(std::uint32_t domain, std::uint32_t code) {
  return domain == MONGOC_ERROR_SASL || domain == MONGOC_ERROR_SCRAM ||
         (domain == MONGOC_ERROR_CLIENT && code == MONGOC_ERROR_CLIENT_AUTHENTICATE) ||
         (domain == MONGOC_ERROR_SERVER && code == authentication_failed);
}

// The library tells what kept it from a connection in words only.
void explain_no_connection(std::string_view message, Error::Facts& facts) {
  const auto has = [&](std::string_view words) { return message.find(words) != message.npos; };
  facts.code = ErrorCode::unreachable;
  if (has("TLS handshake failed") || has("certificate")) {
    facts.hint =
        "check that the server speaks TLS and that its certificate is for the host in option "
        "'url'; name the certificates to trust in option 'ca_file'";
  } else if (has("SRV record") || has("TXT record")) {
    facts.hint =
        "check the name in option 'url' and that this machine can look names up; a host without "
        "such a record is reached by mongodb://";
    facts.retry = Retry::may_help;
  } else if (has("resolve") || has("DNS")) {
    facts.hint = "check the host in option 'url'";
    facts.retry = Retry::may_help;
  } else {
    facts.hint =
        "check option 'url', that the server is up, and that both sides agree on TLS: 'tls=true' "
        "in the address, or option 'ca_file', asks for it";
    facts.retry = Retry::may_help;
  }
}

}  // namespace

Error native_error(std::uint32_t domain, std::uint32_t code, std::string_view message,
                   std::string_view what) {
  Error::Facts facts;
  facts.native_code = fmt::format("MongoDB {}", code);
  const std::string detail = replace_all(to_valid_utf8(message), "\n", " ");
  facts.message = fmt::format("{}: {}", what, utf8_prefix(detail, shown_detail));
  if (is_sign_in(domain, code)) {
    facts.code = ErrorCode::denied;
    facts.hint = "check username and password under auth:, and option 'auth_source'";
  } else if (domain == MONGOC_ERROR_SERVER_SELECTION || domain == MONGOC_ERROR_STREAM) {
    explain_no_connection(message, facts);
  } else if (domain == MONGOC_ERROR_SERVER && code == unauthorized) {
    facts.code = ErrorCode::denied;
    facts.hint = "give the user the role 'read' on the database, or leave it out with 'databases'";
  } else if (domain == MONGOC_ERROR_SERVER && code == namespace_not_found) {
    facts.code = ErrorCode::not_found;
    facts.hint = "check the names of database and collection";
  } else if (domain == MONGOC_ERROR_SERVER && code == cursor_not_found) {
    facts.code = ErrorCode::unreachable;
    facts.hint = "the server gave the query up: read again, without long pauses";
    facts.retry = Retry::may_help;
  } else if (domain == MONGOC_ERROR_SERVER && code == max_time_expired) {
    facts.code = ErrorCode::resource_limit;
    facts.hint = "set limits: timeout higher, or 'sample_documents' lower";
  } else {
    facts.code = ErrorCode::invalid_data;
    facts.hint = "look at the server's log";
  }
  return Error{std::move(facts)};
}

}  // namespace mapctl::connectors::mongodb
