// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/auth.hpp"

#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <mutex>

namespace mapctl::connectors::rest {
namespace {

using Kind = Authentication::Kind;

// Of a session whose end nobody tells, and of a token that has none.
constexpr double session_seconds = 3600;
constexpr double forever = 1e9;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Assertions are for real servers: they go by the machine's clock.
double epoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::vector<std::pair<std::string, std::string>> texts_of(const NamedTemplates& values,
                                                          const TemplateScope& scope) {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& [name, value] : values) {
    texts.emplace_back(name.text(scope), value.text(scope));
  }
  return texts;
}

ports::JwtClaims claims_of(const Assertion& assertion, const TemplateScope& scope) {
  ports::JwtClaims claims;
  claims.issuer = assertion.issuer.text(scope);
  claims.subject = assertion.subject.text(scope);
  claims.audience = assertion.audience.text(scope);
  claims.more = texts_of(assertion.claims, scope);
  claims.lifetime = assertion.lifetime;
  claims.algorithm = assertion.algorithm;
  claims.key_id = assertion.key_id.text(scope);
  claims.key = Secret{assertion.key.text(scope)};
  return claims;
}

ports::TokenGrant grant_of(const Authentication& authentication, const TemplateScope& scope) {
  ports::TokenGrant grant;
  grant.kind = authentication.kind == Kind::refresh_token ? ports::TokenGrant::Kind::refresh_token
               : authentication.kind == Kind::jwt_bearer
                   ? ports::TokenGrant::Kind::jwt_bearer
                   : ports::TokenGrant::Kind::client_credentials;
  grant.url = authentication.token_url.text(scope);
  if (authentication.assertion) {
    grant.assertion = claims_of(*authentication.assertion, scope);
    if (grant.assertion->audience.empty()) {
      grant.assertion->audience = grant.url;
    }
  } else {
    grant.client_id = authentication.client_id.text(scope);
    grant.client_secret = Secret{authentication.client_secret.text(scope)};
  }
  if (grant.kind == ports::TokenGrant::Kind::refresh_token) {
    grant.refresh_token = Secret{authentication.refresh_token.text(scope)};
  }
  grant.scope = authentication.scope.text(scope);
  grant.client_in_header = authentication.client_in_header;
  grant.form = texts_of(authentication.token_form, scope);
  for (auto& [name, value] : texts_of(authentication.token_headers, scope)) {
    grant.headers.push_back({name, value});
  }
  grant.token_field = authentication.token_field;
  grant.expiry_field = authentication.expiry_field;
  return grant;
}

bool asks_for_tokens(const Authentication& authentication) {
  return authentication.kind == Kind::client_credentials ||
         authentication.kind == Kind::refresh_token || authentication.kind == Kind::jwt_bearer;
}

}  // namespace

struct Authenticator::Login {
  std::mutex mutex{};
  Secret token{};
  double expires = 0;
};

Authenticator::Authenticator(const ports::ConnectorOptions& options,
                             std::shared_ptr<ports::HttpClient> http)
    : profile_{options.profile}, http_{http}, signer_{options.http}, tokens_{options, http} {}

const Authentication& Authenticator::chosen(const Authentication& authentication,
                                            const TemplateScope& scope) const {
  if (authentication.kind != Kind::select) {
    return authentication;
  }
  const auto config = scope.names.find("config");
  const Json* selected =
      config == scope.names.end() ? nullptr : find_at(*config->second, authentication.selector);
  std::vector<std::string> known;
  for (const auto& [name, choice] : authentication.choices) {
    if (selected != nullptr && to_text(*selected) == name) {
      return chosen(*choice, scope);
    }
    known.push_back(name);
  }
  throw Error{ErrorCode::configuration,
              fmt::format("profile '{}': config.{} must choose the authentication", profile_,
                          join(authentication.selector, ".")),
              fmt::format("set it to one of: {}", join(known, ", "))};
}

