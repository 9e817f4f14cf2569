// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"
#include "core/base/secret.hpp"
#include "core/ports/connector.hpp"
#include "core/ports/http_client.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace mapctl::ports {

// Knows the secrets that are in use with a system and hides them in texts that come from outside:
// systems repeat what they refuse. Safe to use from several threads.
class SecretMask {
 public:
  SecretMask() = default;
  explicit SecretMask(const Secret& secret) { add(secret.reveal()); }
  // Of a profile: auth: without what only names somebody, options called like secrets, passwords
  // in URLs.
  explicit SecretMask(const ConnectorOptions& options);

  // Hidden from now on, also as an URL carries it. One of fewer than four characters is not: it
  // may stand anywhere by chance.
  void add(std::string_view secret);
  // The password of an URL, if it has one.
  void add_url(std::string_view url);
  // One of many that come and go, as tokens do: only the latest of these are known.
  void add_passing(std::string_view secret);
  // What a request carries under a name that secrets have, each as add_passing().
  void add_sent(const HttpRequest& request);

  // With stars for each secret, and for each part of one that is too long to be there by chance:
  // texts are cut.
  std::string masked(std::string_view text) const;
  Error masked(const Error& error) const;

 private:
  void add_named(std::string_view name, std::string_view value);

  mutable std::mutex mutex_{};
  std::deque<Secret> given_{}, passing_{};
};

// What a system says, fit for a message: on one line, of at most `length` code points, and without
// the secrets of `mask`, which may be null.
std::string shown_text(std::string_view text, const SecretMask* mask, std::size_t length = 200);

// A client that notes in `mask` what it sends, hides it in its errors, and gives the mask to its
// answers.
std::shared_ptr<HttpClient> guarded(std::shared_ptr<HttpClient> client,
                                    std::shared_ptr<SecretMask> mask);

}  // namespace mapctl::ports
