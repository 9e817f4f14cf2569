// SPDX-License-Identifier: Apache-2.0
#include "connectors/salesforce/session.hpp"

#include "connectors/salesforce/errors.hpp"
#include "connectors/salesforce/info.hpp"
#include "core/base/error.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"
#include "core/ports/connector_options.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace mapctl::connectors::salesforce {
namespace {

constexpr std::size_t default_connections = 4;
constexpr const char* default_login = "https://login.salesforce.com";

std::string url_option(const ports::ConnectorOptions& options, const std::string& name) {
  std::string url = ports::text_option(options, name);
  while (url.ends_with('/')) {
    url.pop_back();
  }
  if (!url.empty() && ports::origin_of(url).empty()) {
    ports::fail_option(options, name, fmt::format("is '{}', which is no URL", url),
                       "write it as https://DOMAIN.my.salesforce.com");
  }
  return url;
}

void read_reserve(const ports::ConnectorOptions& options, Settings& settings) {
  std::string text = ports::text_option(options, "api_reserve", "5%");
  const bool is_share = text.ends_with('%');
  if (is_share) {
    text.pop_back();
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0 ||
      (is_share && value > 99)) {
    ports::fail_option(options, "api_reserve", "is neither a number nor a share",
                       "write it as 500 or 5%");
  }
  if (is_share) {
    settings.reserve_share = static_cast<double>(value) / 100;
  } else {
    settings.reserve = value;
  }
}

const Secret& needed(const ports::ConnectorOptions& options, const std::string& key,
                     std::string_view authentication) {
  const Secret& secret = ports::secret_of(options, key);
  if (secret.empty()) {
    throw Error{
        ErrorCode::configuration,
        fmt::format("profile '{}': authentication '{}' needs '{}' under auth:", options.profile,
                    authentication, key),
        fmt::format("add it as a reference, for example {}: ${{env:SF_{}}}", key, to_upper(key))};
  }
  return secret;
}

std::string chosen_authentication(const ports::ConnectorOptions& options) {
  const std::vector<std::string> kinds{"refresh_token", "client_credentials", "jwt_bearer",
                                       "access_token"};
  if (const auto given = ports::word_option(options, "authentication", kinds)) {
    return kinds[*given];
  }
  for (const auto& [key, kind] :
       {std::pair{"private_key", "jwt_bearer"}, std::pair{"refresh_token", "refresh_token"},
        std::pair{"client_secret", "client_credentials"},
        std::pair{"access_token", "access_token"}}) {
    if (options.secrets.contains(key)) {
      return kind;
    }
  }
  throw Error{ErrorCode::configuration,
              fmt::format("profile '{}' has nothing to log in with", options.profile),
              "add client_id and one of refresh_token, client_secret or private_key under auth:"};
}

std::optional<ports::TokenGrant> read_grant(const ports::ConnectorOptions& options) {
  const std::string kind = chosen_authentication(options);
  if (kind == "access_token") {
    needed(options, "access_token", kind);
    return std::nullopt;
  }
  std::optional<ports::TokenGrant> made{std::in_place};
  ports::TokenGrant& grant = *made;
  const std::string instance = url_option(options, "instance_url");
  std::string login = url_option(options, "login_url");
  if (login.empty()) {
    login = kind == "client_credentials" && !instance.empty() ? instance : default_login;
  }
  grant.url = login + "/services/oauth2/token";
  grant.client_id = needed(options, "client_id", kind).reveal();
  if (kind == "jwt_bearer") {
    grant.kind = ports::TokenGrant::Kind::jwt_bearer;
    ports::JwtClaims& claims = grant.assertion.emplace();
    claims.issuer = grant.client_id;
    claims.subject = needed(options, "username", kind).reveal();
    claims.audience = ports::text_option(options, "audience", login);
    claims.key = Secret{needed(options, "private_key", kind).reveal()};
    return made;
  }
  if (kind == "refresh_token") {
    grant.kind = ports::TokenGrant::Kind::refresh_token;
    grant.refresh_token = Secret{needed(options, "refresh_token", kind).reveal()};
    // A client without a secret may refresh, if the organisation lets it.
    grant.client_secret = Secret{ports::secret_of(options, "client_secret").reveal()};
  } else {
    grant.client_secret = Secret{needed(options, "client_secret", kind).reveal()};
  }
  return made;
}

}  // namespace

