// SPDX-License-Identifier: Apache-2.0
#include "core/ports/oauth.hpp"

#include "core/base/base64.hpp"
#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"
#include "core/ports/secret_mask.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>

namespace mapctl::ports {
namespace {

using Kind = TokenGrant::Kind;

// A token is renewed a moment before it ends, as clocks differ.
constexpr double margin = 30;
// Servers accept assertions whose times are off by about so much.
constexpr double tolerated_skew = 60;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Assertions are for real servers, so they go by the machine's clock even where SOURCE_DATE_EPOCH
// fixes the time that is shown.
double epoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string_view algorithm_name(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::hs256: return "HS256";
    case SignatureAlgorithm::rs256: return "RS256";
    case SignatureAlgorithm::ps256: return "PS256";
    case SignatureAlgorithm::es256: return "ES256";
  }
  return "RS256";
}

// What the server says about a refused request, without the secrets that we sent.
std::string refusal(const HttpResponse& response) {
  const Json body = read_json(response.body);
  std::string text;
  for (const char* key : {"error", "error_description"}) {
    if (body.is_object() && body.contains(key) && body[key].is_string()) {
      text += (text.empty() ? "" : ": ") + body[key].get<std::string>();
    }
  }
  return text.empty() ? fmt::format("HTTP {}", response.status)
                      : shown_text(text, response.secrets.get());
}

// Seconds by which the server's clock is ahead of ours, if it tells the time.
std::optional<double> skew(const HttpResponse& response) {
  const auto then = server_time(response);
  return then ? std::optional{std::chrono::duration<double>(then->time_since_epoch()).count() -
                              epoch()}
              : std::nullopt;
}

std::string hint_for(const TokenGrant& grant, const HttpResponse& response) {
  if (grant.assertion) {
    const auto ahead = skew(response);
    if (ahead && std::abs(*ahead) > tolerated_skew) {
      return fmt::format("set this machine's clock: it is {} {} the server's",
                         human_duration(std::abs(*ahead)), *ahead > 0 ? "behind" : "ahead of");
    }
    return "check client_id, username and private_key, and that the user may use this client";
  }
  return grant.kind == Kind::refresh_token
             ? "check client_id and client_secret; an expired refresh_token has to be granted anew"
             : "check client_id, client_secret and scope";
}

double seconds_of(const Json& answer, const std::string& field, double fallback) {
  const auto found = answer.find(field);
  double seconds = 0;
  if (found != answer.end() && found->is_number()) {
    seconds = found->get<double>();
  } else if (found != answer.end() && found->is_string()) {
    seconds = std::atof(found->get_ref<const std::string&>().c_str());
  }
  return seconds > 0 ? seconds : fallback;
}

}  // namespace

std::string form_text(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string form;
  for (const auto& [name, value] : fields) {
    form += (form.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
  }
  return form;
}

std::string basic_authorization(std::string_view user, std::string_view password) {
  return "Basic " + base64(fmt::format("{}:{}", user, password));
}

std::string make_jwt(const JwtClaims& claims, const HttpClientFactory& signer, double moment) {
  Json header = Json::object();
  header["alg"] = algorithm_name(claims.algorithm);
  header["typ"] = "JWT";
  if (!claims.key_id.empty()) {
    header["kid"] = claims.key_id;
  }
  Json body = Json::object();
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) {
      body[name] = value;
    }
  };
  add("iss", claims.issuer);
  add("sub", claims.subject);
  add("aud", claims.audience);
  // A system whose clock is behind ours would refuse what was made in its future.
  const double issued = moment - std::min(tolerated_skew, claims.lifetime / 4);
  body["iat"] = static_cast<std::int64_t>(issued);
  body["exp"] = static_cast<std::int64_t>(issued + claims.lifetime);
  for (const auto& [name, value] : claims.more) {
    body[name] = value;
  }
  std::string token = base64_url(to_line(header)) + "." + base64_url(to_line(body));
  return token + "." + base64_url(signer.sign(claims.algorithm, claims.key, token));
}

