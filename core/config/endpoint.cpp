// SPDX-License-Identifier: Apache-2.0
#include "core/config/endpoint.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/config/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace mapctl::config {
namespace {

struct Scheme {
  std::string_view name;
  std::string_view connector;
  bool is_server = false;  // what follows is //USER@HOST/NAME?PARAMETERS
};

constexpr std::array schemes{
    Scheme{"file", "file"},
    Scheme{"sqlite", "sqlite"},
    Scheme{"dictionary", "dictionary"},
    Scheme{"canonical", "dictionary"},
    Scheme{"postgresql", "postgres", true},
    Scheme{"postgres", "postgres", true},
    Scheme{"redshift", "postgres", true},
};

// Connectors whose systems take more than a location to reach.
constexpr std::array by_profile_only{std::string_view{"odbc"}, std::string_view{"couchdb"},
                                     std::string_view{"mongodb"}, std::string_view{"salesforce"},
                                     std::string_view{"rest"}};

bool is_profile_name(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(),
                     [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
                              static_cast<unsigned char>(c) >= 0x80;
                     }) &&
         text.front() != '.' && text.front() != '-';
}

std::vector<std::string> scheme_names() {
  std::vector<std::string> names;
  for (const Scheme& scheme : schemes) {
    names.emplace_back(scheme.name);
  }
  return names;
}

void read_url(Endpoint& endpoint, const std::string& scheme, std::string_view rest) {
  if (!rest.starts_with("//")) {
    throw Error{ErrorCode::usage, fmt::format("endpoint '{}:...' is no URL", scheme),
                fmt::format("write {}://USER@HOST:PORT/DATABASE", scheme)};
  }
  endpoint.url = Secret{fmt::format("{}:{}", scheme, rest)};
  endpoint.text = without_password(endpoint.url.reveal());
}

}  // namespace

Endpoint parse_endpoint(std::string_view text) {
  Endpoint endpoint;
  endpoint.text = text;
  if (text.empty()) {
    throw Error{ErrorCode::usage, "an endpoint is empty",
                "give a profile's name, 'canonical', or a location such as file:DIR"};
  }
  if (text == "canonical") {
    endpoint.kind = Endpoint::Kind::canonical;
    endpoint.connector = "dictionary";
    return endpoint;
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    if (!is_profile_name(text)) {
      throw Error{ErrorCode::usage, fmt::format("endpoint '{}' is not a profile's name", text),
                  fmt::format("for a file or folder write 'file:{}'", text)};
    }
    return endpoint;
  }
  const std::string scheme = to_lower(text.substr(0, colon));
  const auto known = std::find_if(schemes.begin(), schemes.end(),
                                  [&](const Scheme& other) { return other.name == scheme; });
  if (known != schemes.end()) {
    endpoint.kind = Endpoint::Kind::location;
    endpoint.scheme = scheme;
    endpoint.connector = known->connector;
    if (known->is_server) {
      read_url(endpoint, scheme, text.substr(colon + 1));
      return endpoint;
    }
    endpoint.location = text.substr(colon + 1);
    if (endpoint.location.empty()) {
      throw Error{ErrorCode::usage, fmt::format("endpoint '{}' has no path", text),
                  fmt::format("write {}:PATH", known->name)};
    }
    return endpoint;
  }
  // What follows the colon may hold a password, so it is not repeated.
  if (std::find(by_profile_only.begin(), by_profile_only.end(), scheme) != by_profile_only.end()) {
    throw Error{ErrorCode::usage,
                fmt::format("endpoint '{}:...' cannot be written in one line", scheme),
                fmt::format("write a profile with 'connector: {}' and name that", scheme)};
  }
  const std::vector<std::string> names = scheme_names();
  throw Error{ErrorCode::usage, fmt::format("endpoint '{}:...' is of an unknown kind", scheme),
              suggestion(scheme, names)};
}

}  // namespace mapctl::config
