// SPDX-License-Identifier: Apache-2.0
#include "core/ports/http_client.hpp"

#include "core/base/json_text.hpp"
#include "core/base/text.hpp"
#include "core/ports/secret_mask.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace mapctl::ports {
namespace {

constexpr std::array repeated_statuses{408, 425, 429, 500, 502, 503, 504};

struct UrlParts {
  std::string_view scheme{}, authority{}, path{}, query{};  // query with its '?'
};

// What stands before "://" in "/login?back=https://host/" is none.
bool is_scheme(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
  });
}

UrlParts split_url(std::string_view url) {
  UrlParts parts;
  url = url.substr(0, url.find('#'));
  if (const auto colon = url.find("://");
      colon != std::string_view::npos && is_scheme(url.substr(0, colon))) {
    parts.scheme = url.substr(0, colon);
    url.remove_prefix(colon + 3);
    parts.authority = url.substr(0, url.find_first_of("/?"));
    url.remove_prefix(parts.authority.size());
  }
  const auto question = url.find('?');
  parts.path = url.substr(0, question);
  parts.query = question == std::string_view::npos ? std::string_view{} : url.substr(question);
  return parts;
}

std::string_view without_user(std::string_view authority) {
  const auto at = authority.rfind('@');
  return at == std::string_view::npos ? authority : authority.substr(at + 1);
}

// RFC 3986, 5.2.4. `path` begins with a slash. Empty segments stay: a server may mean them.
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view part : split(path.substr(1), '/')) {
    if (part == ".." && !kept.empty()) {
      kept.pop_back();
    }
    if (part != "." && part != "..") {
      kept.push_back(part);
    }
  }
  if (path.ends_with("/.") || path.ends_with("/..")) {
    kept.emplace_back();
  }
  std::string result;
  for (const std::string_view part : kept) {
    result += fmt::format("/{}", part);
  }
  return result.empty() ? "/" : result;
}

bool is_page(const HttpResponse& response) {
  const std::string* type = response.header("content-type");
  const std::string start = to_lower(trim(std::string_view{response.body}.substr(0, 256)));
  return (type != nullptr && type->find("text/html") != std::string::npos) ||
         start.starts_with("<!doctype html") || start.starts_with("<html");
}

std::string without_secrets(const HttpResponse& response, std::string_view text) {
  return response.secrets ? response.secrets->masked(text) : std::string{text};
}

}  // namespace

const std::string* HttpResponse::header(std::string_view name) const noexcept {
  for (const HttpHeader& one : headers) {
    if (one.name == name) {
      return &one.value;
    }
  }
  return nullptr;
}

std::optional<TimePoint> server_time(const HttpResponse& response) {
  const std::string* date = response.header("date");
  return date == nullptr ? std::nullopt : parse_http_date(*date);
}

HttpVerdict judge_by_status(const HttpResponse& response) {
  HttpVerdict verdict;
  if (std::find(repeated_statuses.begin(), repeated_statuses.end(), response.status) !=
      repeated_statuses.end()) {
    verdict.action = HttpVerdict::Action::repeat;
    if (const std::string* after = response.header("retry-after")) {
      verdict.wait = parse_retry_after(
          *after, server_time(response).value_or(std::chrono::floor<std::chrono::milliseconds>(
                      std::chrono::system_clock::now())));
    }
  }
  return verdict;
}

Error status_error(const HttpResponse& response, std::string_view detail) {
  Error::Facts facts;
  facts.native_code = fmt::format("HTTP {}", response.status);
  const std::string url = without_secrets(response, shown_url(response.url));
  const std::string more =
      detail.empty() ? std::string{} : fmt::format(": {}", without_secrets(response, detail));
  switch (response.status) {
    case 401:
      facts.code = ErrorCode::denied;
      facts.message = fmt::format("'{}' does not accept the credentials (HTTP 401){}", url, more);
      facts.hint = "check the secrets under auth: and that they have not expired";
      break;
    case 403:
      facts.code = ErrorCode::denied;
      facts.message =
          fmt::format("'{}' is not allowed for these credentials (HTTP 403){}", url, more);
      facts.hint = "give the user or token the permission, or leave this table out";
      break;
    case 407:
      facts.code = ErrorCode::denied;
      facts.message = fmt::format("the proxy in front of '{}' wants credentials (HTTP 407)", url);
      facts.hint = "put them into the URL of HTTPS_PROXY or HTTP_PROXY";
      break;
    case 404:
    case 410:
      facts.code = ErrorCode::not_found;
      facts.message = fmt::format("'{}' does not exist (HTTP {}){}", url, response.status, more);
      facts.hint = fmt::format("check {} and the path behind it", response.address);
      break;
    case 429:
      facts.code = ErrorCode::unreachable;
      facts.retry = Retry::may_help;
      facts.message =
          fmt::format("'{}' still asks for fewer requests (HTTP 429) after {} {}{}", url,
                      response.attempts, response.attempts == 1 ? "attempt" : "attempts", more);
      facts.hint = "set limits: requests_per_second lower, or try again later";
      break;
    default:
      if (response.status >= 500 || response.status == 408 || response.status == 425) {
        facts.code = ErrorCode::unreachable;
        facts.retry = Retry::may_help;
        facts.message =
            fmt::format("'{}' failed (HTTP {}) in {} {}{}", url, response.status, response.attempts,
                        response.attempts == 1 ? "attempt" : "attempts", more);
        facts.hint = "the fault is the system's; try again later";
      } else {
        facts.code = ErrorCode::configuration;
        facts.message =
            fmt::format("'{}' refused the request (HTTP {}){}", url, response.status, more);
        facts.hint = "check path, parameters and headers of the stream";
      }
  }
  return Error{std::move(facts)};
}