Settings read_settings(const ports::ConnectorOptions& options) {
  ports::check_options(options, info());
  Settings settings;
  settings.profile = options.profile;
  settings.instance_url = url_option(options, "instance_url");
  settings.api_version = ports::text_option(options, "api_version", "60.0");
  if (settings.api_version.find_first_not_of("0123456789.") != std::string::npos) {
    ports::fail_option(options, "api_version", fmt::format("cannot be '{}'", settings.api_version),
                       "write it as 60.0");
  }
  settings.objects = ports::list_option(options, "objects");
  settings.deleted_rows = ports::word_option(options, "deleted_rows",
                                             {{"leave_out", DeletedRows::leave_out},
                                              {"include", DeletedRows::include},
                                              {"only", DeletedRows::only}},
                                             DeletedRows::leave_out);
  settings.deleted_days = ports::whole_option(options, "deleted_days", 0, 0, 30);
  if (settings.deleted_days > 0 && settings.deleted_rows == DeletedRows::leave_out) {
    ports::fail_option(options, "deleted_days", "has no meaning while deleted rows are left out",
                       "set deleted_rows: include or only, too");
  }
  settings.bulk_threshold = ports::whole_option(options, "bulk_threshold", 20'000, 1);
  settings.bulk_page = ports::whole_option(options, "bulk_page", 10'000, 1);
  settings.bulk_timeout =
      static_cast<double>(ports::whole_option(options, "bulk_timeout", 3'600, 1));
  read_reserve(options, settings);
  settings.check_field_access = ports::flag_option(options, "check_field_access", true);
  settings.connections = options.limits.max_connections
                             ? static_cast<std::size_t>(*options.limits.max_connections)
                             : default_connections;
  return settings;
}

Session::Session(const ports::ConnectorOptions& options)
    : settings_{read_settings(options)},
      secrets_{std::make_shared<ports::SecretMask>(options)},
      http_{ports::open_http(
          options, "salesforce",
          settings_.instance_url.empty() ? "login_url" : "instance_url and login_url", secrets_)},
      grant_{read_grant(options)},
      given_token_{ports::secret_of(options, "access_token")},
      tokens_{options, http_} {
  if (!grant_ && settings_.instance_url.empty()) {
    throw Error{ErrorCode::configuration,
                fmt::format("profile '{}': authentication 'access_token' needs option "
                            "'instance_url'",
                            options.profile),
                "add it: https://DOMAIN.my.salesforce.com"};
  }
}

std::string Session::api(std::string_view path) const {
  return fmt::format("/services/data/v{}{}", settings_.api_version, path);
}

Session::Access Session::access(const std::stop_token& stop) {
  const std::lock_guard lock{mutex_};
  Access made;
  if (!grant_) {
    made = {given_token_.reveal(), settings_.instance_url};
  } else {
    const ports::AccessToken token = tokens_.token(*grant_, stop);
    made = {token.token.reveal(),
            settings_.instance_url.empty() ? token.instance_url : settings_.instance_url};
    const bool is_downgrade =
        grant_->url.starts_with("https://") && !made.instance.starts_with("https://");
    if (settings_.instance_url.empty() &&
        (ports::origin_of(made.instance).empty() || is_downgrade)) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("'{}' does not tell where the organisation is",
                              ports::shown_url(grant_->url)),
                  "set option 'instance_url' to https://DOMAIN.my.salesforce.com"};
    }
  }
  while (made.instance.ends_with('/')) {
    made.instance.pop_back();
  }
  instance_ = made.instance;
  return made;
}

void Session::check_usage() const {
  const auto usage = this->usage();
  if (!usage || usage->allowed <= 0) {
    return;
  }
  const auto reserve = std::max(
      settings_.reserve,
      static_cast<std::int64_t>(static_cast<double>(usage->allowed) * settings_.reserve_share));
  if (usage->allowed - usage->used <= reserve) {
    throw Error{
        ErrorCode::resource_limit,
        fmt::format("{} of the {} API calls that Salesforce allows in 24 hours are used, and {} "
                    "are left to others",
                    with_thousands(usage->used), with_thousands(usage->allowed),
                    with_thousands(reserve)),
        "run the command again later (a batch goes on with --resume), or set option 'api_reserve' "
        "lower"};
  }
}

void Session::note_usage(const ports::HttpResponse& response) {
  // "api-usage=18/5000; per-app-api-usage=17/250(appName=mapctl)"
  const std::string* header = response.header("sforce-limit-info");
  constexpr std::string_view key = "api-usage=";
  if (header == nullptr || !header->starts_with(key)) {
    return;
  }
  Usage usage;
  const char* end = header->data() + header->size();
  const auto used = std::from_chars(header->data() + key.size(), end, usage.used);
  if (used.ec != std::errc{} || used.ptr == end || *used.ptr != '/' ||
      std::from_chars(used.ptr + 1, end, usage.allowed).ec != std::errc{}) {
    return;
  }
  const std::lock_guard lock{mutex_};
  // Answers may come in another order than they were made in.
  if (usage_ && usage_->allowed == usage.allowed) {
    usage.used = std::max(usage.used, usage_->used);
  }
  usage_ = usage;
}

ports::HttpResponse Session::send(std::string_view method, const std::string& path,
                                  const std::string& body, std::string_view what,
                                  std::stop_token stop) {
  check_usage();
  for (bool renewed = false;; renewed = true) {
    const Access now = access(stop);
    ports::HttpRequest request;
    request.method = method;
    request.url = now.instance + path;
    request.headers = {
        {"Authorization", "Bearer " + now.token},
        {"Accept", path.find("/results") == std::string::npos ? "application/json" : "text/csv"}};
    if (!body.empty()) {
      request.headers.push_back({"Content-Type", "application/json; charset=UTF-8"});
      request.body = body;
    }
    const auto judge = [](const ports::HttpResponse& response) {
      ports::HttpVerdict verdict = ports::judge_by_status(response);
      if (response.status == 403 && is_passing(refusal_of(read_json(response.body)))) {
        verdict.action = ports::HttpVerdict::Action::repeat;
      }
      return verdict;
    };
    ports::HttpResponse response = http_->send(request, judge, stop);
    note_usage(response);
    if (response.status >= 200 && response.status < 300) {
      return response;
    }
    const bool has_ended =
        response.status == 401 || refusal_of(read_json(response.body)).code == "INVALID_SESSION_ID";
    if (has_ended && grant_ && !renewed) {
      const std::lock_guard lock{mutex_};
      tokens_.forget(*grant_, Secret{now.token});
      continue;
    }
    throw answer_error(response, what);
  }
}

Json Session::get(const std::string& path, std::string_view what, std::stop_token stop) {
  const ports::HttpResponse response = send("GET", path, {}, what, std::move(stop));
  Json body = read_json(response.body);
  if (body.is_discarded()) {
    throw ports::not_json_error(response);
  }
  return body;
}

Json Session::post(const std::string& path, const Json& body, std::string_view what,
                   std::stop_token stop) {
  const ports::HttpResponse response = send("POST", path, to_line(body), what, std::move(stop));
  Json answer = read_json(response.body);
  if (answer.is_discarded()) {
    throw ports::not_json_error(response);
  }
  return answer;
}

std::optional<Session::Usage> Session::usage() const {
  const std::lock_guard lock{mutex_};
  return usage_;
}

std::string Session::instance() const {
  const std::lock_guard lock{mutex_};
  return instance_;
}

std::vector<std::string> Session::warnings() const {
  const std::lock_guard lock{mutex_};
  return tokens_.warnings();
}

}  // namespace mapctl::connectors::salesforce
