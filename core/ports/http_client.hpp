// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"
#include "core/base/error.hpp"
#include "core/base/resilience.hpp"
#include "core/base/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::ports {

class SecretMask;

struct HttpHeader {
  std::string name{};
  std::string value{};
};

struct HttpRequest {
  std::string method = "GET";
  std::string url{};  // absolute, encoded; its query never reaches a message
  std::vector<HttpHeader> headers{};
  std::string body{};
  bool repeatable = true;  // doing it twice does no harm: sent again after a failure
  // Receives the body of a 2xx answer piece by piece instead of HttpResponse::body; the limit of
  // the client's settings does not count then. What was received before a failure is not received
  // again: such a request is not repeated once the first piece came.
  std::function<void(std::string_view)> on_data{};
  struct AwsSignature {  // signature version 4
    std::string region{}, service{};
    Secret access_key{}, secret_key{};
  };
  std::optional<AwsSignature> aws{};
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers{};  // names in lower case, in the order of arrival
  std::string body{};
  std::string url{};  // that answered, after redirects
  unsigned attempts = 1;
  std::shared_ptr<const SecretMask> secrets{};  // that its texts may repeat; null: none are known
  std::string address = "the URL";              // of HttpHints

  const std::string* header(std::string_view lower_case_name) const noexcept;
};

// What to do with an answer. `wait`: seconds to let pass first, instead of the client's own.
struct HttpVerdict {
  enum class Action : std::uint8_t { take, repeat } action = Action::take;
  std::optional<double> wait{};
};
using HttpJudge = std::function<HttpVerdict(const HttpResponse&)>;

// The system's clock, by its header Date: it may differ from ours.
std::optional<TimePoint> server_time(const HttpResponse& response);

// Repeats 408, 425, 429, 500, 502, 503 and 504, after as long as Retry-After says.
HttpVerdict judge_by_status(const HttpResponse& response);

// What hints can name. By default nothing that a profile could set.
struct HttpHints {
  std::string address = "the URL";  // or the option that holds it: base_url
  bool limits = false;              // `limits:` of a profile
  bool options = false;             // ca_file, allow_hosts, response_limit and the size of pages
  bool operator==(const HttpHints&) const = default;
};

struct HttpSettings {
  std::string name{};  // of the profile; clients of equal settings are one and share their limits
  std::optional<double> requests_per_second{};
  std::size_t max_connections = 8;
  double timeout = 60;  // seconds, of one request from its start to the last byte
  RetryRules retry{};
  CircuitBreaker::Rules breaker{};
  std::string ca_file{};                      // certificates to trust instead of the system's
  std::vector<std::string> redirect_hosts{};  // that a redirect may lead to, beside the same host
  std::uint64_t response_limit = 64U << 20U;  // bytes, uncompressed
  HttpHints hints{};
  bool operator==(const HttpSettings&) const = default;
};

struct HttpState {
  CircuitBreaker::State breaker = CircuitBreaker::State::closed;
  std::uint64_t requests = 0;  // sent, repetitions included
  std::uint64_t repeated = 0;
  std::uint64_t connections = 0;  // opened
  unsigned failures = 0;          // in a row, until now
  double seconds_left = 0;        // until an open breaker lets a call through
};

// Safe to use from several threads, which share its connections, rate and circuit breaker.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // The answer that the judge takes, or the last one when it wants another and no attempt or time
  // is left. Throws Error without an answer: unreachable, denied (certificate, redirect to another
  // host), resource_limit, cancelled. Credentials never follow a redirect to another origin.
  virtual HttpResponse send(const HttpRequest& request, const HttpJudge& judge,
                            std::stop_token stop) = 0;
  virtual HttpState state() const = 0;
};

// Names as in RFC 7518, section 3.1.
enum class SignatureAlgorithm : std::uint8_t { hs256, rs256, ps256, es256 };

// Stateless to its users and safe to use from several threads.
class HttpClientFactory {
 public:
  virtual ~HttpClientFactory() = default;
  virtual std::shared_ptr<HttpClient> client(const HttpSettings& settings) const = 0;
  // The bytes of a signature as JSON Web Tokens carry it. `key` is a private key in PEM, or the
  // shared secret of hs256. Throws Error::configuration for a key that does not fit.
  virtual std::string sign(SignatureAlgorithm algorithm, const Secret& key,
                           std::string_view text) const = 0;
};

// What a status says in our terms: denied, not_found, unreachable, configuration. `what` completes
// "'https://host/path' refused ...": the message names no query and shows no secret.
Error status_error(const HttpResponse& response, std::string_view detail = {});
// invalid_data: a page of a proxy or login instead of data, or bytes that are no JSON.
Error not_json_error(const HttpResponse& response);

// "https://host/path" of an URL with credentials, query and fragment.
std::string shown_url(std::string_view url);
// "https://host:port", lower case, with the scheme's own port left out; empty without a host.
std::string origin_of(std::string_view url);
std::string host_of(std::string_view url);
// `reference` as seen from `base`: absolute, "//host/x", "/x", "?x" or relative.
std::string resolve_url(std::string_view base, std::string_view reference);
// Everything but letters, digits and "-._~" as %XX; `keep` stays too.
std::string percent_encode(std::string_view text, std::string_view keep = {});
// `name=value` pairs behind the URL, encoded; what the URL has already is kept, but replaced where
// a name is the same.
std::string with_query(std::string_view url,
                       const std::vector<std::pair<std::string, std::string>>& parameters);
// Targets of a Link header by relation, with further attributes: rel="next"; results="true".
struct Link {
  std::string url{};
  std::vector<std::pair<std::string, std::string>> attributes{};
  std::string attribute(std::string_view name) const;
};
std::vector<Link> parse_links(std::string_view header);

}  // namespace mapctl::ports