namespace {

// A refresh token and all that came of it. It may serve several grants, by turns: a rotating token
// that was used twice is taken for a stolen one.
struct RefreshChain {
  std::mutex mutex{};
  Secret latest{};
  std::string id{};
};

class RefreshChains {
 public:
  std::shared_ptr<RefreshChain> of(const std::string& profile, const TokenGrant& grant) {
    std::string key = key_of(profile, grant, grant.refresh_token);
    const std::lock_guard lock{mutex_};
    std::shared_ptr<RefreshChain>& chain = chains_[key];
    if (!chain) {
      chain = std::make_shared<RefreshChain>();
      chain->latest = Secret{grant.refresh_token.reveal()};
      chain->id = std::move(key);
    }
    return chain;
  }

  // A profile that is opened later may have the next one already.
  void rotated(const std::string& profile, const TokenGrant& grant,
               const std::shared_ptr<RefreshChain>& chain) {
    std::string key = key_of(profile, grant, chain->latest);
    const std::lock_guard lock{mutex_};
    chains_.insert_or_assign(std::move(key), chain);
  }

 private:
  static std::string key_of(const std::string& profile, const TokenGrant& grant,
                            const Secret& token) {
    return Sha256{}
        .add_field(profile)
        .add_field(grant.url)
        .add_field(grant.client_id)
        .add_field(token.reveal())
        .finish();
  }

  std::mutex mutex_{};
  std::map<std::string, std::shared_ptr<RefreshChain>> chains_{};
};

RefreshChains& refresh_chains() {
  static RefreshChains chains;
  return chains;
}

void add_claims(Sha256& key, const JwtClaims& claims) {
  key.add_field(claims.issuer)
      .add_field(claims.subject)
      .add_field(claims.audience)
      .add_field(algorithm_name(claims.algorithm))
      .add_field(claims.key_id)
      .add_field(claims.key.reveal());
  for (const auto& [name, value] : claims.more) {
    key.add_field(name).add_field(value);
  }
}

// Of all that makes another token.
std::string identity(const TokenGrant& grant, std::string_view profile,
                     std::string_view refresh_chain) {
  Sha256 key;
  key.add_field(profile)
      .add_field(std::to_string(static_cast<int>(grant.kind)))
      .add_field(grant.url)
      .add_field(grant.client_id)
      .add_field(grant.client_secret.reveal())
      .add_field(refresh_chain)
      .add_field(grant.scope)
      .add_field(grant.client_in_header ? "in header" : "in form")
      .add_field(grant.token_field)
      .add_field(std::to_string(grant.form.size()));
  for (const auto& [name, value] : grant.form) {
    key.add_field(name).add_field(value);
  }
  key.add_field(std::to_string(grant.headers.size()));
  for (const HttpHeader& header : grant.headers) {
    key.add_field(header.name).add_field(header.value);
  }
  if (grant.assertion) {
    add_claims(key, *grant.assertion);
  }
  return key.finish();
}

}  // namespace

struct TokenKeeper::Shared {
  std::mutex mutex{};
  Secret access{};
  std::shared_ptr<RefreshChain> chain{};  // null without a refresh token
  std::string instance_url{};
  double expires = 0;
};

TokenKeeper::TokenKeeper(const ConnectorOptions& options, std::shared_ptr<HttpClient> http)
    : profile_{options.profile},
      http_{std::move(http)},
      signer_{options.http},
      secrets_{options.secrets},
      keep_secret_{options.keep_secret} {}

std::shared_ptr<TokenKeeper::Shared> TokenKeeper::shared(const TokenGrant& grant) const {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<Shared>> tokens;
  const auto chain =
      grant.kind == Kind::refresh_token ? refresh_chains().of(profile_, grant) : nullptr;
  const std::string key = identity(grant, profile_, chain ? chain->id : std::string{});
  const std::lock_guard lock{mutex};
  std::shared_ptr<Shared>& token = tokens[key];
  if (!token) {
    token = std::make_shared<Shared>();
    token->chain = chain;
  }
  return token;
}

