// SPDX-License-Identifier: Apache-2.0
#include "connectors/salesforce/errors.hpp"

#include "core/base/json_member.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace mapctl::connectors::salesforce {
namespace {

struct Rule {
  std::string_view code{};
  ErrorCode ours{};
  std::string_view cause{};
  std::string_view hint{};
};

constexpr Rule rules[] = {
    {"INVALID_SESSION_ID", ErrorCode::denied, "the session has expired or is not valid",
     "check the secrets under auth:; a refresh token may have been revoked"},
    {"REQUEST_LIMIT_EXCEEDED", ErrorCode::resource_limit,
     "the organisation has no API calls left for the last 24 hours",
     "wait until calls are free again, then run the command again; a batch goes on with --resume"},
    {"API_DISABLED_FOR_ORG", ErrorCode::denied, "the user may not use the API",
     "give the user the permission 'API Enabled', or an edition of Salesforce that has the API"},
    {"API_CURRENTLY_DISABLED", ErrorCode::denied, "the user may not use the API",
     "give the user the permission 'API Enabled'"},
    {"INSUFFICIENT_ACCESS", ErrorCode::denied, "the user has no access",
     "give the user 'Read' on the object in a permission set"},
    {"INSUFFICIENT_ACCESS_OR_READONLY", ErrorCode::denied, "the user has no access",
     "give the user 'Read' on the object in a permission set"},
    {"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", ErrorCode::denied, "the user has no access",
     "give the user 'Read' on the objects that it refers to"},
    {"INVALID_TYPE", ErrorCode::not_found, "does not exist, or the user may not see it",
     "check the name, and that the user has 'Read' on the object"},
    {"INVALID_FIELD", ErrorCode::denied,
     "has a field that does not exist, or that field-level security hides",
     "give the user read access to the field in a permission set"},
    {"NOT_FOUND", ErrorCode::not_found, "does not exist, or the user may not see it",
     "check the name, and that the user has 'Read' on the object"},
    {"INVALID_QUERY_LOCATOR", ErrorCode::conflict, "the rest of the rows is no longer kept",
     "run the command again, or set bulk_threshold lower"},
    {"INVALID_REPLICATION_DATE", ErrorCode::invalid_data,
     "Salesforce does not tell of deleted rows of that time",
     "set deleted_days lower, and check this machine's clock"},
    {"QUERY_TIMEOUT", ErrorCode::resource_limit, "the query takes too long",
     "set bulk_threshold lower, so that the Bulk API reads it"},
    {"OPERATION_TOO_LARGE", ErrorCode::resource_limit,
     "the query looks at more rows than the user may without 'View All Data'",
     "give the user the permission 'View All' on the object"},
};

}  // namespace

Refusal refusal_of(const Json& body) {
  const Json* first = &body;
  if (body.is_array() && !body.empty()) {
    first = &body[0];
  }
  Refusal refusal;
  refusal.code = text_member(*first, "errorCode");
  refusal.message = text_member(*first, "message");
  return refusal;
}

bool is_passing(const Refusal& refusal) {
  return refusal.code == "REQUEST_LIMIT_EXCEEDED" &&
         refusal.message.find("oncurrent") != std::string::npos;
}

Error refusal_error(const Refusal& refusal, int status, std::string_view what,
                    const ports::SecretMask* secrets) {
  Error::Facts facts;
  facts.native_code = refusal.code;
  const std::string detail = ports::shown_text(refusal.message, secrets);
  const auto rule = std::find_if(std::begin(rules), std::end(rules),
                                 [&](const Rule& one) { return one.code == refusal.code; });
  if (is_passing(refusal)) {
    facts.code = ErrorCode::unreachable;
    facts.retry = Retry::may_help;
    facts.message = fmt::format("{}: more requests run at once than Salesforce allows ({})", what,
                                refusal.code);
    facts.hint = "set limits: max_connections lower";
  } else if (rule != std::end(rules)) {
    facts.code = rule->ours;
    facts.message = fmt::format("{}: {} ({}{}{})", what, rule->cause, refusal.code,
                                detail.empty() ? "" : ": ", detail);
    facts.hint = rule->hint;
  } else {
    facts.code = status == 403   ? ErrorCode::denied
                 : status == 404 ? ErrorCode::not_found
                                 : ErrorCode::invalid_data;
    facts.message = fmt::format("{}: Salesforce refuses ({}{}{})", what, refusal.code,
                                detail.empty() ? "" : ": ", detail);
    facts.hint = status == 403 ? "give the user access to it in a permission set"
                               : "check the name, and option 'api_version'";
  }
  return Error{std::move(facts)};
}

Error answer_error(const ports::HttpResponse& response, std::string_view what) {
  const Json body = read_json(response.body);
  if (const Refusal refusal = refusal_of(body); !refusal.code.empty()) {
    return refusal_error(refusal, response.status, what, response.secrets.get());
  }
  if (body.is_discarded() && response.status < 400) {
    return ports::not_json_error(response);
  }
  return ports::status_error(response);
}

}  // namespace mapctl::connectors::salesforce
