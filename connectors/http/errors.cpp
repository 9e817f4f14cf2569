// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/errors.hpp"

#include "core/base/text.hpp"
#include "core/ports/http_client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::connectors::http {
namespace {

// Of "Failed to connect to HOST port 1 after ...", where newer libcurl has its proxy as "via HOST":
// what was to be connected to, unless that is the URL's own host.
std::optional<std::string> proxy_tried(std::string_view detail, std::string_view url) {
  constexpr std::string_view start = "Failed to connect to ";
  if (!detail.starts_with(start)) {
    return std::nullopt;
  }
  const std::vector<std::string_view> words = split(detail.substr(start.size()), ' ');
  if (words.size() > 4 && words[3] == "via") {
    return std::string{words[4]};
  }
  const std::string own = ports::origin_of(url);
  // libcurl would write another name for it.
  const bool is_plain =
      std::all_of(own.begin(), own.end(), [](char c) { return static_cast<signed char>(c) > 0; });
  if (words.size() < 3 || words[1] != "port" || !is_plain) {
    return std::nullopt;
  }
  const bool is_ipv6 = words[0].find(':') != std::string_view::npos;
  const std::string place = fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", words[0],
                                        is_ipv6 ? "]" : "", words[2].substr(0, words[2].find(':')));
  const std::string scheme = own.substr(0, own.find(':'));
  return ports::origin_of(fmt::format("{}://{}", scheme, place)) == own ? std::nullopt
                                                                        : std::optional{place};
}

}  // namespace

Error transport_error(int curl_code, std::string_view url, std::string_view detail, double timeout,
                      const ports::HttpHints& hints) {
  const std::string shown = ports::shown_url(url);
  const std::string host = ports::host_of(url);
  Error::Facts facts;
  facts.code = ErrorCode::unreachable;
  facts.native_code = fmt::format("curl {}", curl_code);
  facts.retry = Retry::may_help;
  // A proxy that lets no encrypted connection through; libcurl has had several codes for it.
  if (detail.find("CONNECT") != std::string_view::npos &&
      detail.find("response") != std::string_view::npos) {
    const bool wants_credentials = detail.find("407") != std::string_view::npos;
    facts.code = ErrorCode::denied;
    facts.retry = Retry::never;
    facts.message =
        wants_credentials
            ? fmt::format("the proxy in front of '{}' wants credentials (HTTP 407)", host)
            : fmt::format("the proxy in front of '{}' does not let us through: {}", host, detail);
    facts.hint = wants_credentials ? "put them into the URL of HTTPS_PROXY"
                                   : "ask who runs the proxy, or name the host in NO_PROXY";
    return Error{std::move(facts)};
  }
  switch (curl_code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      facts.code = ErrorCode::configuration;
      facts.retry = Retry::never;
      facts.message = fmt::format("'{}' is no URL that can be asked", shown);
      facts.hint = fmt::format("write {} as https://host/path", hints.address);
      break;
    case CURLE_COULDNT_RESOLVE_HOST:
      facts.message = fmt::format("the name '{}' is not known", host);
      facts.hint = fmt::format(
          "check the spelling of {}, and that this machine's name service works", hints.address);
      break;
    case CURLE_COULDNT_RESOLVE_PROXY:
      facts.message = fmt::format("the name of the proxy in front of '{}' is not known", host);
      facts.hint = "check HTTPS_PROXY and HTTP_PROXY";
      break;
    case CURLE_COULDNT_CONNECT:
      if (const auto proxy = proxy_tried(detail, url)) {
        facts.message = fmt::format("the proxy '{}' in front of '{}' does not accept connections",
                                    *proxy, host);
        facts.hint =
            "check http_proxy, HTTPS_PROXY and ALL_PROXY, and that the proxy is up; NO_PROXY names "
            "hosts that are asked without it";
        break;
      }
      facts.message = fmt::format("'{}' does not accept connections", ports::origin_of(url));
      facts.hint = "check host and port, and that the system is up";
      break;
    case CURLE_OPERATION_TIMEDOUT:
      facts.message = fmt::format("'{}' did not answer in full within {} s", shown, timeout);
      facts.hint = hints.options  ? "set limits: timeout higher, or ask for smaller pages"
                   : hints.limits ? "set limits: timeout higher"
                                  : "try again later";
      break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      facts.code = ErrorCode::denied;
      facts.retry = Retry::never;
      facts.message = fmt::format("the certificate of '{}' is not trusted: {}", host, detail);
      facts.hint = hints.options
                       ? "if it is signed by your own authority, name its file in option 'ca_file'"
                       : "if it is signed by your own authority, add that to this machine's";
      // libcurl has one code for all of these.
      if (detail.find("expired") != std::string_view::npos ||
          detail.find("not yet valid") != std::string_view::npos) {
        facts.hint = "ask who runs the system to renew it, and check this machine's clock";
      } else if (detail.find("subject name") != std::string_view::npos ||
                 detail.find("does not match") != std::string_view::npos) {
        facts.message =
            fmt::format("the certificate of '{}' is for another host: {}", host, detail);
        facts.hint = fmt::format("check the host in {}; it must be one that the certificate names",
                                 hints.address);
      }
      break;
    case CURLE_SSL_CONNECT_ERROR:
      facts.message = fmt::format("no secure connection to '{}': {}", host, detail);
      facts.hint = "check that the port speaks TLS";
      break;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      facts.message = fmt::format("the connection to '{}' was cut within an answer", shown);
      facts.hint = "try again; if it goes on, look at the proxies in between";
      break;
    case CURLE_BAD_CONTENT_ENCODING:
      facts.code = ErrorCode::invalid_data;
      facts.message = fmt::format("the answer of '{}' is compressed wrongly", shown);
      facts.hint = "try again; if it goes on, look at the proxies in between";
      break;
    default:
      facts.message = fmt::format("'{}' could not be asked: {}", shown,
                                  detail.empty() ? std::string_view{"no reason given"} : detail);
      facts.hint = fmt::format("check {} and the network", hints.address);
  }
  return Error{std::move(facts)};
}

}  // namespace mapctl::connectors::http
