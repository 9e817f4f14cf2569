// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/ports/http_client.hpp"
#include "core/ports/secret_mask.hpp"

#include <string>
#include <string_view>

namespace mapctl::connectors::salesforce {

// The first of the errors in an answer: [{"errorCode": "...", "message": "..."}].
struct Refusal {
  std::string code{};
  std::string message{};
};
Refusal refusal_of(const Json& body);

// In our terms, for the object or query that `what` names: "object 'Account'". `secrets` may be
// null.
Error refusal_error(const Refusal& refusal, int status, std::string_view what,
                    const ports::SecretMask* secrets);

// Of a whole answer; one that is no JSON is a page of something in between.
Error answer_error(const ports::HttpResponse& response, std::string_view what);

// More requests at once than the organisation may have: waiting helps.
bool is_passing(const Refusal& refusal);

}  // namespace mapctl::connectors::salesforce
