// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/rest/plan.hpp"
#include "core/ports/http_client.hpp"

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::connectors::rest {

struct Credentials {
  std::vector<ports::HttpHeader> headers{};
  std::vector<std::pair<std::string, std::string>> parameters{};
};

// Gets and keeps what requests prove themselves with. Tokens that were asked for are shared by all
// connectors of a profile in the process. Used by one thread at a time.
class Authenticator {
 public:
  Authenticator(std::string profile, std::shared_ptr<ports::HttpClient> http,
                std::map<std::string, Secret> secrets,
                std::function<void(const std::string&, const Secret&)> keep_secret);
  // Throws Error::denied when a token is refused, Error::configuration when a value is missing.
  Credentials credentials(const Authentication& authentication, const TemplateScope& scope,
                          std::stop_token stop);
  // Forgets a token that was refused. True when another one can be asked for.
  bool renew(const Authentication& authentication, const TemplateScope& scope);
  // What went wrong without stopping the work.
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }

 private:
  struct Token;
  std::shared_ptr<Token> token_of(const Authentication& authentication, const TemplateScope& scope);
  std::string access_token(const Authentication& authentication, const TemplateScope& scope,
                           const std::stop_token& stop);
  void ask(const Authentication& authentication, const TemplateScope& scope, Token& token,
           const std::stop_token& stop);
  void log_in(const Authentication& authentication, const TemplateScope& scope, Token& token,
              const std::stop_token& stop);
  void keep_rotated(const std::string& before, const std::string& after);
  const Authentication& chosen(const Authentication& authentication,
                               const TemplateScope& scope) const;

  std::string profile_;
  std::shared_ptr<ports::HttpClient> http_;
  std::map<std::string, Secret> secrets_;
  std::function<void(const std::string&, const Secret&)> keep_secret_;
  std::vector<std::string> warnings_;
};

}  // namespace mapctl::connectors::rest
