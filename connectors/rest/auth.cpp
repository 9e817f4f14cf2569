// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/auth.hpp"

#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <mutex>

namespace mapctl::connectors::rest {
namespace {

using Kind = Authentication::Kind;

// A token is renewed a moment before it ends, as clocks differ.
constexpr double margin = 30;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string basic(const std::string& user, const std::string& password) {
  const Json pair = user + ":" + password;
  TemplateScope scope;
  scope.names["pair"] = &pair;
  static const Template encode = Template::parse("{{ pair | base64encode }}", "basic");
  return "Basic " + encode.text(scope);
}

std::string form_of(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string form;
  for (const auto& [name, value] : fields) {
    form += (form.empty() ? "" : "&") + ports::percent_encode(name) + "=" +
            ports::percent_encode(value);
  }
  return form;
}

bool asks_for_tokens(const Authentication& authentication) {
  return authentication.kind == Kind::client_credentials ||
         authentication.kind == Kind::refresh_token || authentication.kind == Kind::session;
}

// What the server says about a refused token request, without anything that we sent.
std::string refusal(const ports::HttpResponse& response) {
  const Json body = Json::parse(response.body, nullptr, false);
  if (body.is_object() && body.contains("error") && body["error"].is_string()) {
    return body["error"].get<std::string>();
  }
  return fmt::format("HTTP {}", response.status);
}

}  // namespace

struct Authenticator::Token {
  std::mutex mutex{};
  Secret access{};
  Secret refresh{};  // the last one given, when tokens rotate
  double expires = 0;
};

Authenticator::Authenticator(std::string profile, std::shared_ptr<ports::HttpClient> http,
                             std::map<std::string, Secret> secrets,
                             std::function<void(const std::string&, const Secret&)> keep_secret)
    : profile_{std::move(profile)},
      http_{std::move(http)},
      secrets_{std::move(secrets)},
      keep_secret_{std::move(keep_secret)} {}

const Authentication& Authenticator::chosen(const Authentication& authentication,
                                            const TemplateScope& scope) const {
  if (authentication.kind != Kind::select) {
    return authentication;
  }
  const auto config = scope.names.find("config");
  const Json* selected =
      config == scope.names.end() ? nullptr : find(*config->second, authentication.selector);
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

std::shared_ptr<Authenticator::Token> Authenticator::token_of(const Authentication& authentication,
                                                              const TemplateScope& scope) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<Token>> tokens;
  const bool is_session = authentication.kind == Kind::session;
  Sha256 key;
  key.add_field(profile_)
      .add_field(fmt::format("{}", static_cast<int>(authentication.kind)))
      .add_field((is_session ? authentication.login_url : authentication.token_url).text(scope))
      .add_field((is_session ? authentication.username : authentication.client_id).text(scope))
      .add_field((is_session ? authentication.password : authentication.client_secret).text(scope))
      .add_field(authentication.kind == Kind::refresh_token
                     ? authentication.refresh_token.text(scope)
                     : std::string{});
  const std::lock_guard lock{mutex};
  std::shared_ptr<Token>& token = tokens[key.finish()];
  if (!token) {
    token = std::make_shared<Token>();
  }
  return token;
}

Credentials Authenticator::credentials(const Authentication& given, const TemplateScope& scope,
                                       std::stop_token stop) {
  const Authentication& authentication = chosen(given, scope);
  Credentials made;
  switch (authentication.kind) {
    case Kind::none:
    case Kind::select: break;
    case Kind::basic:
      made.headers.push_back({"Authorization", basic(authentication.username.text(scope),
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
    case Kind::client_credentials:
    case Kind::refresh_token:
      made.headers.push_back(
          {"Authorization", "Bearer " + access_token(authentication, scope, stop)});
      break;
    case Kind::session:
      made.headers.push_back(
          {authentication.place.name.text(scope), access_token(authentication, scope, stop)});
      break;
  }
  return made;
}

bool Authenticator::renew(const Authentication& given, const TemplateScope& scope) {
  const Authentication& authentication = chosen(given, scope);
  if (!asks_for_tokens(authentication)) {
    return false;
  }
  const auto token = token_of(authentication, scope);
  const std::lock_guard lock{token->mutex};
  token->access = Secret{};
  return true;
}

std::string Authenticator::access_token(const Authentication& authentication,
                                        const TemplateScope& scope, const std::stop_token& stop) {
  const auto token = token_of(authentication, scope);
  const std::lock_guard lock{token->mutex};  // the others wait for the one that asks
  if (token->access.empty() || now() > token->expires - margin) {
    if (authentication.kind == Kind::session) {
      log_in(authentication, scope, *token, stop);
    } else {
      ask(authentication, scope, *token, stop);
    }
  }
  return token->access.reveal();
}

void Authenticator::ask(const Authentication& authentication, const TemplateScope& scope,
                        Token& token, const std::stop_token& stop) {
  const std::string id = authentication.client_id.text(scope);
  const std::string secret = authentication.client_secret.text(scope);
  const bool refreshes = authentication.kind == Kind::refresh_token;
  std::vector<std::pair<std::string, std::string>> form{
      {"grant_type", refreshes ? "refresh_token" : "client_credentials"}};
  std::string refresh;
  if (refreshes) {
    refresh =
        token.refresh.empty() ? authentication.refresh_token.text(scope) : token.refresh.reveal();
    form.emplace_back("refresh_token", refresh);
  }
  ports::HttpRequest request;
  request.method = "POST";
  request.url = authentication.token_url.text(scope);
  // A rotating token that was used twice is taken for a stolen one.
  request.repeatable = !refreshes;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  if (authentication.client_in_header) {
    request.headers.push_back({"Authorization", basic(id, secret)});
  } else {
    form.emplace_back("client_id", id);
    form.emplace_back("client_secret", secret);
  }
  if (!authentication.scope.empty()) {
    form.emplace_back("scope", authentication.scope.text(scope));
  }
  for (const auto& [name, value] : authentication.token_form) {
    const std::string key = name.text(scope);
    std::erase_if(form, [&](const auto& field) { return field.first == key; });
    form.emplace_back(key, value.text(scope));
  }
  for (const auto& [name, value] : authentication.token_headers) {
    request.headers.push_back({name.text(scope), value.text(scope)});
  }
  request.body = form_of(form);
  const ports::HttpResponse response = http_->send(request, {}, stop);
  if (response.status >= 500 || response.status == 429) {
    throw ports::status_error(response, "no token was given");
  }
  const Json answer = Json::parse(response.body, nullptr, false);
  const auto access = answer.is_object() ? answer.find(authentication.token_field) : answer.end();
  if (response.status >= 300 || !answer.is_object() || access == answer.end() ||
      !access->is_string()) {
    throw Error{
        ErrorCode::denied,
        fmt::format("'{}' gives no token: {}", ports::shown_url(request.url), refusal(response)),
        refreshes ? "check client_id and client_secret; an expired refresh_token has to be "
                    "granted anew"
                  : "check client_id, client_secret and scope"};
  }
  token.access = Secret{access->get<std::string>()};
  double seconds = 3600;
  if (const auto expiry = answer.find(authentication.expiry_field); expiry != answer.end()) {
    const Json kept = *expiry;
    TemplateScope one;
    one.names["x"] = &kept;
    static const Template number = Template::parse("{{ x | float }}", "expiry");
    const double read = number.value(one).get<double>();
    seconds = read > 0 ? read : seconds;
  }
  token.expires = now() + std::max(seconds, 2 * margin);
  if (refreshes && answer.contains("refresh_token") && answer["refresh_token"].is_string()) {
    const std::string next = answer["refresh_token"].get<std::string>();
    if (next != refresh) {
      token.refresh = Secret{next};
      keep_rotated(refresh, next);
    }
  }
}

void Authenticator::keep_rotated(const std::string& before, const std::string& after) {
  for (auto& [key, secret] : secrets_) {
    if (secret.reveal() != before) {
      continue;
    }
    try {
      if (!keep_secret_) {
        throw Error{ErrorCode::unsupported, "it cannot be written"};
      }
      keep_secret_(key, Secret{after});
    } catch (const Error& error) {
      warnings_.push_back(fmt::format("the system gave a new '{}', which could not be kept: {}",
                                      key, error.what()));
    }
    secret = Secret{after};
    return;
  }
}

void Authenticator::log_in(const Authentication& authentication, const TemplateScope& scope,
                           Token& token, const std::stop_token& stop) {
  if (!authentication.token.empty()) {
    const std::string given = to_text(authentication.token.value(scope));
    if (!given.empty()) {
      token.access = Secret{given};
      token.expires = now() + 1e9;
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
  const Json answer = Json::parse(response.body, nullptr, false);
  const Json* found = find(answer, authentication.session_field);
  if (response.status >= 300 || found == nullptr || !found->is_string()) {
    throw Error{ErrorCode::denied,
                fmt::format("'{}' does not log us in: HTTP {}", ports::shown_url(request.url),
                            response.status),
                "check username and password under auth:"};
  }
  token.access = Secret{found->get<std::string>()};
  token.expires = now() + 3600;
}

}  // namespace mapctl::connectors::rest
