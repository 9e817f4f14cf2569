// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/resilience.hpp"
#include "core/ports/connector.hpp"
#include "core/ports/http_client.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// What factories of connectors read from ConnectorOptions alike. Each throws Error::configuration
// naming profile and option.
namespace mapctl::ports {

// Every option must be one of `info`, and those that it requires must be there.
void check_options(const ConnectorOptions& options, const ConnectorInfo& info);
// Whether the option is a path, given the values of all.
bool is_path(const ConnectorInfo& info, std::string_view option,
             const std::map<std::string, std::string>& options);
// Every key of auth: must be one of `known`.
void check_secrets(const ConnectorOptions& options, std::string_view connector,
                   const std::vector<std::string>& known);

std::string text_option(const ConnectorOptions& options, const std::string& name,
                        std::string fallback = {});
std::int64_t whole_option(const ConnectorOptions& options, const std::string& name,
                          std::int64_t fallback, std::int64_t least,
                          std::int64_t most = std::numeric_limits<std::int64_t>::max());
bool flag_option(const ConnectorOptions& options, const std::string& name, bool fallback);
// "64MB", "1GiB", or a number of bytes.
std::optional<std::uint64_t> bytes_option(const ConnectorOptions& options, const std::string& name);
std::vector<std::string> list_option(const ConnectorOptions& options, const std::string& name);
// The place of the option's value in `words`; nothing when it is not given.
std::optional<std::size_t> word_option(const ConnectorOptions& options, const std::string& name,
                                       const std::vector<std::string>& words);
// What the word means that the option has; `fallback` when it is not given.
template <class T>
T word_option(const ConnectorOptions& options, const std::string& name,
              std::type_identity_t<std::initializer_list<std::pair<const char*, T>>> meanings,
              T fallback) {
  std::vector<std::string> words;
  for (const auto& [word, meaning] : meanings) {
    words.emplace_back(word);
  }
  const auto place = word_option(options, name, words);
  return place ? (meanings.begin() + *place)->second : fallback;
}
// One character, or `tab`; nothing when it is not given.
std::optional<char> delimiter_option(const ConnectorOptions& options, const std::string& name);
[[noreturn]] void fail_option(const ConnectorOptions& options, std::string_view name,
                              std::string_view cause, std::string hint);

// The secret `auth.<key>`; empty when it is not given.
const Secret& secret_of(const ConnectorOptions& options, const std::string& key);

// From retry:; `attempts` and the rules' own defaults where it is silent.
RetryRules retry_rules(const ConnectionLimits& limits, unsigned attempts);

// From limits:, retry: and the options ca_file, allow_hosts and response_limit.
HttpSettings http_settings(const ConnectorOptions& options);
// Throws Error::unsupported where this build has no HTTP client. `address` names the options that
// say where the system is, for hints. Answers and errors know the secrets of the profile, of the
// requests, and those of `mask`, if there is one.
std::shared_ptr<HttpClient> open_http(const ConnectorOptions& options, std::string_view connector,
                                      std::string_view address,
                                      std::shared_ptr<SecretMask> mask = nullptr);

// Factory of connectors that are made of their options alone.
template <class Made>
class FactoryOf final : public ConnectorFactory {
 public:
  explicit FactoryOf(ConnectorInfo (*describe)()) noexcept : describe_{describe} {}
  ConnectorInfo info() const override { return describe_(); }
  std::unique_ptr<Connector> open(const ConnectorOptions& options, std::stop_token) const override {
    return std::make_unique<Made>(options);
  }

 private:
  ConnectorInfo (*describe_)();
};

}  // namespace mapctl::ports
