// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/rest/plan.hpp"
#include "core/ports/http_client.hpp"
#include "core/ports/oauth.hpp"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::connectors::rest {

struct Credentials {
  std::vector<ports::HttpHeader> headers{};
  std::vector<std::pair<std::string, std::string>> parameters{};
  Secret token{};  // among them, when it was asked for
};

// Gets and keeps what requests prove themselves with. Tokens that were asked for are shared by all
// connectors of a profile in the process. Used by one thread at a time.
class Authenticator {
 public:
  Authenticator(const ports::ConnectorOptions& options, std::shared_ptr<ports::HttpClient> http);
  // Throws Error::denied when a token is refused, Error::configuration when a value is missing.
  Credentials credentials(const Authentication& authentication, const TemplateScope& scope,
                          std::stop_token stop);
  // Forgets a token that was refused, unless it was replaced already. True when there is or can be
  // another one.
  bool renew(const Authentication& authentication, const TemplateScope& scope,
             const Secret& refused);
  // What went wrong without stopping the work.
  const std::vector<std::string>& warnings() const noexcept { return tokens_.warnings(); }

 private:
  struct Login;
  std::shared_ptr<Login> login_of(const Authentication& authentication,
                                  const TemplateScope& scope) const;
  Secret session(const Authentication& authentication, const TemplateScope& scope,
                 const std::stop_token& stop);
  void log_in(const Authentication& authentication, const TemplateScope& scope, Login& login,
              const std::stop_token& stop);
  const Authentication& chosen(const Authentication& authentication,
                               const TemplateScope& scope) const;

  std::string profile_;
  std::shared_ptr<ports::HttpClient> http_;
  std::function<const ports::HttpClientFactory&()> signer_;
  ports::TokenKeeper tokens_;
};

}  // namespace mapctl::connectors::rest
