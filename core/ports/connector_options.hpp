// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/connector.hpp"
#include "core/ports/http_client.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What factories of connectors read from ConnectorOptions alike. Each throws Error::configuration
// naming profile and option.
namespace mapctl::ports {

// Every option must be one of `info`, and those that it requires must be there.
void check_options(const ConnectorOptions& options, const ConnectorInfo& info);

std::string text_option(const ConnectorOptions& options, const std::string& name,
                        std::string fallback = {});
std::int64_t whole_option(const ConnectorOptions& options, const std::string& name,
                          std::int64_t fallback, std::int64_t least);
bool flag_option(const ConnectorOptions& options, const std::string& name, bool fallback);
// "64MB", "1GiB", or a number of bytes.
std::optional<std::uint64_t> bytes_option(const ConnectorOptions& options, const std::string& name);
std::vector<std::string> list_option(const ConnectorOptions& options, const std::string& name);
// One of `choices`, of which the first is the default.
std::string choice_option(const ConnectorOptions& options, const std::string& name,
                          const std::vector<std::string>& choices);
[[noreturn]] void fail_option(const ConnectorOptions& options, std::string_view name,
                              std::string_view cause, std::string hint);

// The secret `auth.<key>`; empty when it is not given.
const Secret& secret_of(const ConnectorOptions& options, const std::string& key);

// From limits:, retry: and the options ca_file, allow_hosts and response_limit.
HttpSettings http_settings(const ConnectorOptions& options);
// Throws Error::unsupported where this build has no HTTP client.
std::shared_ptr<HttpClient> open_http(const ConnectorOptions& options, std::string_view connector);

}  // namespace mapctl::ports