std::shared_ptr<Authenticator::Login> Authenticator::login_of(const Authentication& authentication,
                                                              const TemplateScope& scope) const {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<Login>> logins;
  Sha256 key;
  key.add_field(profile_)
      .add_field(authentication.login_url.text(scope))
      .add_field(authentication.username.text(scope))
      .add_field(authentication.password.text(scope))
      .add_field(authentication.token.empty() ? "" : to_text(authentication.token.value(scope)))
      .add_field(join(authentication.session_field, "."));
  const std::lock_guard lock{mutex};
  std::shared_ptr<Login>& login = logins[key.finish()];
  if (!login) {
    login = std::make_shared<Login>();
  }
  return login;
}

Credentials Authenticator::credentials(const Authentication& given, const TemplateScope& scope,
                                       std::stop_token stop) {
  const Authentication& authentication = chosen(given, scope);
  Credentials made;
  switch (authentication.kind) {
    case Kind::none:
    case Kind::select: break;
    case Kind::basic:
      made.headers.push_back(
          {"Authorization", ports::basic_authorization(authentication.username.text(scope),
                                                       authentication.password.text(scope))});
      break;
    case Kind::bearer:
      made.headers.push_back({"Authorization", "Bearer " + authentication.token.text(scope)});
      break;
    case Kind::api_key:
      if (authentication.place.kind == Place::Kind::parameter) {
        made.parameters.emplace_back(authentication.place.name.text(scope),
                                     authentication.token.text(scope));
      } else {
        made.headers.push_back(
            {authentication.place.name.text(scope), authentication.token.text(scope)});
      }
      break;
    case Kind::jwt:
      made.headers.push_back(
          {"Authorization",
           authentication.token.text(scope) +
               ports::make_jwt(claims_of(*authentication.assertion, scope), signer_(), epoch())});
      break;
    case Kind::client_credentials:
    case Kind::refresh_token:
    case Kind::jwt_bearer:
      made.token = tokens_.token(grant_of(authentication, scope), stop).token;
      made.headers.push_back({"Authorization", "Bearer " + made.token.reveal()});
      break;
    case Kind::session:
      made.token = session(authentication, scope, stop);
      made.headers.push_back({authentication.place.name.text(scope), made.token.reveal()});
      break;
  }
  return made;
}

bool Authenticator::renew(const Authentication& given, const TemplateScope& scope,
                          const Secret& refused) {
  const Authentication& authentication = chosen(given, scope);
  if (asks_for_tokens(authentication)) {
    tokens_.forget(grant_of(authentication, scope), refused);
    return true;
  }
  if (authentication.kind != Kind::session) {
    return false;
  }
  const auto login = login_of(authentication, scope);
  const std::lock_guard lock{login->mutex};
  if (login->token.reveal() == refused.reveal()) {
    login->token = Secret{};
  }
  return true;
}

Secret Authenticator::session(const Authentication& authentication, const TemplateScope& scope,
                              const std::stop_token& stop) {
  const auto login = login_of(authentication, scope);
  const std::lock_guard lock{login->mutex};  // the others wait for the one that asks
  if (login->token.empty() || now() > login->expires) {
    log_in(authentication, scope, *login, stop);
  }
  return login->token;
}

void Authenticator::log_in(const Authentication& authentication, const TemplateScope& scope,
                           Login& login, const std::stop_token& stop) {
  if (!authentication.token.empty()) {
    const std::string given = to_text(authentication.token.value(scope));
    if (!given.empty()) {
      login.token = Secret{given};
      login.expires = now() + forever;
      return;
    }
  }
  ports::HttpRequest request;
  request.method = "POST";
  request.url = authentication.login_url.text(scope);
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  Json body = Json::object();
  body["username"] = authentication.username.text(scope);
  body["password"] = authentication.password.text(scope);
  request.body = to_line(body);
  const ports::HttpResponse response = http_->send(request, {}, stop);
  const Json answer = read_json(response.body);
  const Json* found = find_at(answer, authentication.session_field);
  if (response.status >= 300 || found == nullptr || !found->is_string()) {
    throw Error{ErrorCode::denied,
                fmt::format("'{}' does not log us in: HTTP {}", ports::shown_url(request.url),
                            response.status),
                "check username and password under auth:"};
  }
  login.token = Secret{found->get<std::string>()};
  login.expires = now() + session_seconds;
}

}  // namespace mapctl::connectors::rest
