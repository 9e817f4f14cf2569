// SPDX-License-Identifier: Apache-2.0
#include "core/ports/connector_options.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace mapctl::ports {

void fail_option(const ConnectorOptions& options, std::string_view name, std::string_view cause,
                 std::string hint) {
  throw Error{ErrorCode::configuration,
              fmt::format("profile '{}': option '{}' {}", options.profile, name, cause),
              std::move(hint)};
}

void check_options(const ConnectorOptions& options, const ConnectorInfo& info) {
  std::vector<std::string> names;
  for (const OptionSpec& spec : info.options) {
    names.push_back(spec.name);
  }
  const auto check = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw Error{ErrorCode::configuration,
                  fmt::format("profile '{}': unknown option '{}' for connector '{}'",
                              options.profile, name, info.name),
                  suggestion(name, names)};
    }
  };
  for (const auto& [name, value] : options.options) {
    check(name);
  }
  for (const auto& [name, value] : options.trees) {
    check(name);
  }
  for (const OptionSpec& spec : info.options) {
    if (spec.required && !options.options.contains(spec.name) &&
        !options.trees.contains(spec.name)) {
      throw Error{ErrorCode::configuration,
                  fmt::format("profile '{}': connector '{}' needs option '{}'", options.profile,
                              info.name, spec.name),
                  fmt::format("add it under options: it is {}", spec.description)};
    }
  }
}

std::string text_option(const ConnectorOptions& options, const std::string& name,
                        std::string fallback) {
  const auto found = options.options.find(name);
  return found == options.options.end() ? std::move(fallback) : found->second;
}

std::int64_t whole_option(const ConnectorOptions& options, const std::string& name,
                          std::int64_t fallback, std::int64_t least) {
  const std::string text = text_option(options, name);
  if (text.empty()) {
    return fallback;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least) {
    fail_option(options, name, fmt::format("is '{}'", text),
                fmt::format("give a whole number of at least {}", least));
  }
  return value;
}

bool flag_option(const ConnectorOptions& options, const std::string& name, bool fallback) {
  const std::string text = text_option(options, name);
  if (text.empty()) {
    return fallback;
  }
  if (text != "true" && text != "false") {
    fail_option(options, name, fmt::format("is '{}'", text), "write true or false");
  }
  return text == "true";
}

std::optional<std::uint64_t> bytes_option(const ConnectorOptions& options,
                                          const std::string& name) {
  const std::string text = text_option(options, name);
  if (text.empty()) {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string unit = to_lower(trim(std::string_view{end, text.data() + text.size()}));
  static constexpr std::pair<std::string_view, double> units[] = {
      {"", 1},          {"kb", 1e3},      {"mb", 1e6},     {"gb", 1e9},
      {"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}};
  for (const auto& [word, factor] : units) {
    if (error == std::errc{} && unit == word && value > 0 && value * factor < 1e15) {
      return static_cast<std::uint64_t>(value * factor);
    }
  }
  fail_option(options, name, fmt::format("is '{}'", text), "write it as 64MB or 1GiB");
}

std::vector<std::string> list_option(const ConnectorOptions& options, const std::string& name) {
  const std::string text = text_option(options, name);
  std::vector<std::string> items;
  for (const std::string_view item : split(text, ',')) {
    if (!trim(item).empty()) {
      items.emplace_back(trim(item));
    }
  }
  return items;
}

std::string choice_option(const ConnectorOptions& options, const std::string& name,
                          const std::vector<std::string>& choices) {
  std::string text = text_option(options, name, choices.front());
  if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
    fail_option(options, name, fmt::format("is '{}'", text), suggestion(text, choices));
  }
  return text;
}

const Secret& secret_of(const ConnectorOptions& options, const std::string& key) {
  static const Secret none;
  const auto found = options.secrets.find(key);
  return found == options.secrets.end() ? none : found->second;
}

HttpSettings http_settings(const ConnectorOptions& options) {
  const ConnectionLimits& limits = options.limits;
  HttpSettings made;
  made.name = options.profile;
  made.requests_per_second = limits.requests_per_second;
  if (limits.max_connections) {
    made.max_connections = static_cast<std::size_t>(*limits.max_connections);
  }
  made.timeout = limits.timeout.value_or(made.timeout);
  if (limits.attempts) {
    made.retry.attempts = static_cast<unsigned>(*limits.attempts);
  }
  made.retry.backoff = limits.backoff.value_or(made.retry.backoff);
  made.retry.max_backoff = limits.max_backoff.value_or(made.retry.max_backoff);
  made.retry.deadline = limits.deadline.value_or(made.retry.deadline);
  made.ca_file = text_option(options, "ca_file");
  for (const std::string& host : list_option(options, "allow_hosts")) {
    made.redirect_hosts.push_back(to_lower(host));
  }
  made.response_limit = bytes_option(options, "response_limit").value_or(made.response_limit);
  return made;
}

std::shared_ptr<HttpClient> open_http(const ConnectorOptions& options, std::string_view connector) {
  if (!options.http) {
    throw Error{ErrorCode::unsupported,
                fmt::format("connector '{}' needs an HTTP client", connector),
                "build mapctl with -D MAPCTL_WITH_HTTP=ON"};
  }
  return options.http().client(http_settings(options));
}

}  // namespace mapctl::ports
