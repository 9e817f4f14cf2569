// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"
#include "core/ports/http_client.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::ports {

// What a JSON Web Token says, and the key that it is signed with. Empty texts are left out.
struct JwtClaims {
  std::string issuer{}, subject{}, audience{};
  std::vector<std::pair<std::string, std::string>> more{};  // further claims, as text
  double lifetime = 180;                                    // seconds
  SignatureAlgorithm algorithm = SignatureAlgorithm::rs256;
  std::string key_id{};
  Secret key{};
};

// A signed token; `now` is in seconds since 1970. Throws Error::configuration for a key that cannot
// be read, without showing it.
std::string make_jwt(const JwtClaims& claims, const HttpClientFactory& signer, double now);

// How an access token is asked for (RFC 6749, RFC 7523).
struct TokenGrant {
  enum class Kind : std::uint8_t {
    client_credentials,
    refresh_token,
    jwt_bearer
  } kind = Kind::client_credentials;
  std::string url{};
  std::string client_id{};
  Secret client_secret{}, refresh_token{};
  std::string scope{};
  bool client_in_header = false;                            // id and secret as basic authentication
  std::vector<std::pair<std::string, std::string>> form{};  // replaces fields of the same name
  std::vector<HttpHeader> headers{};
  // Of jwt_bearer; of client_credentials it proves the client instead of a secret.
  std::optional<JwtClaims> assertion{};
  std::string token_field = "access_token", expiry_field = "expires_in";
  double lifetime = 3600;  // seconds, where the answer does not say
};

struct AccessToken {
  Secret token{};
  std::string instance_url{};  // where it is good for, if the answer says so
};

// Gets access tokens and keeps them: those of equal grants are shared by all keepers of a profile
// in the process, and a refresh token that the server replaces is put where it came from; whoever
// still has the one before gets what came of it. Used by one thread at a time; several keepers in
// several threads ask once, also when they are refused at once.
class TokenKeeper {
 public:
  TokenKeeper(const ConnectorOptions& options, std::shared_ptr<HttpClient> http);
  // Throws Error::denied when the server refuses, with the reason that it gives.
  AccessToken token(const TokenGrant& grant, std::stop_token stop);
  // Forgets the token if it is still the one that was refused.
  void forget(const TokenGrant& grant, const Secret& refused);
  // What went wrong without stopping the work.
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }

 private:
  struct Shared;
  std::shared_ptr<Shared> shared(const TokenGrant& grant) const;
  void ask(const TokenGrant& grant, Shared& shared, const std::stop_token& stop);
  // `given`: what the profile gave, whatever came of it since.
  void keep_rotated(const Secret& given, const std::string& after);

  std::string profile_;
  std::shared_ptr<HttpClient> http_;
  std::function<const HttpClientFactory&()> signer_;
  std::map<std::string, Secret> secrets_;
  std::function<void(const std::string&, const Secret&)> keep_secret_;
  std::vector<std::string> warnings_;
};

// "name=value" pairs as bodies of requests carry them.
std::string form_text(const std::vector<std::pair<std::string, std::string>>& fields);
// "Basic ..." of a user and a password.
std::string basic_authorization(std::string_view user, std::string_view password);

}  // namespace mapctl::ports