AccessToken TokenKeeper::token(const TokenGrant& grant, std::stop_token stop) {
  const auto kept = shared(grant);
  const std::lock_guard lock{kept->mutex};  // the others wait for the one that asks
  if (kept->access.empty() || now() > kept->expires - margin) {
    ask(grant, *kept, stop);
  }
  return {kept->access, kept->instance_url};
}

void TokenKeeper::forget(const TokenGrant& grant, const Secret& refused) {
  const auto kept = shared(grant);
  const std::lock_guard lock{kept->mutex};
  if (kept->access.reveal() == refused.reveal()) {
    kept->access = Secret{};
  }
}

void TokenKeeper::ask(const TokenGrant& grant, Shared& shared, const std::stop_token& stop) {
  const bool refreshes = grant.kind == Kind::refresh_token;
  std::unique_lock<std::mutex> turn;
  if (refreshes) {
    turn = std::unique_lock{shared.chain->mutex};
  }
  std::vector<std::pair<std::string, std::string>> form;
  const std::string refresh = refreshes ? shared.chain->latest.reveal() : std::string{};
  const auto assertion = [&] { return make_jwt(*grant.assertion, signer_(), epoch()); };
  switch (grant.kind) {
    case Kind::client_credentials:
      form.emplace_back("grant_type", "client_credentials");
      if (grant.assertion) {
        form.emplace_back("client_assertion_type",
                          "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        form.emplace_back("client_assertion", assertion());
      }
      break;
    case Kind::refresh_token:
      form.emplace_back("grant_type", "refresh_token");
      form.emplace_back("refresh_token", refresh);
      break;
    case Kind::jwt_bearer:
      form.emplace_back("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
      form.emplace_back("assertion", assertion());
      break;
  }
  HttpRequest request;
  request.method = "POST";
  request.url = grant.url;
  // A rotating token that was used twice is taken for a stolen one.
  request.repeatable = !refreshes;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  if (grant.client_in_header) {
    request.headers.push_back(
        {"Authorization", basic_authorization(grant.client_id, grant.client_secret.reveal())});
  } else if (!grant.assertion) {
    form.emplace_back("client_id", grant.client_id);
    if (!grant.client_secret.empty() || !refreshes) {  // public clients refresh without one
      form.emplace_back("client_secret", grant.client_secret.reveal());
    }
  }
  if (!grant.scope.empty()) {
    form.emplace_back("scope", grant.scope);
  }
  for (const auto& [name, value] : grant.form) {
    std::erase_if(form, [&key = name](const auto& field) { return field.first == key; });
    form.emplace_back(name, value);
  }
  request.headers.insert(request.headers.end(), grant.headers.begin(), grant.headers.end());
  request.body = form_text(form);
  const HttpResponse response = http_->send(request, {}, stop);
  if (response.status >= 500 || response.status == 429) {
    throw status_error(response, "no token was given");
  }
  const Json answer = read_json(response.body);
  const auto access = answer.is_object() ? answer.find(grant.token_field) : answer.end();
  if (response.status >= 300 || !answer.is_object() || access == answer.end() ||
      !access->is_string()) {
    throw Error{ErrorCode::denied,
                fmt::format("'{}' gives no token: {}", shown_url(request.url), refusal(response)),
                hint_for(grant, response)};
  }
  shared.access = Secret{access->get<std::string>()};
  shared.expires =
      now() + std::max(seconds_of(answer, grant.expiry_field, grant.lifetime), 2 * margin);
  if (answer.contains("instance_url") && answer["instance_url"].is_string()) {
    shared.instance_url = answer["instance_url"].get<std::string>();
  }
  if (refreshes && answer.contains("refresh_token") && answer["refresh_token"].is_string()) {
    const std::string next = answer["refresh_token"].get<std::string>();
    if (next != refresh) {
      shared.chain->latest = Secret{next};
      refresh_chains().rotated(profile_, grant, shared.chain);
      keep_rotated(grant.refresh_token, next);
    }
  }
}

void TokenKeeper::keep_rotated(const Secret& given, const std::string& after) {
  for (const auto& [key, secret] : secrets_) {
    if (secret.reveal() != given.reveal()) {
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
    return;
  }
}

}  // namespace mapctl::ports
