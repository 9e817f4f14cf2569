// SPDX-License-Identifier: Apache-2.0
#include "core/base/secret.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace mapctl {
namespace {

void wipe(std::string& value) noexcept {
  // A moved-from short string keeps its bytes in the object, so the whole capacity is wiped.
  value.resize(value.capacity());
  if (!value.empty()) {
    explicit_bzero(value.data(), value.size());
  }
  value.clear();
}

}  // namespace

Secret::Secret(std::string value) noexcept : value_{std::move(value)} {
  wipe(value);
}

Secret::Secret(Secret&& other) noexcept : value_{std::move(other.value_)} {
  wipe(other.value_);
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(value_);
    value_.swap(other.value_);
    wipe(other.value_);
  }
  return *this;
}

Secret::~Secret() {
  wipe(value_);
}

bool is_secret_name(std::string_view name) {
  static constexpr std::string_view words[] = {
      "password",        "passwd",        "passphrase", "secret",    "token",  "apikey",
      "authkey",         "accesskey",     "privatekey", "sharedkey", "cookie", "signature",
      "subscriptionkey", "authorization", "credential", "assertion"};
  // Where a token comes from, what it is called, and places in a list of pages.
  static constexpr std::string_view others[] = {"pagetoken", "nexttoken", "continuationtoken",
                                                "synctoken", "tokens"};
  static constexpr std::string_view endings[] = {"url", "uri", "type", "field", "name", "method"};
  std::string plain;
  for (const char c : name) {
    if (c != '_' && c != '-' && c != '.' && c != ' ') {
      plain += to_lower(c);
    }
  }
  const auto holds = [&](std::string_view word) { return plain.find(word) != std::string::npos; };
  const auto ends = [&](std::string_view word) { return plain.ends_with(word); };
  return std::any_of(std::begin(words), std::end(words), holds) &&
         std::none_of(std::begin(others), std::end(others), holds) &&
         std::none_of(std::begin(endings), std::end(endings), ends);
}

bool names_somebody(std::string_view key) noexcept {
  static constexpr std::string_view keys[] = {"user", "username", "type", "method", "client_id"};
  return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
}

}  // namespace mapctl