Error not_json_error(const HttpResponse& response) {
  const std::string url = without_secrets(response, shown_url(response.url));
  if (is_page(response)) {
    return Error{ErrorCode::invalid_data,
                 fmt::format("'{}' answered with a web page (HTTP {}) instead of JSON", url,
                             response.status),
                 fmt::format("a proxy, a firewall or a login page answers for the system; check {} "
                             "and the proxy's settings",
                             response.address)};
  }
  if (is_nested_too_deeply(response.body)) {
    return Error{ErrorCode::invalid_data,
                 fmt::format("'{}' answered with JSON that is nested more than {} levels deep", url,
                             most_json_depth),
                 "look at the answer: no record of a real system is like this"};
  }
  return Error{ErrorCode::invalid_data,
               fmt::format("'{}' answered with something that is not JSON ({} bytes)", url,
                           response.body.size()),
               "check the path, or set the stream's 'format'"};
}

std::string shown_url(std::string_view url) {
  const UrlParts parts = split_url(url);
  return fmt::format("{}{}{}{}", parts.scheme, parts.scheme.empty() ? "" : "://",
                     without_user(parts.authority), parts.path);
}

std::string origin_of(std::string_view url) {
  const UrlParts parts = split_url(url);
  std::string scheme = to_lower(parts.scheme);
  std::string host = to_lower(without_user(parts.authority));
  if (host.empty()) {
    return {};
  }
  const std::string_view usual = scheme == "https" ? ":443" : ":80";
  if (host.ends_with(usual)) {
    host.resize(host.size() - usual.size());
  }
  return fmt::format("{}://{}", scheme, host);
}

std::string host_of(std::string_view url) {
  std::string host = to_lower(without_user(split_url(url).authority));
  const auto colon = host.rfind(':');
  if (colon != std::string::npos && host.find(']', colon) == std::string::npos) {
    host.resize(colon);
  }
  return host;
}

std::string resolve_url(std::string_view base, std::string_view reference) {
  const UrlParts from = split_url(base);
  const UrlParts to = split_url(reference);
  if (!to.scheme.empty()) {
    return std::string{reference.substr(0, reference.find('#'))};
  }
  if (reference.starts_with("//")) {
    return fmt::format("{}:{}", from.scheme, reference.substr(0, reference.find('#')));
  }
  if (to.path.empty()) {
    return fmt::format("{}://{}{}{}", from.scheme, from.authority, from.path,
                       to.query.empty() ? from.query : to.query);
  }
  std::string path{to.path};
  if (!path.starts_with('/')) {
    const auto slash = from.path.rfind('/');
    path = slash == std::string_view::npos ? "/" + path
                                           : std::string{from.path.substr(0, slash + 1)} + path;
  }
  return fmt::format("{}://{}{}{}", from.scheme, from.authority, without_dots(path), to.query);
}

std::string percent_encode(std::string_view text, std::string_view keep) {
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view{"-._~"}.find(c) != std::string_view::npos ||
                       keep.find(c) != std::string_view::npos;
    if (plain) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return result;
}

std::string with_query(std::string_view url,
                       const std::vector<std::pair<std::string, std::string>>& parameters) {
  url = url.substr(0, url.find('#'));
  const auto question = url.find('?');
  std::vector<std::string> kept;
  if (question != std::string_view::npos) {
    for (const std::string_view pair : split(url.substr(question + 1), '&')) {
      const std::string_view name = pair.substr(0, pair.find('='));
      const bool replaced =
          std::any_of(parameters.begin(), parameters.end(), [&](const auto& parameter) {
            return parameter.first == name || percent_encode(parameter.first) == name ||
                   percent_encode(parameter.first, "[]$") == name;
          });
      if (!pair.empty() && !replaced) {
        kept.emplace_back(pair);
      }
    }
  }
  for (const auto& [name, value] : parameters) {
    kept.push_back(percent_encode(name, "[]$") + "=" + percent_encode(value));
  }
  std::string result{url.substr(0, question)};
  if (!kept.empty()) {
    result += "?" + join(kept, "&");
  }
  return result;
}

std::string Link::attribute(std::string_view name) const {
  for (const auto& [key, value] : attributes) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

std::vector<Link> parse_links(std::string_view header) {
  std::vector<Link> links;
  while (true) {
    const auto open = header.find('<');
    const auto close = header.find('>', open == std::string_view::npos ? 0 : open);
    if (open == std::string_view::npos || close == std::string_view::npos) {
      return links;
    }
    Link link{std::string{header.substr(open + 1, close - open - 1)}, {}};
    header.remove_prefix(close + 1);
    header = trim(header);
    while (!header.empty() && header.front() != ',') {
      if (header.front() != ';') {
        return links;  // not a Link header
      }
      header = trim(header.substr(1));
      const auto end = header.find_first_of("=;,");
      std::string name = to_lower(trim(header.substr(0, end)));
      header.remove_prefix(std::min(end, header.size()));
      std::string value;
      if (header.starts_with('=')) {
        header.remove_prefix(1);
        if (header.starts_with('"')) {
          const auto quote = header.find('"', 1);
          value = header.substr(1, quote == std::string_view::npos ? quote : quote - 1);
          header.remove_prefix(quote == std::string_view::npos ? header.size() : quote + 1);
        } else {
          const auto stop = header.find_first_of(";,");
          value = trim(header.substr(0, stop));
          header.remove_prefix(std::min(stop, header.size()));
        }
      }
      if (!name.empty()) {
        link.attributes.emplace_back(std::move(name), std::move(value));
      }
      header = trim(header);
    }
    links.push_back(std::move(link));
  }
}

}  // namespace mapctl::ports
